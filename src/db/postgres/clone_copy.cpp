// SPDX-License-Identifier: MIT
// How several runs come by their copies of one database without copying it once for each:
//
//  1. Who wants a copy notes the server's time, then waits for the lock. Under it he sweeps, and looks for a source: a
//     database that somebody made of the original. One that was begun after the noted time is as fresh as any that he
//     could make himself, so nothing needs to be known of what changed in between.
//  2. Without one he copies the original: into a new source if others wait for the lock, of which all that have come
//     meanwhile can use it; straight into his copy if nobody does.
//  3. The last who holds the lock drops the sources. Who is killed leaves them to the next.
//
// Thus eight runs at once copy the original twice, and nobody has to stay away from it for longer.
#include "db/postgres/clone_copy.h"

#include "base/cat.h"
#include "base/text.h"
#include "db/clone_mark.h"
#include "db/postgres/clone_create.h"
#include "db/postgres/clone_server.h"
#include "db/postgres/clone_template.h"

namespace dbfixture::postgres {
namespace {

constexpr std::string_view kSourceEnd = "_s";
constexpr auto kWayOut =
    "end their connections; or save a template once, while there are none: dbfixture snapshot NAME --template; then "
    "dbfixture run --temp --restore NAME copies that";

// The copy, and templates that were saved of it.
void drop_copy(CloneServer& server, const std::string& name, const std::string& folder) {
    server.drop(name);
    for (const ServerDatabase& database : server.own_names()) {
        if (!folder.empty() && is_state_in(database.comment, folder)) server.drop(database.name);
    }
}

std::unique_ptr<ServerCopy> copy_of(const ServerCopyRequest& request, const std::string& name,
                                    std::vector<std::string> warnings) {
    const Location location = beside(request.original, name);
    const int timeout_ms = request.busy_timeout_ms;
    return server_copy({location, request.mark, std::move(warnings),
                        [=](const CopyMark& mark) {
                            CloneServer server(location, timeout_ms);
                            set_comment(server, name, write_clone_mark({mark}));
                        },
                        [=, folder = request.mark.folder] {
                            CloneServer server(location, timeout_ms);
                            drop_copy(server, name, folder);
                        }});
}

class Maker {
  public:
    explicit Maker(const ServerCopyRequest& request)
        : request_(request),
          server_(request.original, request.busy_timeout_ms),
          original_(database_name(request.original)) {}

    std::unique_ptr<ServerCopy> make() {
        try {
            return try_to_make();
        } catch (Error& error) {
            if (error.kind == ErrorKind::kBusy && !request_.state) error.hint = kWayOut;
            throw;
        }
    }

  private:
    std::unique_ptr<ServerCopy> try_to_make() {
        const std::int64_t asked = server_.now();
        server_.lock();
        sweep();
        const std::string name = server_copy_name(original_, request_.mark.run);
        std::vector<std::string> warnings;
        CloneRequest clone{.name = name,
                           .source = request_.empty ? std::string() : source(asked),
                           .like = like(),
                           .mark = write_clone_mark({request_.mark}),
                           .may_be_left = request_.may_be_left};
        clone_database(server_, clone, warnings);
        auto copy = copy_of(request_, name, std::move(warnings));
        if (!server_.is_waited_for()) drop_sources();
        return copy;
    }

    // The mark of a source on this host.
    std::optional<CloneMark> source_mark(const ServerDatabase& database) const {
        if (!database.name.ends_with(kSourceEnd)) return std::nullopt;
        auto mark = read_clone_mark(database.comment);
        if (!mark || mark->source_since == 0 || mark->copy.host != request_.mark.host) return std::nullopt;
        return mark;
    }

    // Of a state whose database is gone, the state's own rights and settings.
    std::string like() {
        if (request_.empty) return {};
        return request_.state && !server_.find(original_) ? find_template(server_, *request_.state) : original_;
    }

    // The database that is to be copied.
    std::string source(std::int64_t asked) {
        if (request_.state) return find_template(server_, *request_.state);
        for (const ServerDatabase& database : server_.own_names()) {
            const auto mark = source_mark(database);
            if (mark && mark->copy.original == original_ && mark->source_since >= asked && may_copy(database.name))
                return database.name;
        }
        if (!server_.is_waited_for()) return original_;
        std::vector<std::string> ignored;
        const std::string name = cat(server_copy_name(original_, request_.mark.run), kSourceEnd);
        const std::string mark = write_clone_mark({request_.mark, server_.now()});
        clone_database(server_,
                       {.name = name,
                        .source = original_,
                        .allow_connections = false,
                        .mark = mark,
                        .may_be_left = request_.may_be_left},
                       ignored);
        return name;
    }

    bool may_copy(const std::string& name) {
        const Result found =
            server_.session().run("SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = $1", {name});
        return found.rows() == 1 && found.boolean(0, 0);
    }

    // Nobody copies from one now: that takes the lock.
    void drop_sources() noexcept {
        try {
            for (const ServerDatabase& database : server_.own_names()) {
                if (source_mark(database) && may_copy(database.name)) server_.drop(database.name);
            }
        } catch (const Error&) {  // the next run does
        }
    }

    // What cannot be dropped stays.
    void sweep() {
        for (const ServerDatabase& database : server_.own_names()) {
            const bool is_source = database.name.ends_with(kSourceEnd);
            const std::string_view name(database.name);
            const auto run = run_of_copy(is_source ? name.substr(0, name.size() - kSourceEnd.size()) : name);
            const auto mark = read_clone_mark(database.comment);
            if (!run || (!mark && !database.comment.empty()) || (mark && mark->copy.run != *run)) continue;
            const FoundCopy found{database.name, *run, mark ? std::optional(mark->copy) : std::nullopt};
            if (!request_.is_abandoned(found)) continue;
            try {
                drop_copy(server_, database.name, mark ? mark->copy.folder : std::string());
                request_.swept(found);
            } catch (const Error& error) {
                if (error.kind == ErrorKind::kInterrupted) throw;
            }
        }
    }

    const ServerCopyRequest& request_;
    CloneServer server_;
    std::string original_;
};

}  // namespace

std::unique_ptr<ServerCopy> make_copy(const ServerCopyRequest& request) {
    return Maker(request).make();
}

}  // namespace dbfixture::postgres
