// SPDX-License-Identifier: MIT
#include "db/mariadb/clone_programs.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/clone_header.h"
#include "db/mariadb/introspect_parts.h"
#include "db/mariadb/program_settings.h"
#include "db/mariadb/sql_text.h"

namespace dbfixture::mariadb {
namespace {

constexpr unsigned kNoTrustedTriggers = 1419;

std::string shown(const Definition& definition) {
    return cat(name_of(definition.kind), " ", quote(definition.name, 120));
}

// "view "a", view "b" and 7 more"
std::string listed(const std::vector<std::string>& items) {
    constexpr std::size_t kMost = 12;
    std::string out;
    for (std::size_t at = 0; at < std::min(items.size(), kMost); ++at)
        append(out, cat(at == 0 ? "" : ", ", items[at]));
    if (items.size() > kMost) append(out, cat(" and ", items.size() - kMost, " more"));
    return out;
}

class Maker {
  public:
    Maker(Session& session, const Definitions& definitions, const Renaming& renaming,
          std::vector<std::string>& warnings)
        : session_(session),
          definitions_(definitions),
          renaming_(renaming),
          warnings_(warnings),
          settings_(session, renaming.to, definitions.collation) {
        user_ = session_.run("SELECT CURRENT_USER()").string(0, 0);
    }

    void run() {
        std::vector<const Definition*> waiting;
        for (const Definition& definition : definitions_.all) {
            if (definition.kind > DefinitionKind::kTable) waiting.push_back(&definition);
        }
        for (std::size_t before = waiting.size() + 1; !waiting.empty() && waiting.size() < before;) {
            before = waiting.size();
            std::erase_if(waiting, [this](const Definition* one) { return make(*one); });
        }
        settings_.end();
        for (const Definition* const one : waiting)
            warnings_.push_back(cat(shown(*one), " is not in the copy: ", why_not_[one]));
        say();
    }

  private:
    // False where it may be tried again.
    bool make(const Definition& definition) {
        if (definition.text.empty()) {
            why_not_[&definition] = "this user may not read its definition";
            return false;
        }
        const Renamed renamed = rename_database(text_of(definition), definition.lexical(), renaming_);
        try {
            settings_.set(definition);
            run_as_definer(definition, renamed.text);
        } catch (const ServerError& error) {
            if (error.kind == ErrorKind::kBusy) throw;
            if (definition.kind == DefinitionKind::kTrigger) throw cannot_make(definition, error);
            why_not_[&definition] = printable(error.words, 300);
            return false;
        }
        if (renamed.in_text && definition.kind != DefinitionKind::kView) in_text_.push_back(shown(definition));
        return true;
    }

    static std::string text_of(const Definition& definition) {
        if (definition.kind == DefinitionKind::kEvent) return disabled_event(definition.text, definition.lexical());
        return making(definition);
    }

    // Rule 3.
    void run_as_definer(const Definition& definition, const std::string& sql) {
        const auto definer = definer_of(sql, definition.lexical());
        if (definer && may_stay(*definer)) {
            try {
                session_.run(sql);
                return;
            } catch (const ServerError& error) {
                if (error.number != kNotAllowed || definer->account() == user_) throw;
                may_name_others_ = false;
            }
        }
        session_.run(without_definer(sql, definition.lexical()));
        if (definer) of_others_[definer->account()].push_back(shown(definition));
    }

    bool may_stay(const Definer& definer) {
        if (definer.account() == user_) return true;
        if (!may_name_others_) return false;
        const auto [known, is_new] = everywhere_.emplace(definer.account(), false);
        if (is_new) {
            const std::string grantee = cat("'", definer.user, "'@'", definer.host, "'");
            known->second = session_
                                .number(cat("SELECT 1 FROM information_schema.user_privileges WHERE privilege_type = "
                                            "'SELECT' AND grantee = ",
                                            text_literal(grantee)))
                                .has_value();
        }
        return known->second;
    }

    Error cannot_make(const Definition& definition, const ServerError& cause) {
        Error error(ErrorKind::kFailure, cat("cannot copy ", shown(definition), " of ", quote(renaming_.from, 200)));
        error.detail = cat(cause.words, ".");
        if (cause.number == kNoTrustedTriggers)
            error.hint = "the server's administrator allows it: SET GLOBAL log_bin_trust_function_creators = 1";
        return error;
    }

    void say() {
        for (const auto& [account, what] : of_others_)
            warnings_.push_back(
                cat("in the copy ", quote(user_), " is the definer in place of ", quote(account), ": ", listed(what)));
        if (!in_text_.empty())
            warnings_.push_back(cat("these name the database ", quote(renaming_.from),
                                    " in a text, which means the original in the copy, too: ", listed(in_text_)));
        say_events();
    }

    // Rule 5. One whose time is over is not made, without an error.
    void say_events() {
        std::vector<std::string> silent, wanted;
        for (const Definition& definition : definitions_.all) {
            if (definition.kind != DefinitionKind::kEvent || why_not_.contains(&definition)) continue;
            wanted.push_back(definition.name);
            if (is_enabled_event(definition.text, definition.lexical())) silent.push_back(definition.name);
        }
        if (wanted.empty()) return;
        std::set<std::string, std::less<>> made;
        const Result found = session_.run(
            cat("SELECT event_name FROM information_schema.events WHERE ", of_this_database(session_, "event_schema")));
        for (int row = 0; row < found.rows(); ++row)
            made.insert(found.string(row, 0));
        for (const std::string& name : wanted) {
            if (!made.contains(name))
                warnings_.push_back(cat("event ", quote(name), " is not in the copy: it is over"));
        }
        const bool they_run = session_.number("SELECT @@event_scheduler = 'ON'").value_or(0) == 1;
        if (they_run && !silent.empty())
            warnings_.push_back(cat("events do not run in the copy: ", quote_list(silent)));
    }

    Session& session_;
    const Definitions& definitions_;
    const Renaming& renaming_;
    std::vector<std::string>& warnings_;
    std::string user_{};
    ProgramSettings settings_;
    bool may_name_others_ = true;
    std::map<std::string, bool> everywhere_{};                     // by account: whether it has rights everywhere
    std::map<std::string, std::vector<std::string>> of_others_{};  // by account
    std::map<const Definition*, std::string> why_not_{};           // could not be made, last time
    std::vector<std::string> in_text_{};
};

}  // namespace

void make_programs(Session& session, const Definitions& definitions, const Renaming& renaming,
                   std::vector<std::string>& warnings) {
    Maker(session, definitions, renaming, warnings).run();
}

}  // namespace dbfixture::mariadb
