// SPDX-License-Identifier: MIT
#include "db/postgres/clone_template.h"

#include <unistd.h>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/connection.h"
#include "db/postgres/sql_text.h"
#include "db/saved_mark.h"
#include "db/saved_reference.h"

namespace dbfixture::postgres {
namespace {

Error damaged(const SavedState& state, const std::string& why) {
    return Error(ErrorKind::kInput, cat("the state ", quote(state.place, 200), " is damaged"))
        .with_detail(cat(why, "."));
}

class Door {
  public:
    Door(CloneServer& server, const std::string& name) : server_(server), name_(name) { set("true"); }
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;
    ~Door() {
        try {
            set("false");
        } catch (const Error&) {  // find_template() tells
        }
    }

  private:
    void set(std::string_view open) {
        server_.session().run(cat("ALTER DATABASE ", quote_identifier(name_), " ALLOW_CONNECTIONS ", open));
    }

    CloneServer& server_;
    const std::string& name_;
};

// Others who open it may close it just before the connection is made.
template <typename Connect>
void through_door(CloneServer& server, const std::string& name, Connect connect) {
    constexpr int kAttempts = 20, kNapMs = 20;
    for (int attempt = 1;; ++attempt) {
        try {
            const Door door(server, name);
            return connect();
        } catch (const PgError&) {
            throw;
        } catch (const Error& error) {
            if (error.kind != ErrorKind::kFailure || attempt == kAttempts) throw;
        }
        ::usleep(kNapMs * 1000);
    }
}

}  // namespace

std::string find_template(CloneServer& server, const SavedState& state) {
    const SavedReference reference = read_saved_reference(state.place);
    const std::string name = cat("the database ", quote(reference.object, 200));
    const Result found = server.session().run(
        "SELECT oid, datallowconn, shobj_description(oid, 'pg_database'), (SELECT system_identifier FROM "
        "pg_control_system()) FROM pg_database WHERE datname = $1",
        {reference.object});
    if (reference.kind != StateKind::kTemplate) throw damaged(state, "It is of another kind");
    if (found.rows() == 0) throw damaged(state, cat("The server has lost ", name));
    if (found.text(0, 3) != reference.system) throw damaged(state, cat(name, " is on another server"));
    const bool is_ours = found.text(0, 2).starts_with(kMarkStart);
    const bool is_it = state.checksum.empty() || found.text(0, 0) == state.checksum;
    if (!is_ours || !is_it) throw damaged(state, cat("Another database has taken the place of ", name));
    if (found.boolean(0, 1)) throw damaged(state, cat("Somebody has let others connect to ", name));
    return reference.object;
}

ClosedSession::ClosedSession(CloneServer& server, const std::string& name) {
    SessionOptions options = server.session().options();
    options.read_only = true;
    through_door(server, name, [&] { session_ = std::make_unique<Session>(beside(server.address(), name), options); });
}

std::unique_ptr<Connection> open_closed(CloneServer& server, const std::string& name, OpenMode mode) {
    const OpenOptions options{.mode = mode, .busy_timeout_ms = server.session().options().busy_timeout_ms};
    std::unique_ptr<Connection> out;
    through_door(server, name, [&] { out = open_postgres(beside(server.address(), name), options); });
    return out;
}

}  // namespace dbfixture::postgres
