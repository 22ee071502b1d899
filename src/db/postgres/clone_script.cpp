// SPDX-License-Identifier: MIT
#include "db/postgres/clone_script.h"

#include <algorithm>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/postgres/clone_copy.h"
#include "db/postgres/session.h"

namespace dbfixture::postgres {
namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}

// Walks over the script as the shell does: what is in quotes or a comment is no statement's word and no command.
class Scanner {
  public:
    Scanner(std::string_view script, const std::string& file) : text_(script), file_(file) {}

    std::string run() {
        while (at_ < text_.size())
            step();
        return std::move(text_);
    }

  private:
    void step() {
        const char c = text_[at_];
        const std::string_view rest = std::string_view(text_).substr(at_);
        if (c == '\\') return command();
        if (rest.starts_with("--")) return skip_to(rest.find('\n'));
        if (rest.starts_with("/*")) return skip_comment();
        if (c == '\'' || c == '"') return skip_quoted(c, false);
        if (c == '$') return skip_dollars(rest);
        if (is_word(c)) return word(rest);
        if (c == ';') words_.clear();
        ++at_;
    }

    void skip_to(std::size_t size) { at_ = size == std::string_view::npos ? text_.size() : at_ + size; }

    void skip_comment() {
        int depth = 0;
        do {
            const std::string_view rest = std::string_view(text_).substr(at_);
            const bool opens = rest.starts_with("/*"), closes = rest.starts_with("*/");
            depth += opens ? 1 : closes ? -1 : 0;
            at_ += opens || closes ? 2 : 1;
        } while (depth > 0 && at_ < text_.size());
    }

    void skip_quoted(char mark, bool escapes) {
        for (++at_; at_ < text_.size() && text_[at_] != mark; ++at_) {
            if (escapes && text_[at_] == '\\') ++at_;
        }
        ++at_;
    }

    void skip_dollars(std::string_view rest) {
        const std::size_t end = rest.find('$', 1);
        const std::string_view tag = rest.substr(0, end == std::string_view::npos ? 1 : end + 1);
        const bool quotes = tag.size() > 1 && std::all_of(tag.begin() + 1, tag.end() - 1, is_word) &&
                            tag.find('$', 1) == tag.size() - 1;
        if (!quotes) return void(++at_);
        const std::size_t close = rest.find(tag, tag.size());
        skip_to(close == std::string_view::npos ? close : close + tag.size());
    }

    void word(std::string_view rest) {
        const auto size = static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_word) - rest.begin());
        const std::string word = to_lower(rest.substr(0, size));
        at_ += size;
        if (word == "e" && at_ < text_.size() && text_[at_] == '\'') return skip_quoted('\'', true);
        if (words_.empty() || words_.front() == "copy") words_.push_back(word);
        if (words_.size() > 2 && words_.back() == "stdin" && words_[words_.size() - 2] == "from") {
            throw problem("has rows behind COPY ... FROM stdin, which only psql reads")
                .with_hint("write the rows as statements: pg_dump --inserts");
        }
    }

    void command() {
        const std::string_view rest = std::string_view(text_).substr(at_);
        const std::string_view line = rest.substr(0, rest.find('\n'));
        if (!line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict ")) {
            throw problem(cat("has the command ", quote(line.substr(0, line.find_first_of(" \t\r"))),
                              " of psql, which is no SQL"));
        }
        std::fill_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), line.size(), ' ');
        at_ += line.size();
    }

    Error problem(std::string_view what) const {
        const auto end = text_.begin() + static_cast<std::ptrdiff_t>(at_);
        const auto line = static_cast<std::uint64_t>(std::count(text_.begin(), end, '\n')) + 1;
        return Error(ErrorKind::kInput, cat("the schema file ", what)).at({.file = file_, .line = line});
    }

    std::string text_;
    const std::string& file_;
    std::size_t at_ = 0;
    std::vector<std::string> words_;  // the first of the statement; of a COPY, all
};

// Of the character that the server counts from 1; 0 where it does not say.
std::uint64_t line_of(std::string_view sql, std::uint64_t position) {
    if (position == 0) return 0;
    std::uint64_t line = 1;
    for (const char c : sql) {
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && --position == 0) break;
        if (c == '\n') ++line;
    }
    return line;
}

}  // namespace

std::string sql_of_script(std::string_view script, const std::string& file) {
    return Scanner(script, file).run();
}

void fill_copy_from_sql(const Location& copy, std::string_view script, const std::string& sql_file) {
    if (script.starts_with("\xEF\xBB\xBF")) script.remove_prefix(3);
    if (script.find('\0') != std::string_view::npos) {
        throw Error(ErrorKind::kInput, cat("the schema file ", quote(sql_file, 200), " is no text"))
            .with_detail("It has a zero byte.")
            .with_hint("--schema takes SQL statements, as \"pg_dump --schema-only\" prints them");
    }
    const std::string sql = sql_of_script(script, sql_file);
    Session session(copy, SessionOptions());
    session.run("RESET ALL");  // as its own shell would begin
    try {
        session.run(sql);
    } catch (const PgError& error) {
        Error problem(ErrorKind::kInput, "the schema file could not be run");
        problem.detail = error.diagnostics.message;
        problem.hint = error.diagnostics.hint;
        throw problem.at({.file = sql_file, .line = line_of(sql, error.diagnostics.position)});
    }
    if (session.in_transaction()) {
        throw Error(ErrorKind::kInput, "the schema file ends inside a transaction")
            .with_hint("add COMMIT;")
            .at({.file = sql_file});
    }
}

}  // namespace dbfixture::postgres
