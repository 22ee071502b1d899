// SPDX-License-Identifier: MIT
#include "db/mariadb/connect.h"

#include <poll.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <vector>

#include "base/cat.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "db/mariadb/address.h"
#include "db/mariadb/failure.h"
#include "db/mariadb/libmariadb.h"

namespace dbfixture::mariadb {
namespace {

constexpr int kLookAroundMs = 200;

Error cannot_connect(const Location& location, MYSQL* connection) {
    const unsigned number = libmariadb().mysql_errno(connection);
    ErrorKind kind = ErrorKind::kFailure;
    std::string hint;
    if (number == kTooManyConnections || number == 1203 || number == 1226) {
        kind = ErrorKind::kBusy;
        hint = "end other connections, or raise max_connections";
    } else if (number == kNoSuchDatabase) {
        kind = ErrorKind::kNotFound;
        hint = "SHOW DATABASES lists the databases of a server";
    } else if (number == kAccessDenied || number == 1698) {
        hint = "give the password in the URL, in MYSQL_PWD, or in ~/.my.cnf (mode 0600)";
    } else if (number == kAccessDeniedToDatabase) {
        hint = "have the database granted to this user, or create it";
    } else if (number == 2002 || number == 2003 || number == 2005) {
        hint =
            "is the server running there? host and port may also come from MYSQL_HOST and MYSQL_TCP_PORT, the socket "
            "from ?socket=PATH or MYSQL_UNIX_PORT";
    }
    return Error(kind, cat("could not connect to ", quote(location.shown, 200)))
        .with_detail(without_password(libmariadb().mysql_error(connection), location))
        .with_hint(hint);
}

bool is_yes(std::string_view value) {
    return value == "1" || equals_ignore_case(value, "true") || equals_ignore_case(value, "yes") ||
           equals_ignore_case(value, "on");
}

[[noreturn]] void refuse_mode(std::string_view mode) {
    throw Error(ErrorKind::kUsage, cat("MariaDB's addresses have no ssl-mode ", quote(mode)))
        .with_hint("it is one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY");
}

// With VERIFY_CA the library checks the host's name as well. True: the connection must be encrypted.
bool set_tls(MYSQL* connection, const std::vector<AddressPart>& parts) {
    const my_bool yes = 1;
    bool require = is_yes(part_of(parts, "ssl")), verify = is_yes(part_of(parts, "ssl-verify"));
    const std::string typed = part_of(parts, "ssl-mode");
    std::string mode = to_lower(typed);
    for (char& c : mode) {
        if (c == '-') c = '_';
    }
    if (mode == "verify_ca" || mode == "verify_identity" || mode == "verify_full") {
        verify = true;
    } else if (mode == "required" || mode == "require" || mode == "trust") {
        require = true;
    } else if (!mode.empty() && mode != "preferred" && mode != "prefer" && mode != "disabled" && mode != "disable") {
        refuse_mode(typed);
    }
    constexpr std::array kFiles = {std::pair{"ssl-ca", MYSQL_OPT_SSL_CA},
                                   std::pair{"ssl-capath", MYSQL_OPT_SSL_CAPATH},
                                   std::pair{"ssl-cert", MYSQL_OPT_SSL_CERT},
                                   std::pair{"ssl-key", MYSQL_OPT_SSL_KEY},
                                   std::pair{"ssl-cipher", MYSQL_OPT_SSL_CIPHER},
                                   std::pair{"ssl-crl", MYSQL_OPT_SSL_CRL},
                                   std::pair{"ssl-passphrase", MARIADB_OPT_TLS_PASSPHRASE},
                                   std::pair{"tls-version", MARIADB_OPT_TLS_VERSION},
                                   std::pair{"ssl-fingerprint", MARIADB_OPT_TLS_PEER_FP}};
    for (const auto& [name, option] : kFiles) {
        if (const std::string value = part_of(parts, name); !value.empty())
            libmariadb().mysql_optionsv(connection, option, value.c_str());
    }
    if (verify) libmariadb().mysql_optionsv(connection, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    if (require || verify) libmariadb().mysql_optionsv(connection, MYSQL_OPT_SSL_ENFORCE, &yes);
    return require || verify;
}

// The library connects without TLS where the server has none, whatever is enforced.
void require_tls(const Location& location, MYSQL* connection) {
    if (libmariadb().mysql_get_ssl_cipher(connection) != nullptr) return;
    throw Error(ErrorKind::kFailure, cat("could not connect to ", quote(location.shown, 200)))
        .with_detail("The address wants TLS, and the server has none.")
        .with_hint("have TLS set up on the server, or leave the ssl-mode out of the address");
}

unsigned number_of(const std::vector<AddressPart>& parts, std::string_view name) {
    const std::string text = part_of(parts, name);
    unsigned out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

// True: the connection must be encrypted.
bool set_options(MYSQL* connection, const std::vector<AddressPart>& parts) {
    const LibMariaDb& library = libmariadb();
    library.mysql_optionsv(connection, MYSQL_OPT_NONBLOCK, nullptr);
    library.mysql_optionsv(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    const unsigned off = 0;
    library.mysql_optionsv(connection, MYSQL_OPT_LOCAL_INFILE, &off);
    // Of the option files the groups [client], [client-server], [client-mariadb] and this one.
    const std::string file = part_of(parts, "default-file"), group = part_of(parts, "default-group");
    if (!file.empty()) library.mysql_optionsv(connection, MYSQL_READ_DEFAULT_FILE, file.c_str());
    library.mysql_optionsv(connection, MYSQL_READ_DEFAULT_GROUP, group.empty() ? "dbfixture" : group.c_str());
    if (const unsigned seconds = number_of(parts, "connect-timeout"); seconds > 0)
        library.mysql_optionsv(connection, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    if (part_of(parts, "host") == "localhost" && number_of(parts, "port") > 0 && part_of(parts, "socket").empty()) {
        const unsigned tcp = MYSQL_PROTOCOL_TCP;
        library.mysql_optionsv(connection, MYSQL_OPT_PROTOCOL, &tcp);
    }
    return set_tls(connection, parts);
}

// The library takes what is nullptr from the option files, and what they leave open from its own defaults: the user has
// the name of the process's.
const char* or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

void finish_connecting(const Location& location, MYSQL* connection, const std::vector<AddressPart>& parts) {
    const std::string socket = part_of(parts, "socket"), host = part_of(parts, "host"),
                      database = part_of(parts, "dbname");
    const std::string user = part_of(parts, "user");
    std::string password = part_of(parts, "password");
    if (const char* const said = std::getenv("MYSQL_PWD"); password.empty() && said != nullptr) password = said;
    MYSQL* made = nullptr;
    int events = libmariadb().mysql_real_connect_start(
        &made, connection, socket.empty() ? or_null(host) : "localhost", or_null(user), or_null(password),
        database.c_str(), number_of(parts, "port"), or_null(socket), CLIENT_MULTI_STATEMENTS);
    while (events != 0) {
        const int happened = wait_for(connection, events, [] { check_interrupt(); });
        events = libmariadb().mysql_real_connect_cont(&made, connection, happened);
    }
    if (made == nullptr) throw cannot_connect(location, connection);
}

int wait_on(MYSQL* connection, int events) {
    return wait_for(connection, events, [] {});
}

bool send(MYSQL* connection, const std::string& sql) {
    int failed = 0;
    int events = libmariadb().mysql_real_query_start(&failed, connection, sql.data(), sql.size());
    while (events != 0)
        events = libmariadb().mysql_real_query_cont(&failed, connection, wait_on(connection, events));
    return failed == 0;
}

// Whoever is in between may have led the connection to another node, where the number is somebody else's.
bool is_node(MYSQL* connection, const std::string& node) {
    if (node.empty()) return true;
    if (!send(connection, "SHOW GLOBAL STATUS LIKE 'wsrep_gcomm_uuid'")) return false;
    MYSQL_RES* found = nullptr;
    int events = libmariadb().mysql_store_result_start(&found, connection);
    while (events != 0)
        events = libmariadb().mysql_store_result_cont(&found, connection, wait_on(connection, events));
    if (found == nullptr) return false;
    const MYSQL_ROW row = libmariadb().mysql_fetch_row(found);
    const bool same = row != nullptr && row[1] != nullptr && node == row[1];
    libmariadb().mysql_free_result(found);
    return same;
}

}  // namespace

int wait_for(MYSQL* connection, int events, const std::function<void()>& look_around) {
    const short wanted = static_cast<short>(((events & MYSQL_WAIT_READ) != 0 ? POLLIN : 0) |
                                            ((events & MYSQL_WAIT_WRITE) != 0 ? POLLOUT : 0) |
                                            ((events & MYSQL_WAIT_EXCEPT) != 0 ? POLLPRI : 0));
    pollfd socket = {libmariadb().mysql_get_socket(connection), wanted, 0};
    const bool limited = (events & MYSQL_WAIT_TIMEOUT) != 0;
    unsigned left = limited ? libmariadb().mysql_get_timeout_value_ms(connection) : 0;
    for (;;) {
        const int step = limited ? static_cast<int>(std::min<unsigned>(left, kLookAroundMs)) : kLookAroundMs;
        const int ready = ::poll(&socket, 1, step);
        look_around();
        if (ready > 0) {
            int happened = 0;
            if ((socket.revents & (POLLIN | POLLHUP | POLLERR)) != 0) happened |= MYSQL_WAIT_READ;
            if ((socket.revents & POLLOUT) != 0) happened |= MYSQL_WAIT_WRITE;
            if ((socket.revents & POLLPRI) != 0) happened |= MYSQL_WAIT_EXCEPT;
            return happened;
        }
        if (!limited) continue;
        left -= std::min(left, static_cast<unsigned>(step));
        if (left == 0) return MYSQL_WAIT_TIMEOUT;
    }
}

MYSQL* connect(const Location& location) {
    const std::vector<AddressPart> parts = with_environment(parts_of(location.address));
    MYSQL* const connection = libmariadb().mysql_init(nullptr);
    if (connection == nullptr) throw Error(ErrorKind::kFailure, "out of memory");
    try {
        const bool encrypted = set_options(connection, parts);
        finish_connecting(location, connection, parts);
        if (encrypted) require_tls(location, connection);
    } catch (...) {
        libmariadb().mysql_close(connection);
        throw;
    }
    return connection;
}

void kill_query(const Location& location, unsigned long thread, const std::string& node) noexcept {
    const HoldInterrupts hold;  // or it could not connect
    try {
        MYSQL* const connection = connect(location);
        if (is_node(connection, node)) send(connection, cat("KILL QUERY ", thread));
        libmariadb().mysql_close(connection);
    } catch (const std::exception&) {
        // The statement then goes on until it ends by itself.
    }
}

}  // namespace dbfixture::mariadb
