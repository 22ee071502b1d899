// SPDX-License-Identifier: MIT
// The database made anew of a template, so that there is always one of its name that is whole:
//
//  1. A copy of the template is made under another name, with the owner, the rights and the limit of the database that
//     it is to replace, and the settings that were saved.
//  2. In one transaction that one is renamed away and marked as ours, and the new one is given its name and comment.
//  3. The old one is dropped.
//
// Who is killed on the way leaves a database with our mark that no reference names, which States::sweep drops, or one
// without a mark and a note of it. Nobody may be connected in step 2; sessions are ended for it where that is asked for
// (States::end_sessions). What the server keeps in the old database and the template
// does not have would be lost with it: states of kind "copy" that were saved later; that is refused.
#include <unistd.h>

#include "base/cat.h"
#include "base/error.h"
#include "base/posix_file.h"
#include "base/text.h"
#include "db/postgres/clone_create.h"
#include "db/postgres/clone_server.h"
#include "db/postgres/clone_state.h"
#include "db/postgres/clone_template.h"
#include "db/postgres/sql_text.h"
#include "db/postgres/transaction.h"
#include "db/saved_mark.h"
#include "db/saved_reference.h"
#include "db/unfinished_copy.h"

namespace dbfixture::postgres {
namespace {

std::set<std::string> own_schemas(Session& session) {
    const Result found = session.run(
        "SELECT n.nspname FROM pg_namespace n WHERE n.nspname ~ '^dbfixture_' AND "
        "starts_with(obj_description(n.oid, 'pg_namespace'), $1)",
        {std::string(kMarkStart)});
    std::set<std::string> out;
    for (int row = 0; row < found.rows(); ++row)
        out.insert(found.string(row, 0));
    return out;
}

void refuse_to_lose_states(SavedSession& saved, CloneServer& server, const std::string& source) {
    const std::set<std::string> here = own_schemas(saved.get());
    if (here.empty()) return;
    std::set<std::string> there;
    {
        const ClosedSession inside(server, source);
        there = own_schemas(inside.session());
    }
    std::vector<std::string> lost;
    for (const std::string& schema : here) {
        if (!there.contains(schema)) lost.push_back(schema);
    }
    if (lost.empty()) return;
    throw Error(ErrorKind::kRefused, cat("states that are kept in the database ", quote(saved.location().shown, 200),
                                         " would be lost: it would be made anew"))
        .with_detail(cat("They were saved later than the template, in the schemas ", quote_list(lost), "."))
        .with_hint("delete these snapshots and layers first, or restore a snapshot of kind \"copy\"");
}

void refuse_subscribers(CloneServer& server, const std::string& live) {
    const Result found =
        server.session().run("SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = $1)", {live});
    if (found.integer(0, 0) == 0) return;
    throw Error(ErrorKind::kRefused, cat("the database ", quote(live, 200), " has replication slots"))
        .with_detail("It would be made anew, and they belong to the old one.");
}

std::string comment_of(CloneServer& server, const std::string& name) {
    const auto found = server.find(name);
    return found ? found->comment : std::string();
}

// Step 2. `old`: "" where there is none.
void swap(CloneServer& server, const std::string& live, const std::string& made, const std::string& old,
          const std::string& mark) {
    Session& session = server.session();
    const std::string comment = old.empty() ? std::string() : comment_of(server, live);
    const auto rename = [&](const std::string& from, const std::string& to) {
        session.run(cat("ALTER DATABASE ", quote_identifier(from), " RENAME TO ", quote_identifier(to)));
    };
    Transaction transaction(session);
    if (!old.empty()) {
        const bool is_template =
            session.run("SELECT datistemplate FROM pg_database WHERE datname = $1", {live}).boolean(0, 0);
        rename(live, old);
        set_comment(server, old, mark);
        if (is_template) {
            session.run(cat("ALTER DATABASE ", quote_identifier(old), " IS_TEMPLATE false"));
            session.run(cat("ALTER DATABASE ", quote_identifier(made), " IS_TEMPLATE true"));
        }
    }
    rename(made, live);
    set_comment(server, live, comment);
    transaction.commit();
}

// Says that the name is ours until the database that is made under it has its mark: a reference of a name by which the
// store knows what a killed process left. A store that cannot be written to does without.
class Note {
  public:
    Note(CloneServer& server, const SavedState& state, const std::string& made)
        : path_(cat(folder_of(state.place), "/.dbfixture-", made, ".dbfixture.template.tmp")) {
        const Result system = server.session().run("SELECT system_identifier FROM pg_control_system()");
        try {
            write_saved_reference(path_, {StateKind::kTemplate, system.string(0, 0), "0", made});
        } catch (const Error&) {
            path_.clear();
        }
    }
    Note(const Note&) = delete;
    Note& operator=(const Note&) = delete;
    ~Note() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }

  private:
    std::string path_;
};

Error in_use(const std::string& shown, const std::string& users) {
    return Error(ErrorKind::kBusy,
                 cat("cannot make the database ", quote(shown, 200), " anew while others are connected to it"))
        .with_detail(cat(users.empty() ? "The server does not say who they are" : cat("They are ", users).c_str(), "."))
        .with_hint(kHowToEndUsers);
}

}  // namespace

StateRestoreReport restore_template(SavedSession& saved, const SavedState& state, const std::string&) {
    StateRestoreReport report;
    report.way = RestoreWay::kWhole;
    CloneServer server(saved.location(), saved.busy_timeout_ms());
    const std::string source = find_template(server, state), live = database_name(saved.location());
    const bool exists = saved.exists();
    if (exists) {
        refuse_to_lose_states(saved, server, source);
        refuse_subscribers(server, live);
    }
    saved.close();
    const std::string mark = mark_for(state.place);
    const std::string made = new_object_name(state.place), old = exists ? new_object_name(state.place) : "";
    server.lock();
    if (saved.ends_sessions()) server.end_users();
    if (const std::string users = exists ? server.wait_for_users(live) : ""; !users.empty())
        throw in_use(saved.location().shown, users);
    const Note note(server, state, made);
    clone_database(server,
                   {.name = made, .source = source, .like = exists ? live : source, .settings = source, .mark = mark},
                   report.warnings);
    try {
        // Who has come back meanwhile.
        if (exists && saved.ends_sessions()) server.wait_for_users(live);
        swap(server, live, made, old, mark);
    } catch (const PgError& error) {
        drop_after_all(server, made);
        if (error.diagnostics.sqlstate == kObjectInUse) throw in_use(saved.location().shown, server.who_uses(live));
        throw;
    } catch (...) {
        drop_after_all(server, made);
        throw;
    }
    try {
        if (!old.empty()) server.drop(old);
    } catch (const PgError& error) {
        report.warnings.push_back(
            cat("what the database was before is still there, as ", quote(old), ": ", error.diagnostics.message));
    }
    server.say_whose_ended(report.warnings);
    return report;
}

}  // namespace dbfixture::postgres
