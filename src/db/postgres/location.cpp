// SPDX-License-Identifier: MIT
#include "db/postgres/location.h"

#include <cctype>
#include <cstdlib>

#include "base/cat.h"
#include "db/postgres/address.h"
#include "db/postgres/kept_session.h"
#include "db/postgres/libpq.h"

namespace dbfixture::postgres {
namespace {

std::string encode(std::string_view text, std::string_view also = "") {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain =
            std::isalnum(byte) != 0 || byte >= 0x80 || std::string_view("-._~").find(c) != std::string_view::npos;
        if (plain || also.find(c) != std::string_view::npos) {
            out += c;
        } else {
            append(out, cat("%", kDigits.substr(byte >> 4, 1), kDigits.substr(byte & 15, 1)));
        }
    }
    return out;
}

// "a:1,b:2" of the lists "a,b" and "1,2".
std::string host_list(std::string_view hosts, std::string_view ports) {
    std::string out;
    const bool one_port = ports.find(',') == std::string_view::npos;
    for (;;) {
        const std::string_view host = hosts.substr(0, hosts.find(','));
        const std::string_view port = ports.substr(0, ports.find(','));
        const bool in_brackets = host.find(':') != std::string_view::npos;
        append(out, cat(out.empty() ? "" : ",", in_brackets ? "[" : "", in_brackets ? std::string(host) : encode(host),
                        in_brackets ? "]" : "", port.empty() ? "" : ":", port));
        if (hosts.find(',') == std::string_view::npos) return out;
        hosts.remove_prefix(host.size() + 1);
        if (!one_port) ports.remove_prefix(std::min(port.size() + 1, ports.size()));
    }
}

std::string shown_of(const std::vector<AddressPart>& parts) {
    const std::string host = part_of(parts, "host"), port = part_of(parts, "port");
    const bool socket = host.starts_with('/') || host.starts_with('@');
    std::string out = "postgresql://";
    if (!socket) append(out, host_list(host.empty() ? part_of(parts, "hostaddr") : host, port));
    append(out, cat("/", encode(part_of(parts, "dbname"))));
    std::string_view before = "?";
    const auto add = [&](std::string_view name, const std::string& value) {
        if (value.empty()) return;
        append(out, cat(before, name, "=", encode(value, "/:@,")));
        before = "&";
    };
    add("service", part_of(parts, "service"));
    add("host", socket ? host : std::string());
    add("port", socket ? port : std::string());
    add(kSchemaPart, part_of(parts, kSchemaPart));
    return out;
}

// What the service file says, asked of the library, which alone knows where that file is.
std::vector<AddressPart> with_service(std::vector<AddressPart> parts) {
    const std::string service = part_of(parts, "service");
    if (service.empty()) return parts;
    const char* const before = std::getenv("PGSERVICE");
    const std::string kept = before == nullptr ? "" : before;
    ::setenv("PGSERVICE", service.c_str(), 1);
    PQconninfoOption* const found = libpq().PQconndefaults();
    kept.empty() ? ::unsetenv("PGSERVICE") : ::setenv("PGSERVICE", kept.c_str(), 1);
    if (found == nullptr) return parts;
    for (const PQconninfoOption* option = found; option->keyword != nullptr; ++option) {
        const std::string_view name = option->keyword;
        if (option->val == nullptr || (name != "host" && name != "port" && name != "dbname" && name != "user"))
            continue;
        if (part_of(parts, name).empty()) parts.push_back({std::string(name), option->val});
    }
    libpq().PQconninfoFree(found);
    if (part_of(parts, "dbname").empty()) parts.push_back({"dbname", part_of(parts, "user")});
    return parts;
}

std::vector<AddressPart> all_parts(const Location& location) {
    return with_service(with_environment(parts_of(location.address)));
}

// The scheme of what was typed, where that is a URL whose readers are meant ("postgresql+asyncpg").
std::string scheme_of(std::string_view typed) {
    const std::string_view scheme = typed.substr(0, std::min(typed.find("://"), typed.size()));
    return scheme.size() < typed.size() && scheme.find(':') == std::string_view::npos ? std::string(scheme) : "";
}

// `raw_name`: the reader does not decode the database's name.
std::string url_of(const std::vector<AddressPart>& parts, std::string_view scheme, bool raw_name) {
    const std::string host = part_of(parts, "host"), port = part_of(parts, "port"), user = part_of(parts, "user"),
                      password = part_of(parts, "password"), database = part_of(parts, "dbname");
    const bool in_front = !host.empty() && !host.starts_with('/') && !host.starts_with('@');
    std::string out = cat(scheme, "://", encode(user), password.empty() ? "" : ":", encode(password),
                          user.empty() && password.empty() ? "" : "@", in_front ? host_list(host, port) : std::string(),
                          "/", raw_name ? database : encode(database));
    std::string_view before = "?";
    for (const AddressPart& part : parts) {
        const bool said = part.name == "user" || part.name == "password" || part.name == "dbname" ||
                          (in_front && (part.name == "host" || part.name == "port"));
        if (said || part.value.empty()) continue;
        append(out, cat(before, part.name, "=", encode(part.value, "/:@,")));
        before = "&";
    }
    return out;
}

}  // namespace

bool is_near(const Location& location) {
    const std::vector<AddressPart> parts = with_environment(parts_of(location.address));
    if (!part_of(parts, "service").empty()) return false;
    const std::string host = part_of(parts, "host");
    const std::string at = host.empty() ? part_of(parts, "hostaddr") : host;
    return at.empty() || at.starts_with('/') || at.starts_with('@') || at == "localhost" || at == "127.0.0.1" ||
           at == "::1";
}

std::string address_in_form(const Location& location, std::string_view form) {
    const std::string scheme = scheme_of(location.typed);
    if (form == "url" && !scheme.empty()) return location.typed;
    const std::vector<AddressPart> parts = with_environment(parts_of(location.address));
    if (form == "url") return url_of(parts, "postgresql", false);
    if (form == "sqlalchemy") return url_of(parts, scheme.starts_with("postgresql+") ? scheme : "postgresql", true);
    const std::string value = part_of(with_service(parts), form);
    if (form == "port" && value.empty()) return "5432";
    if (form == "host" && value.empty()) return part_of(parts, "hostaddr");
    const char* const password = form == "password" && value.empty() ? std::getenv("PGPASSWORD") : nullptr;
    return password != nullptr ? password : value;
}

Location locate(const UrlParts& url) {
    const std::vector<AddressPart> parts = parse_address(url);
    return {nullptr, address_of(parts), shown_of(with_environment(parts)), {}, {}, make_kept_session()};
}

std::string relocate(const UrlParts& url, const std::string&) {
    return std::string(url.url);
}

DatabaseIdentity identify(const Location& location) {
    const std::vector<AddressPart> parts = all_parts(location);
    const std::string host = part_of(parts, "host"), port = part_of(parts, "port");
    DatabaseIdentity out;
    out.shown = location.shown;
    out.name = part_of(parts, "dbname");
    out.given_name = out.name;
    out.names.push_back({"name", out.name});
    if (!host.empty()) out.names.push_back({"host", host});
    if (const std::string service = part_of(parts, "service"); !service.empty())
        out.names.push_back({"service", service});
    out.id = cat("postgresql ", host, " ", part_of(parts, "hostaddr"), " ", port.empty() ? "5432" : port.c_str(), " ",
                 out.name);
    return out;
}

}  // namespace dbfixture::postgres
