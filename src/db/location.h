// SPDX-License-Identifier: MIT
// Which database: three types that cannot be taken for one another, nor for the path of a file.
//
//     DatabaseUrl        what a person typed: a path, a URL
//     Location           what one engine makes of it (open.h: locate()); asks which files exist, connects to nothing
//     DatabaseIdentity   what the database goes by: what is shown, guarded, confirmed, compared
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dbfixture {

struct Engine;

struct DatabaseUrl {
    DatabaseUrl() = default;
    explicit DatabaseUrl(std::string_view typed) : text(typed) {}
    std::string text;  // may hold a password: shown_url() has it without
};

// What an engine keeps of a database for the next part of a command that works on it.
struct KeptByEngine {
    virtual ~KeptByEngine() = default;
    // Kept for the next command, too: between commands it holds no lock, no transaction and nothing that was set.
    bool between_commands = false;
};

struct Location {
    const Engine* engine = nullptr;
    std::string address;  // what the engine connects to, in its own words; may hold a password
    std::string shown;    // as people know the database, without a password
    std::string file;     // the path of the local file that holds it, as given; "" on a server and in memory
    std::string typed{};  // DatabaseUrl::text; "" where nobody typed it. May hold a password
    std::shared_ptr<KeptByEngine> kept{};  // of all copies of it
};

// A name on the way to a database. The guard judges its words.
struct DatabaseName {
    std::string_view what;  // "name", "folder": what it is the name of, or a part of
    std::string text;
};

struct DatabaseIdentity {
    std::string shown;  // Location::shown
    // The database's own: of a file, what it is called at the end of all links; else what its server calls it. "" for
    // one in memory.
    std::string name;
    std::string given_name;           // as it was named; --confirm takes either
    std::vector<DatabaseName> names;  // all that it was reached by, from the given one on
    // Equal for two locations that lead to the same database, and another one once that was replaced, as far as can be
    // told without connecting; "" where it cannot.
    std::string id;
    // The local file that holds it, absolute, with links resolved; it need not exist. What belongs to the database lies
    // beside it. "" on a server and in memory: nothing lies beside those.
    std::string file;
};

}  // namespace dbfixture
