// SPDX-License-Identifier: MIT
#include "db/postgres/address.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "base/cat.h"
#include "base/error.h"
#include "base/text.h"

namespace dbfixture::postgres {
namespace {

using std::string_view_literals::operator""sv;

// Of the client library, up to its version 17.
constexpr std::array kParameters = {"application_name"sv,
                                    "channel_binding"sv,
                                    "client_encoding"sv,
                                    "connect_timeout"sv,
                                    "dbname"sv,
                                    "fallback_application_name"sv,
                                    "gssdelegation"sv,
                                    "gssencmode"sv,
                                    "gsslib"sv,
                                    "host"sv,
                                    "hostaddr"sv,
                                    "keepalives"sv,
                                    "keepalives_count"sv,
                                    "keepalives_idle"sv,
                                    "keepalives_interval"sv,
                                    "krbsrvname"sv,
                                    "load_balance_hosts"sv,
                                    "options"sv,
                                    "passfile"sv,
                                    "password"sv,
                                    "port"sv,
                                    "replication"sv,
                                    "require_auth"sv,
                                    "requirepeer"sv,
                                    "service"sv,
                                    "ssl_max_protocol_version"sv,
                                    "ssl_min_protocol_version"sv,
                                    "sslcert"sv,
                                    "sslcertmode"sv,
                                    "sslcompression"sv,
                                    "sslcrl"sv,
                                    "sslcrldir"sv,
                                    "sslkey"sv,
                                    "sslmode"sv,
                                    "sslnegotiation"sv,
                                    "sslpassword"sv,
                                    "sslrootcert"sv,
                                    "sslsni"sv,
                                    "target_session_attrs"sv,
                                    "tcp_user_timeout"sv,
                                    "user"sv};

// Of drivers and pools: they say nothing about which database it is.
constexpr std::array kIgnored = {"adapter"sv,
                                 "binaryTransfer"sv,
                                 "connection_limit"sv,
                                 "encoding"sv,
                                 "pgbouncer"sv,
                                 "pool"sv,
                                 "pool_max_conns"sv,
                                 "pool_size"sv,
                                 "pool_timeout"sv,
                                 "poolclass"sv,
                                 "prepareThreshold"sv,
                                 "prepared_statements"sv,
                                 "schema_search_path"sv,
                                 "socket_timeout"sv,
                                 "sslaccept"sv,
                                 "sslidentity"sv,
                                 "statement_cache_size"sv,
                                 "timeout"sv,
                                 "uselibpqcompat"sv,
                                 "reaping_frequency"sv};

constexpr std::string_view kForm =
    "write postgresql://USER@HOST:PORT/DATABASE, with every character of names and "
    "passwords but letters and digits as %XX (@ is %40, / is %2F, % is %25)";

// What is wrong, in fixed words: nothing of the text, which may hold a password.
[[noreturn]] void refuse(std::string_view why) {
    throw Error(ErrorKind::kUsage, cat("the address of the PostgreSQL database is malformed: ", why))
        .with_hint(std::string(kForm));
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
        return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
    });
}

std::string decode(std::string_view text, std::string_view what) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    };
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

// What other clients would take for an address of its own is one that was put into the wrong place.
void require_plain_name(std::string_view database) {
    if (database.find("://") == std::string_view::npos && database.find('=') == std::string_view::npos) return;
    refuse("the name of the database is an address by itself");
}

void add(std::vector<AddressPart>& parts, std::string name, std::string value) {
    if (name == "currentSchema") name = kSchemaPart;
    if (name == "ssl") {
        if (value != "true") return;
        name = "sslmode";
        value = "require";
    }
    if (std::ranges::find(kIgnored, name) != kIgnored.end()) return;
    if (name != kSchemaPart && std::ranges::find(kParameters, name) == kParameters.end()) {
        throw Error(ErrorKind::kUsage, cat("PostgreSQL's addresses have no parameter ", quote(name)))
            .with_hint(did_you_mean(name, {kParameters.begin(), kParameters.end()}));
    }
    if (name == "dbname") require_plain_name(value);
    parts.push_back({std::move(name), std::move(value)});
}

void add_hosts(std::vector<AddressPart>& parts, std::string_view list) {
    std::string hosts, ports;
    bool any_port = false;
    for (;;) {
        const std::size_t comma = list.find(',');
        std::string_view one = list.substr(0, comma);
        std::string_view host = one, port;
        if (one.starts_with('[')) {
            const std::size_t end = one.find(']');
            if (end == std::string_view::npos) refuse("a [ of the host is not closed");
            host = one.substr(1, end - 1);
            one.remove_prefix(end + 1);
            if (!one.empty() && one[0] != ':') refuse("there is something behind the ] of the host");
            port = one.empty() ? one : one.substr(1);
        } else if (const std::size_t colon = one.find(':'); colon != std::string_view::npos) {
            host = one.substr(0, colon);
            port = one.substr(colon + 1);
        }
        if (!std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }))
            refuse("what stands behind the host's colon is no port");
        any_port = any_port || !port.empty();
        append(hosts, cat(hosts.empty() && ports.empty() ? "" : ",", decode(host, "the host")));
        append(ports, cat(&list[0] == &one[0] && ports.empty() ? "" : "", port));
        if (comma == std::string_view::npos) break;
        ports += ',';
        list.remove_prefix(comma + 1);
    }
    if (!hosts.empty()) add(parts, "host", hosts);
    if (any_port) add(parts, "port", ports);
}

void add_query(std::vector<AddressPart>& parts, std::string_view query) {
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view one = query.substr(0, end);
        const std::size_t equals = one.find('=');
        if (equals == std::string_view::npos || !is_name(one.substr(0, equals)))
            refuse("what stands behind the ? is no list of name=value");
        add(parts, std::string(one.substr(0, equals)), decode(one.substr(equals + 1), "a parameter"));
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    }
}

// A password may hold any character, written as it is by mistake. Where that could be read in another way, the text is
// refused: a part of the password must not become the name of a host or a database, which are shown.
std::vector<AddressPart> parse_url(std::string_view rest) {
    if (!rest.starts_with("//")) refuse("there is no // behind the scheme");
    rest.remove_prefix(2);
    std::vector<AddressPart> parts;
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    std::string_view hosts = rest.substr(0, end);
    if (const std::size_t at = hosts.rfind('@'); at != std::string_view::npos) {
        const std::string_view user = hosts.substr(0, at);
        const std::size_t colon = user.find(':');
        if (const std::string name = decode(user.substr(0, colon), "the user"); !name.empty()) add(parts, "user", name);
        if (colon != std::string_view::npos) add(parts, "password", decode(user.substr(colon + 1), "the password"));
        hosts.remove_prefix(at + 1);
    }
    std::string_view path = rest.substr(end);
    const std::size_t question = std::min(path.find('?'), path.size());
    const std::string_view query = path.substr(std::min(question + 1, path.size()));
    path = path.substr(0, question);
    if (path.find('@') != std::string_view::npos) refuse("there is an @ behind the host's /");
    add_hosts(parts, hosts);
    if (path.size() > 1) add(parts, "dbname", decode(path.substr(1), "the name of the database"));
    add_query(parts, query);
    return parts;
}

std::vector<AddressPart> parse_parameters(std::string_view text) {
    std::vector<AddressPart> parts;
    const auto skip = [&text] { text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size())); };
    for (skip(); !text.empty(); skip()) {
        const std::size_t end = std::min(text.find_first_of("= \t\r\n"), text.size());
        const std::string name(text.substr(0, end));
        text.remove_prefix(end);
        skip();
        if (!is_name(name) || !text.starts_with('=')) refuse("it is no list of name=value");
        text.remove_prefix(1);
        skip();
        const bool quoted = text.starts_with('\'');
        if (quoted) text.remove_prefix(1);
        std::string value;
        bool closed = !quoted;
        while (!text.empty()) {
            char c = text[0];
            if (quoted ? c == '\'' : std::isspace(static_cast<unsigned char>(c)) != 0) {
                if (quoted) text.remove_prefix(1);
                closed = true;
                break;
            }
            if (c == '\\' && text.size() > 1) text.remove_prefix(1);
            value += text[0];
            text.remove_prefix(1);
        }
        if (!closed) refuse("a quote is not closed");
        add(parts, name, value);
    }
    return parts;
}

std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string user_of_process() {
    const passwd* const entry = getpwuid(geteuid());
    return entry == nullptr ? "" : entry->pw_name;
}

}  // namespace

std::vector<AddressPart> parse_address(const UrlParts& url) {
    if (url.scheme.empty()) return parse_parameters(url.rest);
    const bool of_java = equals_ignore_case(url.url.substr(0, 5), "jdbc:");
    // PHP's: pgsql:host=h;dbname=d
    if (url.scheme == "pgsql" && is_parameter_text(url.rest)) {
        std::string text(url.rest);
        std::ranges::replace(text, ';', ' ');
        return parse_parameters(text);
    }
    // jdbc:postgresql:database
    if (of_java && !url.rest.starts_with("//") && url.rest.find_first_of("@:") == std::string_view::npos)
        return parse_url(cat("///", url.rest));
    return parse_url(url.rest);
}

bool is_parameter_text(std::string_view text) {
    const std::size_t end = text.find_first_of("= ");
    if (end == std::string_view::npos) return false;
    const std::string_view behind = text.substr(std::min(text.find_first_not_of(' ', end), text.size()));
    return behind.starts_with('=') && std::ranges::find(kParameters, text.substr(0, end)) != kParameters.end();
}

std::string address_of(const std::vector<AddressPart>& parts) {
    std::string out;
    for (const AddressPart& part : parts) {
        append(out, cat(out.empty() ? "" : " ", part.name, "='"));
        for (const char c : part.value)
            append(out, c == '\'' || c == '\\' ? cat("\\", std::string(1, c)) : std::string(1, c));
        out += '\'';
    }
    return out;
}

std::vector<AddressPart> parts_of(std::string_view address) {
    return parse_parameters(address);
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
    fill("service", environment("PGSERVICE"));
    if (!part_of(parts, "service").empty()) return parts;
    fill("host", environment("PGHOST"));
    fill("port", environment("PGPORT"));
    fill("user", environment("PGUSER"));
    fill("user", user_of_process());
    const std::string database = environment("PGDATABASE");
    require_plain_name(database);
    fill("dbname", database);
    fill("dbname", part_of(parts, "user"));
    return parts;
}

std::string without_password(std::string words, const Location& location) {
    for (const AddressPart& part : parts_of(location.address)) {
        if (part.name != "password" && part.name != "sslpassword") continue;
        // A short one is a word of every message; the library does not repeat what came as a parameter of its own.
        if (part.value.size() < 4) continue;
        for (std::size_t at = words.find(part.value); at != std::string::npos; at = words.find(part.value, at + 3))
            words.replace(at, part.value.size(), "...");
    }
    return words;
}

}  // namespace dbfixture::postgres
