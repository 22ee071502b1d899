// SPDX-License-Identifier: MIT
// States of PostgreSQL by their kinds: saved_copy.h, clone_state.h.
#include <unistd.h>

#include <exception>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/clone_state.h"
#include "db/postgres/connection.h"
#include "db/postgres/introspect_parts.h"
#include "db/postgres/location.h"
#include "db/postgres/restore_state.h"
#include "db/postgres/saved_copy.h"
#include "db/postgres/saved_notes.h"
#include "db/postgres/saved_session.h"
#include "db/saved_reference.h"

namespace dbfixture::postgres {
namespace {

constexpr int kOldestVersion = 130000;  // numbers of transactions that do not wrap

class PostgresStates final : public States {
  public:
    PostgresStates(const Location& location, int busy_timeout_ms)
        : identity_(postgres::identify(location)), saved_(location, busy_timeout_ms), address_id_(identity_.id) {}

    // Connects once, so that its id tells the database from one that took its place.
    const DatabaseIdentity& identity() const override {
        if (!asked_) {
            try {
                exists();
            } catch (const Error&) {
                // What it is asked next says why.
            }
        }
        return identity_;
    }

    bool exists() const override {
        asked_ = true;
        const bool found = saved_.exists();
        identity_.id = found ? cat(address_id_, " ", saved_.system(), " ", saved_.database()) : address_id_;
        return found;
    }

    bool has_content() const override {
        if (!exists()) return false;
        return saved_.get()
            .run(cat("SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ",
                     kOurSchemas,
                     " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass "
                     "AND d.objid = c.oid AND d.deptype = 'e'))"))
            .boolean(0, 0);
    }

    std::optional<unsigned> mode() const override { return std::nullopt; }

    void end_sessions() override { saved_.end_sessions(); }

    StateSaveReport save(StateKind kind, const std::string& place) override {
        require_version();
        return kind == StateKind::kTemplate ? save_template(saved_, place) : save_copy(saved_, place);
    }

    StateSaveReport save_difference(const SavedState& below, const std::string& stamp,
                                    const std::string& place) override {
        require_version();
        return is_template(below) ? save_template_difference(saved_, below, stamp, place)
                                  : save_copy_difference(saved_, below, stamp, place);
    }

    StateRestoreReport restore(const SavedState& state, const std::string& stamp) override {
        return is_template(state) ? restore_template(saved_, state, stamp) : restore_copy(saved_, state, stamp);
    }

    void verify(const SavedState& state) override {
        is_template(state) ? verify_template(saved_, state) : verify_copy(saved_, state);
    }

    std::unique_ptr<Connection> open(const SavedState& state) override {
        return is_template(state) ? open_template(saved_, state) : open_copy(saved_, state);
    }

    SavedState derive(const std::string& place, const std::function<void(Connection&)>& change) override {
        require_version();
        const bool as_template = place.find(cat(".", kStates[1].extension)) != std::string::npos;
        return as_template ? derive_template(saved_, place, change) : derive_copy(saved_, place, change);
    }

    SavedState merge(const SavedState& state, const std::vector<std::string>& keep, const std::string& place) override {
        return is_template(state) ? merge_template(saved_, state, keep, place) : merge_copy(saved_, state, keep, place);
    }

    // The server's part first: without its reference nobody but sweep() would find it.
    void discard(const std::string& place) noexcept override {
        try {
            if (::access(place.c_str(), F_OK) != 0) return;
            bool dropped = true;
            try {
                const SavedReference reference = read_saved_reference(place);
                dropped = reference.kind == StateKind::kTemplate ? drop_template(saved_, reference)
                          : saved_.exists()                      ? drop_copy(saved_, reference)
                                                                 : true;
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
            if (saved_.exists()) sweep_copies(saved_, store, named, said);
            sweep_templates(saved_, store, named, said);
        } catch (const std::exception&) {  // it stays
        }
        return said;
    }

    // The server keeps nothing of a database beside its schema, rows and sequences that a client sees.
    StateFacts facts() override { return {}; }
    StateFacts facts(const SavedState& state) override {
        read_saved_reference(state.place);
        return {};
    }

    // Of tables a load puts back whatever a dump reads.
    std::vector<Obstacle> obstacles() override { return lone_sequences(saved_.get()); }
    std::vector<Obstacle> obstacles(const SavedState&) override { return lone_sequences(saved_.get()); }

  private:
    static bool is_template(const SavedState& state) { return state.kind == StateKind::kTemplate; }

    void require_version() {
        if (!exists())
            throw Error(ErrorKind::kNotFound, cat("database ", quote(identity_.shown, 200), " does not exist"));
        if (saved_.get().server_version() >= kOldestVersion) return;
        throw Error(ErrorKind::kFailure, cat("cannot save the state of ", quote(identity_.shown, 200)))
            .with_detail(
                cat("It is kept on servers of version 13 and later, this is ", saved_.get().server_name(), "."))
            .with_hint("save records with --serialized");
    }

    // What is learned by connecting.
    mutable DatabaseIdentity identity_;
    mutable SavedSession saved_;
    mutable bool asked_ = false;
    std::string address_id_;
};

}  // namespace

std::unique_ptr<States> open_postgres_states(const Location& location, int busy_timeout_ms) {
    return std::make_unique<PostgresStates>(location, busy_timeout_ms);
}

}  // namespace dbfixture::postgres
