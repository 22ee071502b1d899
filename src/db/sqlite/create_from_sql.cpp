// SPDX-License-Identifier: MIT
// A new database from a file of SQL statements, as `sqlite3 x.db .schema`, `.dump` and the schema files of frameworks
// have them. It reaches nothing but the new database.
#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/sqlite/image_handle.h"
#include "db/sqlite/private_copy.h"

namespace dbfixture::sqlite {
namespace {

struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalizer>;

// VACUUM attaches a file without a name.
int allow(void* /*unused*/, int action, const char* name, const char* /*unused*/, const char* /*unused*/,
          const char* /*unused*/) {
    return action == SQLITE_ATTACH && name != nullptr && *name != '\0' ? SQLITE_DENY : SQLITE_OK;
}

class Script {
  public:
    Script(ImageHandle& handle, std::string_view sql, const std::string& file)
        : db_(handle.get()), sql_(sql), at_(sql.data()), file_(file) {}

    void run() {
        while (skip_blanks()) {
            check_interrupt();
            step_through(prepare());
        }
        if (sqlite3_get_autocommit(db_) != 0) return;
        throw place(Error(ErrorKind::kInput, "the schema file ends inside a transaction").with_hint("add COMMIT;"));
    }

  private:
    const char* end() const { return sql_.data() + sql_.size(); }

    bool skip_blanks() {
        at_ = std::find_if(at_, end(), [](char c) { return std::isspace(static_cast<unsigned char>(c)) == 0; });
        return at_ != end();
    }

    Prepared prepare() {
        const char* begin = at_;
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(db_, begin, static_cast<int>(end() - begin), &statement, &at_) == SQLITE_OK)
            return Prepared(statement);
        // What `.schema` prints of the tables that SQLite makes itself.
        const std::string_view problem = sqlite3_errmsg(db_);
        if (problem.starts_with("object name reserved for internal use: sqlite_")) {
            at_ = std::min(std::find(begin, end(), ';') + 1, end());
            return nullptr;
        }
        const int offset = sqlite3_error_offset(db_);
        at_ = begin + std::max(offset, 0);
        fail(*begin == '.' ? "lines that begin with a dot are for the sqlite3 shell alone" : "");
    }

    void step_through(const Prepared& statement) {
        if (statement == nullptr) return;
        int code;
        do {
            code = sqlite3_step(statement.get());
            if (pending_interrupt() != 0) check_interrupt();
        } while (code == SQLITE_ROW);
        if (code == SQLITE_DONE) return;
        at_ = sqlite3_sql(statement.get()) == nullptr ? at_ : at_ - 1;
        fail("");
    }

    [[noreturn]] void fail(const std::string& hint) {
        const int code = sqlite3_errcode(db_) & 0xff;
        const ErrorKind kind = code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_NOMEM ? ErrorKind::kFailure
                                                                                                   : ErrorKind::kInput;
        throw place(Error(kind, "the schema file could not be run").with_detail(sqlite3_errmsg(db_)).with_hint(hint));
    }

    Error place(Error error) const {
        Where where;
        where.file = file_;
        where.line = static_cast<std::uint64_t>(std::count(sql_.data(), std::min(at_, end()), '\n')) + 1;
        return error.at(where);
    }

    sqlite3* db_;
    std::string_view sql_;
    const char* at_;
    const std::string& file_;
};

}  // namespace

void create_from_sql(const std::string& target, std::string_view sql, const std::string& sql_file) {
    if (sql.starts_with("\xEF\xBB\xBF")) sql.remove_prefix(3);
    constexpr std::size_t kMost = std::size_t{1} << 30;
    if (sql.size() >= kMost)
        throw Error(ErrorKind::kInput, cat("the schema file ", quote(sql_file, 200), " is too large"));
    if (sql.find('\0') != std::string_view::npos) {
        throw Error(ErrorKind::kInput, cat("the schema file ", quote(sql_file, 200), " is no text"))
            .with_detail("It has a zero byte.")
            .with_hint("--schema takes SQL statements, as \"sqlite3 x.db .schema\" prints them");
    }
    ImageHandle handle(target, HandleMode::kCreate, 0);
    handle.execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
    sqlite3_set_authorizer(handle.get(), allow, nullptr);
    Script(handle, sql, sql_file).run();
    sqlite3_set_authorizer(handle.get(), nullptr, nullptr);
    // A schema without a table still is a database.
    if (handle.query_integer("PRAGMA page_count") == 0) handle.execute("PRAGMA user_version = 0; VACUUM");
}

}  // namespace dbfixture::sqlite
