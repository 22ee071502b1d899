// SPDX-License-Identifier: MIT
// Behind a pool of connections, pgbouncer, in front of the test server.
#include <catch2/catch.hpp>
#include <string>

#include "base/cat.h"
#include "postgres_original_test.h"
#include "program_test.h"

using namespace dbfixture_test;
using dbfixture::cat;

namespace {

bool without_pool() {
    if (without_postgres()) return true;
    if (shell("command -v pgbouncer >/dev/null || test -x /usr/sbin/pgbouncer") == 0) return false;
    WARN("SKIPPED: pgbouncer is not installed (Debian: pgbouncer)");
    return true;
}

// Shell lines with a pool of one session, whose database is $POOL. It runs as somebody else, as root's is refused, in a
// folder of the server.
std::string by_pool(const std::string& name, const std::string& mode, const std::string& lines) {
    return cat("PATH=$PATH:/usr/sbin; folder=$(mktemp -d ", dbfixture::postgres_folder(), "/pool.XXXXXX); mode=", mode,
               R"sh(
        cat >$folder/ini <<END
[databases]
* = host=${folder%/*} user=postgres
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = $folder
auth_type = any
pool_mode = $mode
default_pool_size = 3
END
        chmod 644 $folder/ini
        as=
        if [ "$(id -u)" = 0 ]; then chown nobody $folder; chmod 755 $folder; as="setpriv --reuid=nobody --regid=nogroup --clear-groups --"; fi
        $as pgbouncer -q $folder/ini 2>$folder.log & pool=$!
        until [ -S $folder/.s.PGSQL.6432 ]; do kill -0 $pool || exit; sleep 0.02; done
        POOL="postgresql://postgres@/)sh",
               name, R"sh(?host=$folder&port=6432"
        )sh",
               lines, "\n kill $pool; wait $pool; rm -r $folder $folder.log");
}

}  // namespace

TEST_CASE("a pool that gives each transaction another session is refused, and nothing of ours is left in its sessions",
          "[postgres]") {
    if (without_pool()) return;
    Original original;
    for (const std::string mode : {"transaction", "statement"}) {
        const std::string said = original.said_by(by_pool(original.name, mode, R"sh(
            settings="SELECT current_setting('search_path'), current_setting('default_transaction_read_only'), current_setting('dbfixture.session', true)"
            $PSQL "$POOL" -c "$settings"
            for command in inspect dumpdata 'loaddata -' 'flush --no-input' 'snapshot base' 'run --temp'; do
                echo '[]' | dbfixture $command -d "$POOL" $([ "$command" = 'run --temp' ] && echo '-- true') 2>&1 | sed -n '1s/".*"/.../p;3p'
            done
            $PSQL "$POOL" -c "$settings")sh"));
        std::string expected = "\"$user\", public|off|\n";
        for (int command = 0; command < 6; ++command)
            expected +=
                "dbfixture: error: cannot work on ...: a pool of connections gives each transaction another session\n"
                "  hint: connect to the server itself, or have the pool keep a session for each client (pool_mode = "
                "session)\n";
        CHECK(said == expected + "\"$user\", public|off|\nstatus 0\n");
    }
    CHECK(original.rows() == "1\n");
}

TEST_CASE("a pool that keeps a session for each client is as good as the server", "[postgres]") {
    if (without_pool()) return;
    Original original(
        "CREATE TABLE t (id int PRIMARY KEY, at timestamptz); INSERT INTO t VALUES (1, now()), (2, NULL)");
    CHECK(
        original.said_by(by_pool(original.name, "session", R"sh(
        dbfixture dumpdata -q -d "$URL" -o direct.json
        dbfixture dumpdata -q -d "$POOL" | cmp - direct.json
        dbfixture snapshot -q -d "$POOL" base
        dbfixture flush -q --no-input -d "$POOL"
        dbfixture loaddata -d "$POOL" direct.json
        dbfixture dumpdata -q -d "$POOL" | cmp - direct.json
        $PSQL "$POOL" -c "SHOW search_path" -c "DELETE FROM t"
        dbfixture restore -d "$POOL" base
        dbfixture snapshots delete -q -d "$POOL" base
        dbfixture dumpdata -q -d "$POOL" | cmp - direct.json)sh")) ==
        "Installed 2 object(s) from 1 fixture(s)\n\"$user\", public\nRestored snapshot \"base\" (2 rows)\nstatus 0\n");
}
