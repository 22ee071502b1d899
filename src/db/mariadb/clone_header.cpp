// SPDX-License-Identifier: MIT
#include "db/mariadb/clone_header.h"

#include <vector>

#include "base/cat.h"
#include "base/error.h"

namespace dbfixture::mariadb {
namespace {

// Where the event says that it is enabled; nothing if it does not, or behind DO, where anything may stand.
std::optional<Token> enabled(std::string_view sql, const LexicalMode& mode) {
    for (const Token& token : tokens_of(sql, mode)) {
        if (token.is_word("DO")) break;
        if (token.is_word("ENABLE")) return token;
    }
    return std::nullopt;
}

struct TriggerStart {
    std::size_t body = 0;
    bool names_others = false;
};

TriggerStart start_of_trigger(std::string_view sql, const LexicalMode& mode) {
    const std::vector<Token> tokens = tokens_of(sql, mode);
    const auto definer = definer_of(sql, mode);
    TriggerStart out;
    for (std::size_t at = 0; at + 2 < tokens.size(); ++at) {
        if (tokens[at].is_mark('.') && (!definer || tokens[at].begin > definer->end)) out.names_others = true;
        if (!tokens[at].is_word("FOR") || !tokens[at + 1].is_word("EACH") || !tokens[at + 2].is_word("ROW")) continue;
        std::size_t last = at + 2;
        const bool placed =
            last + 2 < tokens.size() && (tokens[last + 1].is_word("FOLLOWS") || tokens[last + 1].is_word("PRECEDES"));
        if (placed) last += 2;
        out.body = tokens[last].end;
        out.names_others = out.names_others || placed;
        return out;
    }
    throw Error(ErrorKind::kFailure, "cannot read the definition of a trigger");
}

}  // namespace

std::string Definer::account() const {
    return host.empty() ? user : cat(user, "@", host);
}

std::optional<Definer> definer_of(std::string_view sql, const LexicalMode& mode) {
    constexpr std::size_t kLast = 6;  // behind CREATE ALGORITHM = UNDEFINED
    const std::vector<Token> tokens = tokens_of(sql, mode);
    for (std::size_t at = 0; at + 2 < tokens.size() && at < kLast; ++at) {
        if (!tokens[at].is_word("DEFINER") || !tokens[at + 1].is_mark('=')) continue;
        Definer out;
        out.user = tokens[at + 2].value;
        out.begin = tokens[at].begin;
        out.end = tokens[at + 2].end;
        if (at + 4 < tokens.size() && tokens[at + 3].is_mark('@')) {
            out.host = tokens[at + 4].value;
            out.end = tokens[at + 4].end;
        }
        return out;
    }
    return std::nullopt;
}

std::string without_definer(std::string_view sql, const LexicalMode& mode) {
    const auto definer = definer_of(sql, mode);
    if (!definer) return std::string(sql);
    return cat(sql.substr(0, definer->begin), sql.substr(definer->end));
}

std::string_view trigger_body(std::string_view sql, const LexicalMode& mode) {
    return sql.substr(start_of_trigger(sql, mode).body);
}

bool names_others(std::string_view trigger, const LexicalMode& mode) {
    return start_of_trigger(trigger, mode).names_others;
}

std::string disabled_event(std::string_view sql, const LexicalMode& mode) {
    const auto word = enabled(sql, mode);
    if (!word) return std::string(sql);
    return cat(sql.substr(0, word->begin), "DISABLE", sql.substr(word->end));
}

bool is_enabled_event(std::string_view sql, const LexicalMode& mode) {
    return enabled(sql, mode).has_value();
}

}  // namespace dbfixture::mariadb
