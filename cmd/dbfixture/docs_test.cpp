// SPDX-License-Identifier: MIT
// README.md and the documents of docs that it lists are true: they name every command and option, and their examples do
// what they say.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "base/cat.h"
#include "base/places_test.h"
#include "db/postgres/test_server_test.h"
#include "fixture/codec/codec.h"
#include "fixture/format.h"
#include "layout/layout.h"
#include "model/bookkeeping.h"
#include "ops/config.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

// README.md, and behind it what it links to in docs, in that order.
std::string readme() {
    static const std::regex kLink("\\]\\((docs/[a-z-]+[.]md)\\)");
    const std::string text = read_file(dbfixture::source_folder() / "README.md");
    std::string all = text;
    std::set<std::string> seen;
    for (std::sregex_iterator i(text.begin(), text.end(), kLink); i != std::sregex_iterator(); ++i) {
        if (seen.insert((*i)[1]).second) all += "\n" + read_file(dbfixture::source_folder() / (*i)[1].str());
    }
    return all;
}

// From the heading to the next one of the same or a higher level; "" if there is none.
std::string section(const std::string& text, const std::string& heading) {
    const std::size_t begin = text.find("\n" + heading + "\n");
    if (begin == std::string::npos) return {};
    const std::string level = heading.substr(0, heading.find(' '));
    std::size_t end = begin + 1;
    do {
        end = text.find("\n#", end + 1);
    } while (end != std::string::npos && text.find(' ', end) - end - 1 > level.size());
    return text.substr(begin, end == std::string::npos ? end : end - begin);
}

// Each long and short name stands between backquotes: `-o`, `--output FILE`.
bool names_option(const std::string& text, const std::string& name) {
    const std::size_t at = text.find("`" + name);
    return at != std::string::npos && std::string("` ").find(text[at + 1 + name.size()]) != std::string::npos;
}

void check_options(const nlohmann::json& options, const std::string& text, const std::string& where) {
    for (const auto& option : options) {
        std::istringstream names(option.at("names").get<std::string>());
        for (std::string name; names >> name;) {
            if (name.ends_with(",")) name.pop_back();
            INFO(where << " does not name " << name);
            CHECK(names_option(text, name));
        }
    }
}

struct Block {
    std::string script, output;
    bool has_output = false;
};

// "<!-- test -->" before a block of shell lines, "<!-- output -->" before what they print.
std::vector<Block> tested_blocks(const std::string& text) {
    std::vector<Block> blocks;
    std::istringstream lines(text);
    std::string* into = nullptr;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line == "<!-- test -->") {
            into = &blocks.emplace_back().script;
        } else if (line == "<!-- output -->") {
            REQUIRE(!blocks.empty());
            blocks.back().has_output = true;
            into = &blocks.back().output;
        } else if (line.starts_with("```")) {
            if (inside) into = nullptr;
            inside = !inside;
        } else if (inside && into != nullptr) {
            *into += line + "\n";
        }
    }
    return blocks;
}

struct Quotation {
    std::string file, lines;
};

// "<!-- lines of FILE -->" before a block of lines that are to stand in FILE, as they are and one after the other.
std::vector<Quotation> quotations(const std::string& text) {
    static const std::regex kMark("<!-- lines of (\\S+) -->\n```[a-z]*\n");
    std::vector<Quotation> found;
    for (std::sregex_iterator i(text.begin(), text.end(), kMark); i != std::sregex_iterator(); ++i) {
        const auto begin = static_cast<std::size_t>(i->position() + i->length());
        found.push_back({(*i)[1], text.substr(begin, text.find("\n```\n", begin) + 1 - begin)});
    }
    return found;
}

// The blocks behind "<!-- MARK -->".
std::vector<std::string> blocks_behind(const std::string& mark, const std::string& text) {
    const std::regex kBlock(dbfixture::cat("<!-- ", mark, " -->\n```[a-z]*\n"));
    std::vector<std::string> found;
    for (std::sregex_iterator i(text.begin(), text.end(), kBlock); i != std::sregex_iterator(); ++i) {
        const auto begin = static_cast<std::size_t>(i->position() + i->length());
        found.push_back(text.substr(begin, text.find("\n```\n", begin) + 1 - begin));
    }
    return found;
}

// The status and output of a script that sees `shell_text` first.
std::pair<int, std::string> outcome_of(const std::string& script, const std::string& shell_text,
                                       const fs::path& folder) {
    write_file(folder / "script", script);
    fs::create_directory(folder / "work");
    const int status = shell(environment() + shell_text + "cd " + quoted(folder / "work") + " && sh -eu ../script >" +
                             quoted(folder / "out") + " 2>&1 </dev/null");
    return {status, read_file(folder / "out")};
}

// Those that GitHub gives to headings.
std::set<std::string> anchors_of(const std::string& text) {
    std::set<std::string> anchors;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("#")) continue;
        std::string anchor;
        for (const char c : line.substr(std::min(line.find(' ') + 1, line.size()))) {
            if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-') {
                anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            } else if (c == ' ') {
                anchor += '-';
            }
        }
        anchors.insert(anchor);
    }
    return anchors;
}

}  // namespace

TEST_CASE("README names every command and option", "[docs]") {
    const auto help = nlohmann::json::parse(output_of(environment() + "dbfixture help --json"));
    const std::string text = readme();
    check_options(help.at("global_options"), section(text, "## Global options"), "\"Global options\"");
    for (const auto& command : help.at("commands")) {
        const std::string name = command.at("name");
        const std::string own = section(text, "### " + name);
        INFO("README.md needs a part \"### " << name << "\"");
        CHECK_FALSE(own.empty());
        check_options(command.at("options"), own, "the part on " + name);
    }
}

TEST_CASE("README names every key of the config, and its example is read", "[docs][config]") {
    const std::string part = section(readme(), "## Which database");
    const std::size_t begin = part.find("```yaml\n") + 8;
    REQUIRE(part.find("```yaml\n") != std::string::npos);
    const std::string example = part.substr(begin, part.find("```", begin) - begin);
    CHECK_NOTHROW(dbfixture::parse_config(example, "README.md"));
    for (const std::string& key : dbfixture::config_keys()) {
        INFO(key);
        CHECK(("\n" + example).find("\n" + key + ":") != std::string::npos);
    }
}

TEST_CASE("README names every key of \"django:\", each with an example that is read", "[docs][config]") {
    const auto schema = nlohmann::json::parse(read_file(dbfixture::source_folder() / "schemas/config.schema.json"));
    const std::string part = section(readme(), "## Django");
    for (const auto& [key, unused] : schema.at("properties").at("django").at("properties").items()) {
        INFO(key);
        const std::size_t row = part.find("\n| `" + key + "` |");
        REQUIRE(row != std::string::npos);
        const std::string line = part.substr(row + 1, part.find('\n', row + 1) - row - 1);
        const std::size_t begin = line.rfind("| `") + 3;
        const std::string example = line.substr(begin, line.rfind('`') - begin);
        INFO(example);
        CHECK_NOTHROW(dbfixture::parse_config(dbfixture::cat("django:\n  ", key, ": ", example, "\n"), "README.md"));
    }
}

TEST_CASE("README names every table of bookkeeping, with its columns", "[docs]") {
    const std::string part = section(readme(), "## Tables that are left out");
    for (const dbfixture::BookkeepingTable& table : dbfixture::bookkeeping_tables()) {
        const std::string columns = std::regex_replace(std::string(table.columns), std::regex(","), ", ");
        const bool one = columns.find(',') == std::string::npos;
        const std::string text = dbfixture::cat("`", table.name, "`", columns.empty() ? "" : " with the column",
                                                columns.empty() || one ? "" : "s", columns.empty() ? "" : " ", columns);
        INFO(text);
        const std::size_t row = part.find(dbfixture::cat("\n| ", table.tool, " | "));
        REQUIRE(row != std::string::npos);
        CHECK(part.substr(row + 1, part.find('\n', row + 1) - row - 1).find(text) != std::string::npos);
    }
}

TEST_CASE("README names every bookkeeping table of a layout", "[docs]") {
    const std::string part = section(readme(), "## Tables that are left out");
    for (const dbfixture::LayoutKind& kind : dbfixture::layout_kinds()) {
        for (const std::string_view table : kind.bookkeeping) {
            INFO(table);
            const std::size_t row = part.find(dbfixture::cat("\n| ", kind.owner, " | "));
            REQUIRE(row != std::string::npos);
            CHECK(part.substr(row + 1, part.find('\n', row + 1) - row - 1).find(dbfixture::cat("`", table, "`")) !=
                  std::string::npos);
        }
    }
    CHECK(dbfixture::layout_bookkeeping() == std::vector<std::string>{"django_migrations"});
}

TEST_CASE("README names every format and compression", "[docs]") {
    const std::string part = section(readme(), "## Fixtures");
    for (const dbfixture::Format& format : dbfixture::all_formats()) {
        INFO(format.name);
        CHECK(part.find("`" + std::string(format.name) + "`") != std::string::npos);
    }
    for (const dbfixture::Codec& codec : dbfixture::all_codecs()) {
        INFO(codec.name);
        CHECK(part.find("`." + std::string(codec.extensions.front()) + "`") != std::string::npos);
    }
}

TEST_CASE("what README says of test suites are the lines of suites that the tests run", "[docs][suites]") {
    std::set<std::string> suites;
    for (const Quotation& quotation : quotations(readme())) {
        INFO(quotation.file << ":\n" << quotation.lines);
        const std::string file = "\n" + read_file(dbfixture::source_folder() / quotation.file);
        CHECK(file.find("\n" + quotation.lines) != std::string::npos);
        if (quotation.file.starts_with("testdata/suites/"))
            suites.insert(fs::path(quotation.file).lexically_relative("testdata/suites").begin()->string());
    }
    CHECK(suites ==
          std::set<std::string>{"behave", "ci", "clients", "django", "flask", "node", "pytest", "ruby", "sessions"});
}

TEST_CASE("the examples of README print what it says", "[docs]") {
    const WorkFolder temp;
    std::size_t ran = 0;
    for (const Block& block : tested_blocks(readme())) {
        ++ran;
        const auto [status, printed] = outcome_of(block.script, "", temp.path);
        const std::string seen = std::regex_replace(printed, std::regex("SQLite [0-9.]+"), "SQLite N");
        INFO("example:\n" << block.script << "printed:\n" << seen);
        CHECK(status == 0);
        if (block.has_output) CHECK(seen == block.output);
    }
    CHECK(ran > 0);
}

// reference.md is made: its examples are those of the man pages, its outputs those of commands.md.
TEST_CASE("a test runs, reads or compares every block of README and its documents", "[docs]") {
    static const std::regex kMark(
        "<!-- (test|test server|test serve|test library|output|config|settings|lines of \\S+) -->");
    const std::string text = std::regex_replace(readme(), std::regex("<!--\n```"), "```");
    const std::string all = text.substr(0, text.find("\n# Reference\n"));
    std::istringstream lines(all);
    bool inside = false;
    std::string before;
    for (std::string line; std::getline(lines, line); before = line) {
        if (!line.starts_with("```")) continue;
        INFO(before << "\n" << line);
        if (!inside) CHECK(std::regex_match(before, kMark));
        inside = !inside;
    }
    CHECK_FALSE(inside);
}

TEST_CASE("the examples for a server work on one", "[docs][postgres]") {
    if (dbfixture::postgres_folder().empty()) {
        WARN("SKIPPED: examples for a server: no server is installed (Debian: postgresql)");
        return;
    }
    const dbfixture::PostgresTestDatabase database(
        "CREATE TABLE customers (id integer PRIMARY KEY, name text); INSERT INTO customers VALUES (1, 'Ann')");
    const WorkFolder temp;
    fs::create_directory(temp.path / "bin");
    write_file(temp.path / "bin/pytest", "#!/bin/sh\n[ \"$DATABASE_URL\" != \"$URL\" ] && dbfixture dumpdata\n");
    fs::permissions(temp.path / "bin/pytest", fs::perms::owner_all);
    const std::string around =
        dbfixture::cat("export URL='", database.url(), "' XDG_STATE_HOME=", quoted(temp.path / "state"),
                       " PATH=", quoted(temp.path / "bin"), ":\"$PATH\"; ");
    const std::vector<std::string> scripts = blocks_behind("test server", readme());
    CHECK(scripts.size() == 1);
    for (const std::string& script : scripts) {
        const auto [status, seen] =
            outcome_of(script + "dbfixture snapshots delete base -d \"$URL\"\n", around, temp.path);
        INFO(script << "printed:\n" << seen);
        CHECK(status == 0);
        CHECK(seen.find("{\"model\": \"customers\", \"pk\": 1, \"fields\": {\"name\": \"Ann\"}}") != std::string::npos);
    }
}

TEST_CASE("the lines for serve that README shows are answered", "[docs]") {
    const std::vector<std::string> shown = blocks_behind("test serve", readme());
    REQUIRE(shown.size() == 1);
    const WorkFolder temp;
    write_file(temp.path / "lines", shown.front());
    const auto [status, seen] = outcome_of(
        "sqlite3 shop.db 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)'\necho '[]' >users.json\n"
        "dbfixture serve -d shop.db <../lines\n",
        "", temp.path);
    CHECK(status == 0);
    std::istringstream answers(seen);
    std::vector<int> statuses;
    for (std::string line; std::getline(answers, line);)
        statuses.push_back(nlohmann::json::parse(line).at("status"));
    INFO(seen);
    CHECK(statuses == std::vector<int>{0, 0});
}

TEST_CASE("the settings of an editor that README shows name the schema that its example writes", "[docs]") {
    const std::string text = readme();
    const std::vector<std::string> shown = blocks_behind("settings", text);
    REQUIRE(shown.size() == 1);
    const auto settings = nlohmann::json::parse("{" + shown.front() + "}");
    const std::string schema = settings.at("json.schemas").at(0).at("url");
    CHECK(settings.at("yaml.schemas").begin().key() == schema);
    CHECK(text.find("--json-schema > " + fs::path(schema).filename().string() + "\n") != std::string::npos);
}

TEST_CASE("README lists every document, and every link in them leads somewhere", "[docs]") {
    static const std::regex kLink("\\]\\(([^)#:]*)(#[a-z0-9-]+)?\\)");
    const fs::path root = dbfixture::source_folder();
    const std::string list = read_file(root / "README.md");
    std::vector<fs::path> files = {root / "README.md"};
    for (const fs::directory_entry& entry : fs::directory_iterator(root / "docs")) {
        if (entry.path().extension() != ".md") continue;
        files.push_back(entry.path());
        INFO(entry.path());
        CHECK(list.find("](docs/" + entry.path().filename().string() + ")") != std::string::npos);
    }
    for (const fs::path& file : files) {
        const std::string text = read_file(file);
        for (std::sregex_iterator i(text.begin(), text.end(), kLink); i != std::sregex_iterator(); ++i) {
            const fs::path target = (*i)[1].length() == 0 ? file : file.parent_path() / (*i)[1].str();
            INFO(file << ": " << (*i)[0]);
            CHECK(fs::exists(target));
            if (!(*i)[2].matched || !fs::is_regular_file(target)) continue;
            CHECK(anchors_of(read_file(target)).contains((*i)[2].str().substr(1)));
        }
    }
}
