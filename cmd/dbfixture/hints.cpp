// SPDX-License-Identifier: MIT
#include "hints.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "base/cat.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "commands.h"
#include "db/open.h"

namespace dbfixture {
namespace {

// Words separated by spaces, and the command that they mean.
struct Synonyms {
    std::string_view words;
    std::string_view command;
};
constexpr std::array kSynonyms = {
    Synonyms{"dump export extract dump_data dump-data datadump dumpfixtures", "dumpdata"},
    Synonyms{"load import seed install populate load_data load-data loadfixture loadfixtures fixtures:load db:seed "
             "db:fixtures:load apply",
             "loaddata"},
    Synonyms{"truncate clear empty clean wipe purge delete reset_db reset-db flushdb sqlclear dropdata", "flush"},
    Synonyms{"save backup checkpoint freeze", "snapshot"},
    Synonyms{"rollback revert undo rewind recover reset", "restore"},
    Synonyms{"ls list states history list-snapshots", "snapshots"},
    Synonyms{"test wrap with", "run"},
    Synonyms{"validate verify lint", "check"},
    Synonyms{"transform translate format", "convert"},
    Synonyms{"info show tables schema describe status structure inspectdb list-tables models graph", "inspect"},
    Synonyms{"completions complete autocomplete shell-completion", "completion"},
    Synonyms{"sequences resetsequence fixsequences reset-sequences sequence-reset", "resetsequences"},
};

// What the program leaves to others.
constexpr std::array kOthers = {
    Synonyms{"migrate makemigrations migrations upgrade downgrade db:migrate syncdb createdb init",
             "dbfixture has no part in the schema: create and migrate the database with your project's own tool"},
    Synonyms{"shell dbshell sql query exec console", "dbfixture runs no SQL: open the database with its own shell"},
};

// An option of other tools, and those that it may mean; the first that the command has is taken.
constexpr std::array kOptions = {
    Synonyms{"-V --ver", "--version"},
    Synonyms{"-f --to --type --output-format --input-format --fmt", "--format --to --no-input"},
    Synonyms{"-o --out --outfile --output-file --file --to-file", "--output"},
    Synonyms{"-y --yes --force --assume-yes --non-interactive --batch", "--no-input"},
    Synonyms{"-n --dryrun --simulate --pretend --what-if", "--dry-run --no-input"},
    Synonyms{"--db --dsn --url --uri --database-url --connection -D --dbname", "--database"},
    Synonyms{"-c --conf --settings", "--config"},
    Synonyms{"--verbose", "--verbosity"},
    Synonyms{"--silent -s", "--quiet"},
    Synonyms{"--no-colour --nocolor --monochrome", "--no-color"},
    Synonyms{"-p --pk --primary-keys --ids --id --keys", "--pks"},
    Synonyms{"-x --skip --omit --without --exclude-table --ignore-table", "--exclude"},
    Synonyms{"--ignore --ignore-nonexistent --ignore-unknown --ignore-missing", "--ignorenonexistent"},
    Synonyms{"--pretty --human", "--indent"},
    Synonyms{"--overwrite --truncate --clean --empty --purge --delete --flush --clear --reset", "--replace --force"},
    Synonyms{"--natural -n", "--natural-foreign"},
    Synonyms{"--timeout --wait --lock-timeout", "--busy-timeout"},
    Synonyms{"-?", "--help"},
};

template <typename Action>
bool any_word(std::string_view words, Action&& action) {
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        if (action(words.substr(0, end))) return true;
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

bool has_word(std::string_view words, std::string_view word) {
    return any_word(words, [&](std::string_view one) { return one == word; });
}

// A file that begins as one, a database's URL, or what nobody would name anything else.
bool means_database(const std::string& word) {
    if (word.empty() || word == "-") return false;
    if (is_database_url(word) || describe_database_file(word) == "a database") return true;
    return has_database_ending(word);
}

// The line without the argument and with "-d argument" behind the command.
std::string line_with_database(const std::vector<std::string>& words, const std::string& argument) {
    std::string line = "dbfixture";
    bool left_out = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0 && !left_out && words[i] == argument) {
            left_out = true;
            continue;
        }
        append(line, cat(" ", shell_word(words[i])));
        if (i == 0) append(line, cat(" -d ", shell_word(argument)));
    }
    return line;
}

}  // namespace

std::string hint_for_command(const std::string& word, const std::vector<std::string>& words) {
    const std::string lower = to_lower(word);
    for (const Synonyms& known : kSynonyms) {
        if (has_word(known.words, lower)) return cat("did you mean ", quote(known.command), "?");
    }
    for (const Synonyms& other : kOthers) {
        if (has_word(other.words, lower)) return std::string(other.command);
    }
    if (lower == "version") return "did you mean \"--version\"?";
    if (!means_database(word)) return {};
    const bool has_command = !words.empty() && find_command(words[0]) != nullptr;
    std::vector<std::string> line = words;
    if (!has_command) line.insert(line.begin(), "inspect");
    return cat("name the database with -d: ", line_with_database(line, word));
}

std::string hint_for_option(std::string_view option, const std::vector<std::string>& known) {
    std::string hint;
    for (const Synonyms& guess : kOptions) {
        if (!has_word(guess.words, option)) continue;
        any_word(guess.command, [&](std::string_view name) {
            if (std::ranges::find(known, name) == known.end()) return false;
            hint = cat("did you mean ", quote(name), "?");
            return true;
        });
        if (!hint.empty()) return hint;
    }
    if (has_word("-t --table --tables --model --models --app -l --label", option))
        return "tables and apps are named without an option";
    return hint;
}

void add_database_hint(Error& error, const std::vector<std::string>& arguments, const std::vector<std::string>& words,
                       bool names_database) {
    const bool has_none = error.kind == ErrorKind::kUsage && !names_database;
    const bool may_be = has_none || error.kind == ErrorKind::kUsage || error.kind == ErrorKind::kNotFound ||
                        error.kind == ErrorKind::kInput;
    if (!may_be || (names_database && !error.hint.empty())) return;
    if (!words.empty() && words.front() == "diff") return;  // its arguments may be databases
    const auto behind = std::ranges::find(words, "--");     // a command and its own words
    for (const std::string& argument : arguments) {
        if (std::find(words.begin(), behind, argument) == behind) continue;
        const bool is_about_it = error.where.file == argument ||
                                 error.message.find(quote(argument)) != std::string::npos ||
                                 error.message.find(quote(argument, 200)) != std::string::npos;
        if (!(has_none || is_about_it) || !means_database(argument)) continue;
        if (names_database && error.kind == ErrorKind::kInput && describe_database_file(argument).empty()) continue;
        error.hint = names_database
                         ? cat(quote(argument, 200), " looks like a database, and one is named already with -d")
                         : cat("name the database with -d: ", line_with_database(words, argument));
        return;
    }
}

}  // namespace dbfixture
