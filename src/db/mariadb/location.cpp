// SPDX-License-Identifier: MIT
#include "db/mariadb/location.h"

#include <cctype>
#include <cstdlib>

#include "base/cat.h"
#include "base/text.h"
#include "db/mariadb/address.h"
#include "db/mariadb/kept_session.h"
#include "db/url.h"

namespace dbfixture::mariadb {
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

std::string host_and_port(const std::vector<AddressPart>& parts) {
    const std::string host = part_of(parts, "host"), port = part_of(parts, "port");
    const bool in_brackets = host.find(':') != std::string::npos;
    return cat(in_brackets ? cat("[", host, "]") : encode(host), port.empty() ? "" : ":", port);
}

std::string shown_of(const std::vector<AddressPart>& parts) {
    const std::string socket = part_of(parts, "socket");
    std::string out =
        cat("mysql://", socket.empty() ? host_and_port(parts) : std::string(), "/", encode(part_of(parts, "dbname")));
    std::string_view before = "?";
    const auto add = [&](std::string_view name, const std::string& value) {
        if (value.empty()) return;
        append(out, cat(before, name, "=", encode(value, "/:@,")));
        before = "&";
    };
    add("socket", socket);
    add("default-file", part_of(parts, "default-file"));
    add("default-group", part_of(parts, "default-group"));
    return out;
}

// The scheme of what was typed, where that is a URL whose readers are meant ("mysql+pymysql").
std::string scheme_of(std::string_view typed) {
    const std::string_view scheme = typed.substr(0, std::min(typed.find("://"), typed.size()));
    return scheme.size() < typed.size() && scheme.find(':') == std::string_view::npos ? std::string(scheme) : "";
}

// `raw_name`: the reader does not decode the database's name.
std::string url_of(const std::vector<AddressPart>& parts, std::string_view scheme, bool raw_name) {
    const std::string user = part_of(parts, "user"), password = part_of(parts, "password"),
                      database = part_of(parts, "dbname");
    std::string out = cat(scheme, "://", encode(user), password.empty() ? "" : ":", encode(password),
                          user.empty() && password.empty() ? "" : "@", host_and_port(parts), "/",
                          raw_name ? database : encode(database));
    std::string_view before = "?";
    for (const AddressPart& part : parts) {
        const bool said = part.name == "user" || part.name == "password" || part.name == "dbname" ||
                          part.name == "host" || part.name == "port";
        if (said || part.value.empty()) continue;
        append(out, cat(before, part.name == "socket" ? "unix_socket" : part.name, "=", encode(part.value, "/:@,")));
        before = "&";
    }
    return out;
}

}  // namespace

std::string address_in_form(const Location& location, std::string_view form) {
    const std::string scheme = scheme_of(location.typed);
    if (form == "url" && !scheme.empty()) return location.typed;
    const std::vector<AddressPart> parts = with_environment(parts_of(location.address));
    if (form == "url") return url_of(parts, "mysql", false);
    if (form == "sqlalchemy") return url_of(parts, scheme.find('+') == std::string::npos ? "mysql" : scheme, true);
    const std::string value = part_of(parts, form);
    if (form == "port" && value.empty()) return "3306";
    const char* const password = form == "password" && value.empty() ? std::getenv("MYSQL_PWD") : nullptr;
    return password != nullptr ? password : value;
}

std::string shown_address(const std::string& address) {
    return shown_of(with_environment(parts_of(address)));
}

// Readers of the URL may know parameters that are none here.
std::string url_of_other(const Location& location, const std::string& name) {
    const std::string& typed = location.typed;
    const std::string scheme = scheme_of(typed);
    if (scheme.empty()) return "";
    const std::size_t host = scheme.size() + 3;
    const std::size_t path = std::min(typed.find_first_of("/?", host), typed.size());
    const std::string query = typed.substr(std::min(typed.find('?', path), typed.size()));
    const std::string url = cat(typed.substr(0, path), "/", encode(name), query);
    try {
        if (part_of(parse_address(take_apart(url)), "dbname") == name) return url;
    } catch (const Error&) {
        // Made from its parts it can be read.
    }
    std::vector<AddressPart> parts = parts_of(location.address);
    std::erase_if(parts, [](const AddressPart& part) { return part.name == "dbname"; });
    parts.push_back({"dbname", name});
    return url_of(parts, scheme, false);
}

Location locate(const UrlParts& url) {
    const std::vector<AddressPart> parts = parse_address(url);
    return {nullptr, address_of(parts), shown_of(with_environment(parts)), {}, {}, make_kept_session()};
}

std::string relocate(const UrlParts& url, const std::string&) {
    return std::string(url.url);
}

DatabaseIdentity identify(const Location& location) {
    const std::vector<AddressPart> parts = with_environment(parts_of(location.address));
    const std::string host = part_of(parts, "host"), port = part_of(parts, "port"), socket = part_of(parts, "socket");
    DatabaseIdentity out;
    out.shown = location.shown;
    out.name = part_of(parts, "dbname");
    out.given_name = out.name;
    out.names.push_back({"name", out.name});
    if (!host.empty()) out.names.push_back({"host", host});
    const bool by_socket = !socket.empty() || host.empty() || (host == "localhost" && port.empty());
    // Socket paths and hosts are told apart; what option files say of either is not known here.
    out.id = by_socket ? cat("mysql socket ", socket, " ", part_of(parts, "default-file"), " ",
                             part_of(parts, "default-group"), " ", out.name)
                       : cat("mysql ", to_lower(host), " ", port.empty() ? "3306" : port.c_str(), " ", out.name);
    return out;
}

}  // namespace dbfixture::mariadb
