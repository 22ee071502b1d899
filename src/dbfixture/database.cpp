// SPDX-License-Identifier: MIT
#include "base/cat.h"
#include "base/open_files.h"
#include "base/text.h"
#include "dbfixture/access.h"
#include "dbfixture/failures.h"
#include "ops/guard.h"
#include "state/layers.h"
#include "state/restore.h"
#include "state/snapshot.h"
#include "state/temp_folder.h"

namespace dbfixture {
namespace {

constexpr auto kTool = "dbfixture " DBFIXTURE_VERSION;

}  // namespace

// Found by its URL.
struct Database::Located : AnyDatabase::Access {
    Located(const std::string& url, const DatabaseOptions& given) : Access(given), location(locate(DatabaseUrl(url))) {
        if (!location.file.empty() || !identify(location).id.empty()) return;
        throw Error(ErrorKind::kUsage, "a database in memory is gone when its connection ends")
            .with_hint("open it, and give the connection to SqliteDatabase");
    }

    std::unique_ptr<Connection> open(OpenMode mode) override {
        if (mode == OpenMode::kReadWrite) respect_runs(request(), Use::kWrite);
        return open_database(location, OpenOptions{mode, options.busy_timeout_ms, bookkeeping(), config.schemas});
    }

    void guard(std::string_view action) override {
        const DatabaseOpinion opinion = opinion_of(location, options.busy_timeout_ms);
        GuardRequest asked;
        asked.action = action;
        asked.database = identify(location);
        asked.loss = [] { return std::string("rows"); };
        asked.disposable = config.rules.disposable.value_or(false);
        asked.is_protected = config.rules.is_protected;
        asked.is_throwaway = [&] { return opinion.throwaway || read_temp_mark(asked.database).has_value(); };
        asked.says_disposable = opinion.disposable;
        asked.valuable = opinion.valuable;
        if (!options.confirm.empty()) asked.confirm = options.confirm;
        try {
            require_unprotected(asked);
        } catch (Error& error) {
            error.hint = cat("if you mean it: DatabaseOptions::confirm = ", quote(confirmation_name(asked), 200));
            throw;
        }
    }

    std::vector<std::string> files() const override { return files_of(location); }

    StateRequest request() const {
        StateRequest out;
        out.database = location;
        out.store = options.store.empty() ? config.store.value_or("") : options.store;
        while (out.store.size() > 1 && out.store.ends_with('/'))
            out.store.pop_back();
        out.busy_timeout_ms = options.busy_timeout_ms;
        return out;
    }

    // A restore works on the file below the engine's own locks, which a second connection of the process would share.
    void require_closed() const {
        for (const std::string& file : files_of(location)) {
            if (descriptors_of(file).empty()) continue;
            throw Error(ErrorKind::kRefused,
                        cat("the database ", quote(location.shown, 200), " is open in this process"))
                .with_hint("close its connections first");
        }
    }

    Location location;
};

Database::Database(const std::string& url, const DatabaseOptions& options)
    : AnyDatabase(with_failures([&]() -> std::unique_ptr<Access> { return std::make_unique<Located>(url, options); })) {
}

SnapshotResult Database::snapshot(const std::string& name, bool force) {
    return with_failures([&] {
        const StateRequest request = static_cast<Located&>(access()).request();
        SnapshotResult result;
        const std::string warning = respect_runs(request, Use::kSave);
        if (!warning.empty()) result.warnings.push_back(warning);
        SnapshotOptions options;
        options.name = name;
        options.force = force;
        options.tool = kTool;
        const SnapshotReport report = take_snapshot(request, options);
        result.replaced = report.replaced;
        result.warnings.insert(result.warnings.end(), report.warnings.begin(), report.warnings.end());
        return result;
    });
}

RestoreResult Database::restore(const std::string& name, const RestoreSettings& settings) {
    return with_failures([&] {
        auto& located = static_cast<Located&>(access());
        StateRequest request = located.request();
        request.drop_triggers = settings.drop_triggers;
        RestoreOptions options;
        options.name = name;
        options.force = settings.force;
        options.keep = settings.keep;
        std::optional<ChosenSnapshot> chosen = choose_snapshot(request, options);
        if (chosen->states->exists()) located.guard("restore");
        RestoreResult result;
        if (has_layers(request)) {
            chosen.reset();  // and with it the lock of the store
            clear_the_way(request, settings.force, kTool, result.warnings);
            chosen = choose_snapshot(request, options);
        }
        located.require_closed();
        const RestoreReport report = restore_snapshot(*chosen, options);
        chosen.reset();
        forget_layers(request, result.warnings);
        result.warnings.insert(result.warnings.end(), report.warnings.begin(), report.warnings.end());
        result.changed =
            report.created || report.state.way == RestoreWay::kDifferent || report.state.way == RestoreWay::kWhole;
        return result;
    });
}

}  // namespace dbfixture
