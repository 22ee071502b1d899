// SPDX-License-Identifier: MIT
#include "db/mariadb/saved_counters.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <span>
#include <thread>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/saved_layout.h"
#include "db/mariadb/saved_place.h"
#include "db/mariadb/saved_write.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::chrono::milliseconds kMoment{10};

struct Put {
    std::uint64_t set = 0;
    std::vector<std::string> left{};
};

// False: others have it open. Without waiting: whoever only looks what tables there are has it open for a moment.
bool set_number(Session& session, const SavedTable& table, bool waits) {
    constexpr int kTries = 5;
    for (int tries = waits ? 1 : kTries; tries > 0; --tries) {
        try {
            session.run(cat(waits ? "" : "SET STATEMENT lock_wait_timeout = 0 FOR ", "ALTER TABLE ",
                            quote_identifier(session.server().database, table.name),
                            " AUTO_INCREMENT = ", *table.next_number));
            return true;
        } catch (const ServerError& error) {
            if (error.kind != ErrorKind::kBusy) throw;
        }
        if (tries > 1) std::this_thread::sleep_for(kMoment);
    }
    return false;
}

// Counters by several sessions at once: the server writes to its disk many times for each, one behind the other, and
// goes on with another meanwhile.
class AtOnce {
  public:
    explicit AtOnce(std::span<const SavedTable* const> tables) : tables_(tables) {}

    // Returns those that others have open.
    std::vector<const SavedTable*> run(Session& session) {
        constexpr std::size_t kMostSessions = 4, kForEach = 3;  // tables, or a session is not worth its while
        {
            std::vector<std::jthread> others;
            for (std::size_t number = 1; number < std::min(kMostSessions, tables_.size() / kForEach); ++number)
                others.emplace_back([&] { help(session); });
            work(session);
        }
        if (failure_) std::rethrow_exception(failure_);
        std::ranges::sort(left_, {}, &SavedTable::name);
        return std::move(left_);
    }

  private:
    void help(const Session& beside) {
        try {
            Session own(beside.location(), beside.options());
            if (own.server().node != beside.server().node) return;
            work(own);
        } catch (const std::exception&) {
            // Others do it all.
        }
    }
    void work(Session& session) noexcept {
        for (std::size_t at = next_++; at < tables_.size(); at = next_++) {
            try {
                if (set_number(session, *tables_[at], false)) continue;
                const std::scoped_lock lock(mutex_);
                left_.push_back(tables_[at]);
            } catch (const std::exception&) {
                const std::scoped_lock lock(mutex_);
                if (!failure_) failure_ = std::current_exception();
                next_ = tables_.size();
            }
        }
    }

    std::span<const SavedTable* const> tables_;
    std::atomic<std::size_t> next_{0};
    std::mutex mutex_{};
    std::vector<const SavedTable*> left_{};
    std::exception_ptr failure_{};
};

Put put(Session& session, const SavedManifest& manifest, bool waits) {
    std::vector<const SavedTable*> tables;
    const auto now = next_numbers(session);
    for (const SavedTable& table : manifest.tables) {
        const auto found = now.find(table.name);
        if (table.next_number && found != now.end() && found->second != *table.next_number) tables.push_back(&table);
    }
    Put out;
    out.set = tables.size();
    for (const SavedTable* const table : AtOnce(tables).run(session)) {
        if (waits && set_number(session, *table, true)) continue;
        waits = false;
        --out.set;
        out.left.push_back(table->name);
    }
    if (out.left.empty()) session.run(cat("DELETE FROM ", saved_part(manifest.object, "counters")));
    return out;
}

// Of a state's database, the numbers alone.
SavedManifest numbers_in(Session& session, const std::string& object) {
    SavedManifest out{object, "", {}, {}};
    const Result found = session.run(
        cat("SELECT name, next_number FROM ", saved_part(object, "tables"), " WHERE next_number IS NOT NULL"));
    for (int row = 0; row < found.rows(); ++row) {
        SavedTable& table = out.tables.emplace_back();
        table.name = found.string(row, 0);
        table.next_number = static_cast<std::uint64_t>(found.integer(row, 1));
    }
    return out;
}

}  // namespace

bool counters_differ(Session& session, const SavedManifest& manifest) {
    const auto now = next_numbers(session);
    return std::ranges::any_of(manifest.tables, [&](const SavedTable& table) {
        const auto found = now.find(table.name);
        return table.next_number && found != now.end() && found->second != *table.next_number;
    });
}

void expect_counters(Session& session, const std::string& object) {
    if (!session.number(cat("SELECT 1 FROM ", saved_part(object, "counters"), " LOCK IN SHARE MODE")))
        session.run(cat("INSERT INTO ", saved_part(object, "counters"), " VALUES (1)"));
}

std::vector<std::string> put_counters_back(Session& session, const SavedManifest& manifest) {
    return put(session, manifest, true).left;
}

std::set<std::string> find_expected(SavedSession& saved, const std::set<std::string>& objects) {
    Session& session = saved.free();
    std::set<std::string> out;
    for (const std::string& object : objects) {
        try {
            if (!session.number(cat("SELECT 1 FROM ", saved_part(object, "counters")))) continue;
            // What the state is of may be another database of a store that several share.
            const Result of = session.run(cat("SELECT name FROM ", saved_part(object, "state")));
            if (of.rows() == 1 && of.text(0, 0) == saved.database() && is_ours(session, object)) out.insert(object);
        } catch (const ServerError&) {
            // A state that is being made, or is gone: its next restore says so.
        }
    }
    return out;
}

void forget_expected(Session& session, const std::set<std::string>& objects) {
    for (const std::string& object : objects)
        session.run(cat("DELETE FROM ", saved_part(object, "counters")));
}

void finish_counters(SavedSession& saved, const std::set<std::string>& objects, std::vector<std::string>& said) {
    for (const std::string& object : find_expected(saved, objects)) {
        Session& session = saved.free();
        const Put done = put(session, numbers_in(session, object), false);
        if (done.set > 0) {
            said.push_back(
                cat("put back the next number of ", plural(done.set, "table"), ", which an earlier restore had left"));
        }
    }
}

}  // namespace dbfixture::mariadb
