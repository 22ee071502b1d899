// SPDX-License-Identifier: MIT
#include "db/mariadb/address_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace dbfixture::mariadb {
namespace {

using std::string_view_literals::operator""sv;

// In lower case, without "-" and "_"; and what it is here.
constexpr std::array kKnown = {std::pair{"host"sv, "host"sv},
                               std::pair{"port"sv, "port"sv},
                               std::pair{"user"sv, "user"sv},
                               std::pair{"username"sv, "user"sv},
                               std::pair{"password"sv, "password"sv},
                               std::pair{"passwd"sv, "password"sv},
                               std::pair{"dbname"sv, "dbname"sv},
                               std::pair{"database"sv, "dbname"sv},
                               std::pair{"socket"sv, "socket"sv},
                               std::pair{"unixsocket"sv, "socket"sv},
                               std::pair{"localsocket"sv, "socket"sv},
                               std::pair{"connecttimeout"sv, "connect-timeout"sv},
                               std::pair{"readdefaultfile"sv, "default-file"sv},
                               std::pair{"defaultfile"sv, "default-file"sv},
                               std::pair{"readdefaultgroup"sv, "default-group"sv},
                               std::pair{"defaultgroup"sv, "default-group"sv},
                               std::pair{"usebulkstmts"sv, "bulk"sv},
                               std::pair{"ssl"sv, "ssl"sv},
                               std::pair{"usessl"sv, "ssl"sv},
                               std::pair{"requiressl"sv, "ssl"sv},
                               std::pair{"tls"sv, "ssl"sv},
                               std::pair{"sslmode"sv, "ssl-mode"sv},
                               std::pair{"sslca"sv, "ssl-ca"sv},
                               std::pair{"sslcapath"sv, "ssl-capath"sv},
                               std::pair{"sslcert"sv, "ssl-cert"sv},
                               std::pair{"sslkey"sv, "ssl-key"sv},
                               std::pair{"sslcipher"sv, "ssl-cipher"sv},
                               std::pair{"sslcrl"sv, "ssl-crl"sv},
                               std::pair{"sslpassphrase"sv, "ssl-passphrase"sv},
                               std::pair{"sslverifyservercert"sv, "ssl-verify"sv},
                               std::pair{"sslverifyidentity"sv, "ssl-verify"sv},
                               std::pair{"verifyservercertificate"sv, "ssl-verify"sv},
                               std::pair{"tlsversion"sv, "tls-version"sv},
                               std::pair{"servertlsfingerprint"sv, "ssl-fingerprint"sv}};

constexpr std::array kIgnored = {"adapter"sv,
                                 "allowcleartextpasswords"sv,
                                 "allownativepasswords"sv,
                                 "allowpublickeyretrieval"sv,
                                 "autocommit"sv,
                                 "autoreconnect"sv,
                                 "characterencoding"sv,
                                 "charset"sv,
                                 "checkconnliveness"sv,
                                 "clientfoundrows"sv,
                                 "collation"sv,
                                 "connectionlimit"sv,
                                 "encoding"sv,
                                 "interpolateparams"sv,
                                 "loc"sv,
                                 "multistatements"sv,
                                 "parsetime"sv,
                                 "pool"sv,
                                 "poolsize"sv,
                                 "pooltimeout"sv,
                                 "preparedstatements"sv,
                                 "readtimeout"sv,
                                 "reconnect"sv,
                                 "rewritebatchedstatements"sv,
                                 "serverversion"sv,
                                 "servertimezone"sv,
                                 "sockettimeout"sv,
                                 "statementcachesize"sv,
                                 "timeout"sv,
                                 "timezone"sv,
                                 "useunicode"sv,
                                 "writetimeout"sv};

std::string plain_form(std::string_view name) {
    std::string out = to_lower(name);
    std::erase_if(out, [](char c) { return c == '-' || c == '_'; });
    return out;
}

}  // namespace

ParameterName parameter_name(std::string_view typed) {
    const std::string plain = plain_form(typed);
    const auto* const known = std::ranges::find_if(
        kKnown, [&](const auto& pair) { return pair.first == plain || plain_form(pair.second) == plain; });
    if (known != kKnown.end()) return {known->second, false};
    return {{}, std::ranges::find(kIgnored, plain) != kIgnored.end()};
}

std::vector<std::string> parameter_names() {
    std::vector<std::string> out;
    for (const auto& [plain, name] : kKnown) {
        if (std::ranges::find(out, name) == out.end()) out.emplace_back(name);
    }
    return out;
}

}  // namespace dbfixture::mariadb
