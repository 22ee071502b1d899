// SPDX-License-Identifier: MIT
#include "ops/check.h"

#include <algorithm>
#include <functional>
#include <span>
#include <tuple>

#include "base/cat.h"
#include "base/number_set.h"
#include "base/text.h"
#include "layout/binder.h"
#include "layout/layout.h"
#include "layout/row_batch.h"
#include "model/plain.h"

namespace dbfixture {
namespace {

class ProblemList {
  public:
    ProblemList(CheckReport& report, const CheckRequest& request) : report_(report), request_(request) {}

    void add(const Error& problem) {
        ++report_.problem_count;
        report_.problems.push_back(problem);
        // Problems of the database come last but belong among the others: keep some more than are shown.
        if (report_.problems.size() >= 10 * request_.most_problems + 1000) cut();
    }
    void cut() {
        std::stable_sort(report_.problems.begin(), report_.problems.end(), [this](const Error& a, const Error& b) {
            const auto place = [this](const Error& error) {
                const auto file =
                    std::find_if(request_.fixtures.begin(), request_.fixtures.end(),
                                 [&](const FixtureInput& input) { return input.name == error.where.file; });
                return std::tuple(file, error.where.record, error.where.line);
            };
            return place(a) < place(b);
        });
        if (report_.problems.size() > request_.most_problems) {
            report_.problems.erase(report_.problems.begin() + static_cast<std::ptrdiff_t>(request_.most_problems),
                                   report_.problems.end());
        }
    }

  private:
    CheckReport& report_;
    const CheckRequest& request_;
};

// Sees every record; binds and writes it when there is a database.
class Checker final : public RecordSink {
  public:
    Checker(ProblemList& problems, const CheckRequest& request, CheckReport& report)
        : problems_(problems), request_(request), report_(report) {}

    void use(Binder& binder, Settler& settler) {
        binder_ = &binder;
        settler_ = &settler;
    }

    void take(const Record& record) override {
        ++report_.records;
        if (binder_ == nullptr) return note_key(record);
        binder_->bind(record, batch_);
        if (batch_.is_full()) write();
    }

    void note_bad(const Error& error, const Record& record) {
        ++report_.records;
        problems_.add(error);
        if (binder_ != nullptr) binder_->note_bad(record);
    }

    void write() {
        if (settler_ != nullptr) settler_->write(batch_);
        batch_.clear();
    }

  private:
    // Without a database, which knows better. Hashes, not keys: two that differ are the same once in 10^19 pairs.
    void note_key(const Record& record) {
        if (!record.has_key || record.key.is_null()) return;
        std::string identity = to_lower(record.model);
        std::replace(identity.begin(), identity.end(), '.', '_');
        add_key(identity, record.key);
        if (seen_.insert(std::hash<std::string>()(identity))) return;
        Error problem(ErrorKind::kInput, "another record has the same key, and the last one would win");
        const std::string& file = request_.fixtures[record.origin.file].name;
        problem.at({file,
                    record.origin.line,
                    record.origin.record,
                    std::string(record.model),
                    cat("pk=", describe(record.key)),
                    {}});
        problems_.add(problem);
    }

    // A plain scalar is the number that it spells, whichever format spells it.
    static void add_key(std::string& identity, const Value& key) {
        if (key.kind() == ValueKind::kList) {
            for (std::size_t i = 0; i < key.item_count(); ++i)
                add_key(identity, key.items()[i]);
            return;
        }
        const Value value = key.kind() == ValueKind::kPlain ? resolve_plain_core(key.as_text()) : key;
        const bool text = value.has_text() && value.kind() != ValueKind::kNumber;
        const std::string spelled = value.has_text() ? std::string(value.as_text()) : describe(value);
        append(identity, cat(text ? "\nt" : "\nn", spelled.size(), ":", spelled));
    }

    ProblemList& problems_;
    const CheckRequest& request_;
    CheckReport& report_;
    Binder* binder_ = nullptr;
    Settler* settler_ = nullptr;
    RowBatch batch_;
    NumberSet seen_;
};

void read_all(const CheckRequest& request, Checker& checker, ProblemList& problems) {
    for (std::size_t i = 0; i < request.fixtures.size(); ++i) {
        const FixtureInput& input = request.fixtures[i];
        try {
            const auto source = input.open();
            input.format->read(*source, checker,
                               {input.name, static_cast<std::uint32_t>(i),
                                [&](const Error& error, const Record& record) { checker.note_bad(error, record); }});
        } catch (Error& error) {
            // What cannot be parsed ends its fixture, not the check.
            if (error.kind != ErrorKind::kInput) throw;
            if (error.where.file.empty()) error.where.file = input.name;
            problems.add(error);
        }
    }
    checker.write();
}

}  // namespace

CheckReport check_fixtures(Connection* connection, const CheckRequest& request) {
    CheckReport report;
    ProblemList problems(report, request);
    Checker checker(problems, request, report);
    if (connection == nullptr) {
        read_all(request, checker, problems);
    } else {
        std::vector<std::string> files;
        for (const FixtureInput& input : request.fixtures)
            files.push_back(input.name);
        const auto note = [&](const Error& problem) { problems.add(problem); };
        const auto scratch = connection->scratch_copy();
        std::unique_ptr<Layout> layout;  // known once the transaction has begun
        const auto reword = [&](Error& error) {
            if (layout) layout->reword(*scratch, error);
        };
        const auto session = scratch->begin_load({.files = files, .on_problem = note, .reword = reword});
        layout = open_layout(*scratch, request.layouts);
        BindOptions options;
        options.apps = layout->apps(request.apps);
        options.files = files;
        options.on_problem = note;
        for (const FixtureInput& input : request.fixtures)
            options.text_only.push_back(input.format->text_only);
        options.on_bad_record = [&](std::size_t table, std::span<const Value> key) {
            session->note_bad_record(table, key);
        };
        options.on_bad_row = [&](const BoundRow& row) { session->note_references(row); };
        Binder binder(scratch->schema(), *layout, options);
        const auto settler = layout->make_settler(*scratch, *session, {files, note});
        checker.use(binder, *settler);
        read_all(request, checker, problems);
        settler->finish();
        report.warnings = session->finish().warnings;
        report.notes = layout->notes();
        for (std::string& warning : binder.warnings())
            report.warnings.push_back(std::move(warning));
    }
    problems.cut();
    return report;
}

}  // namespace dbfixture
