// SPDX-License-Identifier: MIT
// States of MariaDB: those of kind "copy" (saved_copy.h).
#include <unistd.h>

#include <exception>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/connection.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/location.h"
#include "db/mariadb/saved_copy.h"
#include "db/mariadb/saved_counters.h"
#include "db/mariadb/saved_place.h"
#include "db/mariadb/triggers_away.h"

namespace dbfixture::mariadb {
namespace {

class MariaDbStates final : public States {
  public:
    MariaDbStates(const Location& location, int busy_timeout_ms)
        : identity_(mariadb::identify(location)), saved_(location, busy_timeout_ms) {}

    const DatabaseIdentity& identity() const override { return identity_; }
    bool exists() const override { return saved_.exists(); }
    bool has_content() const override {
        if (!exists()) return false;
        Session& session = saved_.get();
        return session
            .number(cat("SELECT 1 FROM information_schema.tables WHERE ", of_this_database(session, "table_schema"),
                        " LIMIT 1"))
            .has_value();
    }
    std::optional<unsigned> mode() const override { return std::nullopt; }

    void drop_triggers() override { drops_triggers_ = true; }

    StateSaveReport save(StateKind, const std::string& place) override {
        require_database();
        return with_notes(save_copy(saved_, place));
    }
    StateSaveReport save_difference(const SavedState& below, const std::string&, const std::string& place) override {
        require_database();
        return with_notes(save_copy_difference(saved_, below, place));
    }
    StateRestoreReport restore(const SavedState& state, const std::string&) override {
        require_database();
        return with_notes(restore_copy(saved_, state, drops_triggers_));
    }
    StateRestoreReport rebuild(const SavedState& state, const std::string&) override {
        require_database();
        return rebuild_copy(saved_, state);
    }
    void verify(const SavedState& state) override { verify_copy(saved_, state); }
    std::unique_ptr<Connection> open(const SavedState& state) override { return open_copy(saved_, state); }
    SavedState derive(const std::string& place, const std::function<void(Connection&)>& change) override {
        require_database();
        return derive_copy(saved_, place, change);
    }
    SavedState merge(const SavedState& state, const std::vector<std::string>& keep, const std::string& place) override {
        return merge_copy(saved_, state, keep, place);
    }

    // The server's part first: without its reference nobody but sweep() would find it.
    void discard(const std::string& place) noexcept override {
        try {
            if (::access(place.c_str(), F_OK) != 0) return;
            bool dropped = true;
            try {
                const SavedReference reference = read_saved_reference(place);
                const bool is_here = saved_.exists() && reference.system == saved_.system();
                if (is_here) dropped = drop_own(saved_, reference.object);
            } catch (const Error& error) {
                if (error.kind != ErrorKind::kInput) return;  // the server does not answer: it stays
            }
            if (dropped) ::unlink(place.c_str());
        } catch (const std::exception&) {  // it stays
        }
    }

    std::vector<std::string> sweep(const std::string& store) noexcept override {
        std::vector<std::string> said;
        try {
            const std::set<std::string> named = objects_named_in(store);
            if (!saved_.exists()) return said;
            sweep_own(saved_, store, named, said);
            finish_counters(saved_, named, said);
            mend();
            said.insert(said.end(), notes_.begin(), notes_.end());
            notes_.clear();
        } catch (const std::exception&) {  // it stays
        }
        return said;
    }

    // The server keeps nothing of a database beside its schema, rows and counters that a client sees.
    StateFacts facts() override { return {}; }
    StateFacts facts(const SavedState& state) override {
        read_saved_reference(state.place);
        return {};
    }

    // What a load does not put back.
    std::vector<Obstacle> obstacles() override {
        Session& session = saved_.get();
        if (!session.server().is_mariadb) return {};
        const Result found = session.run(cat("SELECT table_name FROM information_schema.tables WHERE ",
                                             of_this_database(session, "table_schema"),
                                             " AND table_type = 'SEQUENCE' ORDER BY table_name"));
        std::vector<Obstacle> out;
        for (int row = 0; row < found.rows(); ++row)
            out.push_back({found.string(row, 0), "It is a sequence of its own, and records hold only those of columns.",
                           "sequence"});
        return out;
    }
    std::vector<Obstacle> obstacles(const SavedState&) override { return obstacles(); }

  private:
    void require_database() {
        if (saved_.exists()) return mend();
        throw Error(ErrorKind::kNotFound, cat("database ", quote(identity_.shown, 200), " does not exist"));
    }
    // A state without the triggers that a killed run has dropped would be none.
    void mend() {
        for (std::string& note : put_back_left(saved_.free()))
            notes_.push_back(std::move(note));
    }
    template <typename Report>
    Report with_notes(Report report) {
        report.warnings.insert(report.warnings.begin(), notes_.begin(), notes_.end());
        notes_.clear();
        return report;
    }

    DatabaseIdentity identity_;
    mutable SavedSession saved_;
    std::vector<std::string> notes_;  // what was put right, and is not said yet
    bool drops_triggers_ = false;
};

}  // namespace

std::unique_ptr<States> open_mariadb_states(const Location& location, int busy_timeout_ms) {
    return std::make_unique<MariaDbStates>(location, busy_timeout_ms);
}

}  // namespace dbfixture::mariadb
