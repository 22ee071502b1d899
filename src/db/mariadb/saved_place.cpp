// SPDX-License-Identifier: MIT
#include "db/mariadb/saved_place.h"

#include <unistd.h>

#include <algorithm>
#include <exception>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/sql_text.h"
#include "db/saved_mark.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::size_t kLongestName = 64;  // characters; bytes are never fewer

}  // namespace

std::string new_sibling_name(const std::string& database, const std::string& place) {
    const std::string own = cat("__", new_object_name(place));
    std::string name = database.substr(0, kLongestName - own.size());
    while (!is_valid_utf8(name))
        name.pop_back();
    return to_lower(cat(name, own));
}

OwnDatabase::OwnDatabase(SavedSession& saved, std::string name, const std::string& place)
    : saved_(saved), name_(std::move(name)) {
    Session& session = saved.free();
    if (!session.server().is_mariadb) {
        throw Error(ErrorKind::kUsage, cat("cannot keep states of ", quote(saved.location().shown, 200),
                                           " on its server: not supported for MySQL yet"))
            .with_hint("dumpdata writes its rows to a fixture, and loaddata --replace=all puts them back");
    }
    try {
        session.run(cat("CREATE DATABASE ", quote_identifier(name_),
                        " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT ", "'", mark_for(place), "'"));
    } catch (const ServerError& error) {
        if (error.number != kAccessDeniedToDatabase) throw;
        throw Error(ErrorKind::kFailure,
                    cat("this user may not create the database ", quote(name_, 200), ", which is to hold the state"))
            .with_detail(cat(error.words, "."))
            .with_hint(cat("have it granted: GRANT ALL ON `", session.server().database, "\\_\\_dbfixture\\_%`.*"));
    }
}

OwnDatabase::~OwnDatabase() {
    if (!kept_) drop_own(saved_, name_);
}

NewPlace::NewPlace(SavedSession& saved, const std::string& place) : place_(place) {
    reference_.kind = StateKind::kCopy;
    reference_.system = saved.system();
    reference_.database = saved.database();
    reference_.object = new_sibling_name(saved.database(), place);
    write_saved_reference(place, reference_);
    try {
        database_ = std::make_unique<OwnDatabase>(saved, reference_.object, place);
    } catch (...) {
        ::unlink(place.c_str());
        throw;
    }
}

NewPlace::~NewPlace() {
    if (kept_) return;
    database_.reset();
    ::unlink(place_.c_str());
}

void NewPlace::keep() {
    kept_ = true;
    database_->keep();
}

std::string comment_of(Session& session, const std::string& database) {
    const Result found = session.run(
        cat("SELECT schema_comment FROM information_schema.schemata WHERE schema_name = ", text_literal(database)));
    return found.rows() == 0 ? std::string() : found.string(0, 0);
}

bool is_ours(Session& session, const std::string& database) {
    return comment_of(session, database).starts_with(kMarkStart);
}

namespace {

// The server takes the comment first, which is our mark. So tables go before: one that is killed meanwhile leaves a
// database with the mark, or one with nothing in it.
void drop_database(Session& session, const std::string& database) {
    const Result found = session.run(
        cat("SELECT table_name FROM information_schema.tables WHERE table_schema = ", text_literal(database)));
    std::string tables;
    for (int row = 0; row < found.rows(); ++row)
        append(tables, cat(tables.empty() ? "" : ", ", quote_identifier(database, found.string(row, 0))));
    if (!tables.empty()) session.run(cat("DROP TABLE IF EXISTS ", tables));
    session.run(cat("DROP DATABASE IF EXISTS ", quote_identifier(database)));
}

}  // namespace

bool drop_own(SavedSession& saved, const std::string& database) noexcept {
    try {
        Session& session = saved.free();
        if (is_ours(session, database)) drop_database(session, database);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

namespace {

// "_3f2a9c01", as new_object_name() ends its names.
bool ends_with_id(std::string_view name) {
    constexpr std::size_t kDigits = 8;
    if (name.size() <= kDigits || name[name.size() - kDigits - 1] != '_') return false;
    return std::ranges::all_of(name.substr(name.size() - kDigits),
                               [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// What a server leaves that was killed while it dropped a database of ours: the name is one that new_sibling_name()
// gives, but the comment has gone, and so has all that was in it.
bool is_remains(SavedSession& saved, const std::string& name) {
    const std::size_t start = name.find("__dbfixture_");
    if (start == std::string::npos || start == 0 || !ends_with_id(name) ||
        !to_lower(saved.database()).starts_with(name.substr(0, start)))
        return false;
    const std::string schema = text_literal(name);
    return saved.free().number(
               cat("SELECT (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ", schema,
                   ") + (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = ", schema, ")")) == 0;
}

}  // namespace

void sweep_own(SavedSession& saved, const std::string& store, const std::set<std::string>& named,
               std::vector<std::string>& said) {
    const std::string start = mark_start_of(store);
    const Result found =
        saved.free().run("SELECT schema_name, schema_comment FROM information_schema.schemata ORDER BY schema_name");
    for (int row = 0; row < found.rows(); ++row) {
        const std::string name = found.string(row, 0);
        if (named.contains(name)) continue;
        const bool marked = found.text(row, 1).starts_with(start);
        if (!marked && (!found.text(row, 1).empty() || !is_remains(saved, name))) continue;
        if (!marked) saved.free().run(cat("DROP DATABASE IF EXISTS ", quote_identifier(name)));
        if (!marked || drop_own(saved, name))
            said.push_back(cat("removed the database ", quote(name, 200), ", which a killed process left"));
    }
}

}  // namespace dbfixture::mariadb
