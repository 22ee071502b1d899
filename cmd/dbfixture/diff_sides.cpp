// SPDX-License-Identifier: MIT
// What a side is, in this order: "snapshot:NAME"; the URL of a database; an alias of the config; a file that begins as
// databases do; else fixtures, found as loaddata finds them.
#include "diff_sides.h"

#include <sys/stat.h>

#include <cstdlib>

#include "base/cat.h"
#include "base/text.h"
#include "db/open.h"
#include "state.h"
#include "state/restore.h"

namespace dbfixture {
namespace {

constexpr std::string_view kSnapshot = "snapshot:";

bool is_empty_file(const std::string& path) {
    struct stat facts = {};
    return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size == 0;
}

}  // namespace

void use_config(DiffOptions& options, Session& session) {
    options.apps = session.config().apps;
    options.layouts = session.config().layouts;
    options.bookkeeping = layout_bookkeeping();
    const std::vector<std::string>& more = session.config().bookkeeping;
    options.bookkeeping.insert(options.bookkeeping.end(), more.begin(), more.end());
}

bool DiffSides::is_fixture(const std::string& text) {
    if (text.empty() || text.starts_with(kSnapshot) || is_database_url(text)) return false;
    if (session_.config().databases.contains(text)) return false;
    // A file without a byte is an empty database, if it is called as databases are.
    if (has_database_ending(text) && is_empty_file(text)) return false;
    return describe_database_file(text) != "a database";
}

DiffSide DiffSides::fixture(const std::string& text) {
    DiffSide side;
    side.is_fixture = true;
    side.name = text;
    try {
        side.fixtures = find_inputs({text}, input_, session_);
    } catch (Error& error) {
        if (error.kind == ErrorKind::kNotFound && error.hint.empty())
            error.hint = "a side is a fixture, a database (its file, URL or alias) or snapshot:NAME";
        throw;
    }
    return side;
}

void DiffSides::with_snapshot_named(const std::string& text, const UseSide& use) {
    RestoreOptions options;
    options.name = text.substr(kSnapshot.size());
    options.force = true;  // nothing is written: a snapshot of another database may be looked at
    const ChosenSnapshot chosen = choose_snapshot(state_request(session_, store_), options);
    with_snapshot(chosen, [&](Connection& connection) {
        DiffSide side;
        side.connection = &connection;
        side.name = text;
        use(side);
    });
}

void DiffSides::with_database(const std::string& text, const UseSide& use) {
    DiffSide side;
    std::unique_ptr<Connection> connection;
    if (text.empty()) {
        session_.respect_runs(Use::kRead);
        connection = session_.open(OpenMode::kReadOnly);
        side.name = session_.location().shown;
    } else {
        const Location location = locate(session_.database_named(text));
        connection = session_.open(location, OpenMode::kReadOnly);
        side.name = location.shown;
    }
    side.connection = connection.get();
    use(side);
}

void DiffSides::with(const std::string& text, const UseSide& use) {
    if (text.starts_with(kSnapshot)) return with_snapshot_named(text, use);
    with_database(text, use);
}

void DiffSides::open(const std::string& a, const std::string& b,
                     const std::function<void(const DiffSide& a, const DiffSide& b)>& use) {
    const bool fixture_a = is_fixture(a), fixture_b = is_fixture(b);
    if (a == "-" && b == "-") throw Error(ErrorKind::kUsage, "standard input can be read only once");
    if (!fixture_a && !fixture_b) {
        with(a, [&](DiffSide& side_a) { with(b, [&](DiffSide& side_b) { use(side_a, side_b); }); });
        return;
    }
    DiffSide side_a, side_b;
    if (fixture_a) side_a = fixture(a);
    if (fixture_b) side_b = fixture(b);
    if (fixture_a && fixture_b && !session_.names_database()) {
        throw Error(ErrorKind::kUsage, "two fixtures are compared as a database would hold them, and none is named")
            .with_hint("name the database whose tables they are for with -d");
    }
    // The database of the other side, or the one that says what the columns of both are.
    with(fixture_a && fixture_b ? ""
         : fixture_a            ? b
                                : a,
         [&](DiffSide& database) {
             side_a.connection = side_b.connection = database.connection;
             use(fixture_a ? side_a : database, fixture_b ? side_b : database);
         });
}

}  // namespace dbfixture
