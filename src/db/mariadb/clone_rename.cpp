// SPDX-License-Identifier: MIT
#include "db/mariadb/clone_rename.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::array<std::string_view, 16> kBefore = {
    "from",       "join", "straight_join", "into",     "update", "table",     "call",     "tables",
    "references", "view", "exists",        "function", "event",  "procedure", "sequence", "trigger"};
// Functions of sequences, and such that have a FROM of their own.
constexpr std::array<std::string_view, 3> kOfSequences = {"nextval", "lastval", "setval"};
constexpr std::array<std::string_view, 4> kWithFrom = {"extract", "trim", "substring", "substr"};

bool is_one_of(std::string_view word, auto const& words) {
    return std::ranges::find(words, to_lower(word)) != words.end();
}

class Renamer {
  public:
    Renamer(std::string_view sql, const LexicalMode& mode, const Renaming& renaming)
        : sql_(sql), tokens_(tokens_of(sql, mode)), renaming_(renaming) {}

    Renamed run() {
        alone_ = renaming_.things.contains(renaming_.exact_names ? renaming_.from : to_lower(renaming_.from));
        for (std::size_t at = 0; at < tokens_.size(); ++at) {
            if (means(tokens_[at]) && !is_part(at) && !is_point(at + 1)) alone_ = true;
        }
        for (std::size_t at = 0; at < tokens_.size(); ++at) {
            const Token& token = tokens_[at];
            if (token.kind == TokenKind::kText && names_it(token.value)) out_.in_text = true;
            if (token.is_mark('(')) brackets_.push_back(at == 0 ? std::string() : to_lower(tokens_[at - 1].value));
            if (token.is_mark(')') && !brackets_.empty()) brackets_.pop_back();
            if (!means(token) || is_part(at) || !is_point(at + 1) || !is_database(at)) continue;
            append(out_.text, sql_.substr(done_, token.begin - done_));
            append(out_.text, quote_identifier(renaming_.to));
            done_ = token.end;
            last_ = at + 2;
        }
        append(out_.text, sql_.substr(done_));
        return std::move(out_);
    }

  private:
    bool same(std::string_view a, std::string_view b) const {
        return renaming_.exact_names ? a == b : equals_ignore_case(a, b);
    }
    bool means(const Token& token) const { return token.is_name() && same(token.value, renaming_.from); }
    bool is_point(std::size_t at) const { return at < tokens_.size() && tokens_[at].is_mark('.'); }
    // A name behind another one, or a variable's.
    bool is_part(std::size_t at) const {
        return at > 0 && (tokens_[at - 1].is_mark('.') || tokens_[at - 1].is_mark('@'));
    }

    // Rule 2.
    bool is_database(std::size_t at) const {
        if (at + 2 >= tokens_.size() || !tokens_[at + 2].is_name()) return false;
        if (at + 3 < tokens_.size() && (is_point(at + 3) || tokens_[at + 3].is_mark('('))) return true;
        if (stands_behind_table_word(at) || continues_list(at)) return true;
        const std::string& name = tokens_[at + 2].value;
        return !alone_ && renaming_.things.contains(renaming_.exact_names ? name : to_lower(name));
    }

    bool stands_behind_table_word(std::size_t at) const {
        std::size_t opened = 0;
        while (at > opened && tokens_[at - 1 - opened].is_mark('('))
            ++opened;
        if (at == opened) return false;
        const Token& before = tokens_[at - 1 - opened];
        if (opened == 1 && is_one_of(before.value, kOfSequences)) return true;
        if (before.is_word("for") && at > opened + 1 && tokens_[at - 2 - opened].is_word("value")) return true;
        if (before.kind != TokenKind::kWord || !is_one_of(before.value, kBefore)) return false;
        const bool in_function = brackets_.size() > opened &&
                                 is_one_of(*(brackets_.rbegin() + static_cast<std::ptrdiff_t>(opened)), kWithFrom);
        return !(in_function && before.is_word("from"));
    }

    // Of tables: behind one of the database, by whatever name it goes, and a comma.
    bool continues_list(std::size_t at) const {
        if (last_ == 0 || at < last_ + 2 || at > last_ + 4 || !tokens_[at - 1].is_mark(',')) return false;
        return std::all_of(tokens_.begin() + static_cast<std::ptrdiff_t>(last_ + 1),
                           tokens_.begin() + static_cast<std::ptrdiff_t>(at - 1),
                           [](const Token& token) { return token.is_name(); });
    }

    // As a word with a point behind it, whatever quotes it has.
    bool names_it(std::string text) const {
        for (char& c : text) {
            if (std::string_view("'\"`\\").find(c) != std::string_view::npos) c = ' ';
        }
        const std::vector<Token> inner = tokens_of(text, {});
        for (std::size_t at = 0; at + 1 < inner.size(); ++at) {
            if (means(inner[at]) && inner[at + 1].is_mark('.')) return true;
        }
        return false;
    }

    std::string_view sql_;
    std::vector<Token> tokens_;
    const Renaming& renaming_;
    Renamed out_{};
    std::vector<std::string> brackets_{};  // the word before each that is open, in lower case
    std::size_t done_ = 0, last_ = 0;      // the end of what is in the text; the last name of the database's last thing
    bool alone_ = false;
};

}  // namespace

Renamed rename_database(std::string_view sql, const LexicalMode& mode, const Renaming& renaming) {
    return Renamer(sql, mode, renaming).run();
}

}  // namespace dbfixture::mariadb
