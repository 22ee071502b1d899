// SPDX-License-Identifier: MIT
// A file of SQL that was written for the server's own shell, run in a copy statement by statement: what a statement of
// a schema does is never undone, so a copy of which one failed is dropped by the caller.
#include <algorithm>
#include <charconv>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/clone_copy.h"
#include "db/mariadb/session.h"
#include "db/mariadb/sql_tokens.h"

namespace dbfixture::mariadb {
namespace {

struct ScriptStatement {
    std::string_view sql;
    std::uint64_t line = 0;
};

// Statements end as for the shell: at a ";", or at what its command DELIMITER has named.
class Script {
  public:
    Script(std::string_view text, const std::string& file) : text_(text), file_(file) {}

    // Nothing behind the last one.
    std::optional<ScriptStatement> next() {
        while (at_ < text_.size()) {
            begin_ = at_;
            if (take_delimiter()) continue;
            find_end();
            const std::string_view sql = text_.substr(begin_, end_ - begin_);
            const auto tokens = tokens_of(sql, {});
            if (tokens.empty()) continue;
            require_sql(tokens, begin_ + tokens[0].begin);
            return ScriptStatement{sql, line_of(begin_)};
        }
        return std::nullopt;
    }

    Error problem(std::string_view what, std::uint64_t line) const {
        return Error(ErrorKind::kInput, cat("the schema file ", what)).at({.file = file_, .line = line});
    }

  private:
    std::uint64_t line_of(std::size_t at) const {
        return static_cast<std::uint64_t>(
                   std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
               1;
    }

    // Whether the shell's command stands at the beginning of a statement; it is then passed.
    bool take_delimiter() {
        constexpr std::string_view kWord = "delimiter", kSpace = " \t\r\n";
        const std::size_t word = text_.find_first_not_of(kSpace, at_);
        if (word == std::string_view::npos || !equals_ignore_case(text_.substr(word, kWord.size()), kWord))
            return false;
        const std::size_t end = std::min(text_.find('\n', word), text_.size());
        std::string_view mark = text_.substr(word + kWord.size(), end - word - kWord.size());
        if (mark.empty() || kSpace.find(mark[0]) == std::string_view::npos) return false;
        mark.remove_prefix(std::min(mark.find_first_not_of(kSpace), mark.size()));
        mark = mark.substr(0, mark.find_first_of(kSpace));
        if (mark.empty()) throw problem("has a DELIMITER without one", line_of(word));
        delimiter_ = mark;
        at_ = end;
        return true;
    }

    // Sets end_, and at_ behind the delimiter.
    void find_end() {
        while (at_ < text_.size()) {
            if (text_.substr(at_).starts_with(delimiter_)) {
                end_ = at_;
                at_ += delimiter_.size();
                return;
            }
            const std::size_t comment = end_of_comment(text_, at_);
            at_ = std::max({at_ + 1, comment, end_of_quoted(text_, at_, {})});
        }
        end_ = at_ = text_.size();
    }

    // What only the shell understands, and what would lead to another database.
    void require_sql(const std::vector<Token>& tokens, std::size_t begin) const {
        if (tokens[0].is_mark('\\') || tokens[0].is_word("source")) {
            throw problem(
                cat("has the command ",
                    quote(tokens[0].is_mark('\\') && tokens.size() > 1 ? cat("\\", tokens[1].value) : tokens[0].value),
                    " of mariadb, which is no SQL"),
                line_of(begin));
        }
        const bool of_databases =
            tokens[0].is_word("use") ||
            (tokens.size() > 1 && (tokens[1].is_word("database") || tokens[1].is_word("schema")) &&
             (tokens[0].is_word("create") || tokens[0].is_word("drop") || tokens[0].is_word("alter")));
        if (of_databases) {
            throw problem(cat("has a statement on databases (", to_lower(tokens[0].value), "), and is to make one"),
                          line_of(begin))
                .with_hint("leave it out: mariadb-dump without --databases does");
        }
    }

    std::string_view text_;
    const std::string& file_;
    std::size_t at_ = 0, begin_ = 0, end_ = 0;
    std::string delimiter_ = ";";
};

// "... at line 3", of the statement.
std::uint64_t line_in(std::string_view words) {
    constexpr std::string_view kBefore = " at line ";
    const std::size_t at = words.rfind(kBefore);
    std::uint64_t line = 1;
    if (at != std::string_view::npos)
        std::from_chars(words.data() + at + kBefore.size(), words.data() + words.size(), line);
    return line;
}

std::uint64_t leading_lines(std::string_view sql) {
    const auto tokens = tokens_of(sql, {});
    return static_cast<std::uint64_t>(
        std::count(sql.begin(), sql.begin() + static_cast<std::ptrdiff_t>(tokens[0].begin), '\n'));
}

void run(Session& session, const Script& script, const ScriptStatement& statement) {
    if (statement.sql.size() + 1024 > session.server().most_bytes)
        throw script.problem("has a statement that is longer than the server takes (max_allowed_packet)",
                             statement.line + leading_lines(statement.sql));
    try {
        session.run(std::string(statement.sql));
    } catch (const ServerError& error) {
        Error problem = script.problem("could not be run", statement.line + leading_lines(statement.sql));
        if (error.state == "42000") problem.where.line = statement.line + line_in(error.words) - 1;
        throw problem.with_detail(cat(error.words, "."));
    }
}

}  // namespace

void fill_copy_from_sql(const Location& copy, std::string_view sql, const std::string& sql_file) {
    if (sql.starts_with("\xEF\xBB\xBF")) sql.remove_prefix(3);
    if (sql.find('\0') != std::string_view::npos) {
        throw Error(ErrorKind::kInput, cat("the schema file ", quote(sql_file, 200), " is no text"))
            .with_detail("It has a zero byte.")
            .with_hint("--schema takes SQL statements, as \"mariadb-dump --no-data\" prints them");
    }
    Session session(copy, SessionOptions());
    // As its own shell would begin.
    session.run("SET SESSION sql_mode = DEFAULT, time_zone = DEFAULT");
    session.run("SET NAMES utf8mb4");
    Script script(sql, sql_file);
    while (const auto statement = script.next())
        run(session, script, *statement);
    if (session.number("SELECT @@in_transaction").value_or(0) != 0) {
        throw Error(ErrorKind::kInput, "the schema file ends inside a transaction")
            .with_hint("add COMMIT;")
            .at({.file = sql_file});
    }
}

}  // namespace dbfixture::mariadb
