// SPDX-License-Identifier: MIT
#include "db/mariadb/address.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"
#include "db/mariadb/address_names.h"

namespace dbfixture::mariadb {
namespace {

constexpr std::string_view kForm =
    "write mysql://USER@HOST:PORT/DATABASE, with every character of names and passwords but letters and digits as %XX "
    "(@ is %40, / is %2F, % is %25)";

// What is wrong, in fixed words: nothing of the text, which may hold a password.
[[noreturn]] void refuse(std::string_view why) {
    throw Error(ErrorKind::kUsage, cat("the address of the MariaDB or MySQL database is malformed: ", why))
        .with_hint(std::string(kForm));
}

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 32);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decode(std::string_view text, std::string_view what) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        const int high = at + 2 < text.size() ? digit(text[at + 1]) : -1;
        const int low = at + 2 < text.size() ? digit(text[at + 2]) : -1;
        if (high < 0 || low < 0) refuse(cat("a % in ", what, " has no two digits behind it"));
        if (high == 0 && low == 0) refuse(cat("there is a %00 in ", what));
        out += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return out;
}

void add(std::vector<AddressPart>& parts, std::string_view name, std::string value) {
    const ParameterName known = parameter_name(name);
    if (known.ignored) return;
    if (known.name.empty()) {
        throw Error(ErrorKind::kUsage, cat("MariaDB's addresses have no parameter ", quote(name)))
            .with_hint(did_you_mean(name, parameter_names()));
    }
    if (known.name == "dbname" && value.find("://") != std::string::npos)
        refuse("the name of the database is an address by itself");
    parts.push_back({std::string(known.name), std::move(value)});
}

void add_host(std::vector<AddressPart>& parts, std::string_view text) {
    if (text.find(',') != std::string_view::npos) refuse("it names several hosts");
    std::string_view host = text, port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) refuse("a [ of the host is not closed");
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!port.empty() && port[0] != ':') refuse("there is something behind the ] of the host");
        if (!port.empty()) port.remove_prefix(1);
    } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    if (!std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }) || port.size() > 5)
        refuse("what stands behind the host's colon is no port");
    if (!host.empty()) add(parts, "host", decode(host, "the host"));
    if (!port.empty()) add(parts, "port", std::string(port));
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
    });
}

void add_query(std::vector<AddressPart>& parts, std::string_view query, char between) {
    while (!query.empty()) {
        const std::size_t end = query.find(between);
        const std::string_view one = query.substr(0, end);
        const std::size_t equals = one.find('=');
        if (equals == std::string_view::npos || !is_name(one.substr(0, equals)))
            refuse(between == '&' ? "what stands behind the ? is no list of name=value"
                                  : "it is no list of name=value");
        const std::string_view value = one.substr(equals + 1);
        add(parts, one.substr(0, equals), between == '&' ? decode(value, "a parameter") : std::string(value));
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    }
}

void add_user(std::vector<AddressPart>& parts, std::string_view user, bool encoded) {
    const auto text = [&](std::string_view of, std::string_view what) {
        return encoded ? decode(of, what) : std::string(of);
    };
    const std::size_t colon = user.find(':');
    if (const std::string name = text(user.substr(0, colon), "the user"); !name.empty()) add(parts, "user", name);
    if (colon != std::string_view::npos) add(parts, "password", text(user.substr(colon + 1), "the password"));
}

// Behind the host: "/database?name=value".
void add_path(std::vector<AddressPart>& parts, std::string_view path) {
    const std::size_t question = std::min(path.find('?'), path.size());
    const std::string_view query = path.substr(std::min(question + 1, path.size()));
    path = path.substr(0, question);
    if (path.find('@') != std::string_view::npos) refuse("there is an @ behind the host's /");
    if (path.size() > 1) add(parts, "dbname", decode(path.substr(1), "the name of the database"));
    add_query(parts, query, '&');
}

// A password may hold any character, written as it is by mistake. Where that could be read in another way, the text is
// refused: a part of the password must not become the name of a host or a database, which are shown.
std::vector<AddressPart> parse_url(std::string_view rest) {
    if (!rest.starts_with("//")) refuse("there is no // behind the scheme");
    rest.remove_prefix(2);
    std::vector<AddressPart> parts;
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    std::string_view host = rest.substr(0, end);
    if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
        add_user(parts, host.substr(0, at), true);
        host.remove_prefix(at + 1);
    }
    add_host(parts, host);
    add_path(parts, rest.substr(end));
    return parts;
}

std::vector<AddressPart> parse_go(std::string_view text) {
    std::vector<AddressPart> parts;
    const std::size_t at = std::max(text.rfind("@tcp(") + 1, text.rfind("@unix(") + 1) - 1;
    const std::size_t open = text.find('(', at), close = text.find(')', open);
    if (close == std::string_view::npos) refuse("a ( is not closed");
    add_user(parts, text.substr(0, at), false);
    const std::string_view place = text.substr(open + 1, close - open - 1);
    if (text.substr(at).starts_with("@unix")) {
        add(parts, "socket", std::string(place));
    } else {
        add_host(parts, place);
    }
    add_path(parts, text.substr(close + 1));
    return parts;
}

std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace

std::vector<AddressPart> parse_address(const UrlParts& url) {
    std::vector<AddressPart> parts;
    if (url.scheme.empty()) {
        parts = parse_go(url.rest);
    } else if (!url.rest.starts_with("//") && url.rest.find('=') != std::string_view::npos) {
        add_query(parts, url.rest, ';');
    } else {
        parts = parse_url(url.rest);
    }
    if (part_of(parts, "dbname").empty()) {
        throw Error(ErrorKind::kUsage, "the address of the MariaDB or MySQL database names no database")
            .with_hint("write mysql://USER@HOST:PORT/DATABASE");
    }
    return parts;
}

bool is_go_address(std::string_view text) {
    return text.find("@tcp(") != std::string_view::npos || text.find("@unix(") != std::string_view::npos;
}

std::string address_of(const std::vector<AddressPart>& parts) {
    std::string out;
    for (const AddressPart& part : parts)
        append(out, cat(part.name, '=', part.value, '\0'));
    return out;
}

std::vector<AddressPart> parts_of(std::string_view address) {
    std::vector<AddressPart> out;
    while (!address.empty()) {
        const std::size_t end = std::min(address.find('\0'), address.size());
        const std::string_view one = address.substr(0, end);
        const std::size_t equals = std::min(one.find('='), one.size());
        out.push_back({std::string(one.substr(0, equals)), std::string(one.substr(std::min(equals + 1, one.size())))});
        address.remove_prefix(std::min(end + 1, address.size()));
    }
    return out;
}

std::string part_of(const std::vector<AddressPart>& parts, std::string_view name) {
    std::string out;
    for (const AddressPart& part : parts) {
        if (part.name == name) out = part.value;
    }
    return out;
}

std::vector<AddressPart> with_environment(std::vector<AddressPart> parts) {
    const auto fill = [&parts](std::string_view name, std::string value) {
        if (part_of(parts, name).empty() && !value.empty()) parts.push_back({std::string(name), std::move(value)});
    };
    const bool says_where = !part_of(parts, "host").empty() || !part_of(parts, "socket").empty();
    if (!says_where) {
        fill("host", environment("MYSQL_HOST"));
        fill("port", environment("MYSQL_TCP_PORT"));
    }
    const std::string host = part_of(parts, "host");
    if (host.empty() || (host == "localhost" && part_of(parts, "port").empty()))
        fill("socket", environment("MYSQL_UNIX_PORT"));
    return parts;
}

std::string without_password(std::string words, const Location& location) {
    for (const AddressPart& part : parts_of(location.address)) {
        if (part.name != "password" && part.name != "ssl-passphrase") continue;
        if (part.value.size() < 4) continue;  // a short one is a word of every message; the library repeats none
        for (std::size_t at = words.find(part.value); at != std::string::npos; at = words.find(part.value, at + 3))
            words.replace(at, part.value.size(), "...");
    }
    return words;
}

}  // namespace dbfixture::mariadb
