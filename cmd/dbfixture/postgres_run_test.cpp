// SPDX-License-Identifier: MIT
// run --temp against a PostgreSQL server, which the shell lines reach by psql.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "base/cat.h"
#include "db/postgres/test_server_test.h"
#include "postgres_original_test.h"
#include "program_test.h"

using namespace dbfixture_test;
using dbfixture::cat;
using dbfixture::PostgresClient;

TEST_CASE("a run on a copy of a server's database has it to itself, and nothing of it stays", "[postgres]") {
    if (without_postgres()) return;
    Original original;
    CHECK(original.said_by(R"sh(dbfixture run -d "$URL" --temp -- sh -c '
        echo "$DATABASE_URL"; [ "$DATABASE_URL" = "$DBFIXTURE_DATABASE" ]
        $PSQL "$DATABASE_URL" -c "INSERT INTO t VALUES (2); SELECT count(*), current_database() FROM t"
        $PSQL "$URL" -c "SELECT count(*) FROM t"
        dbfixture flush --no-input; $PSQL "$DATABASE_URL" -c "SELECT count(*) FROM t"; exit 3')sh") ==
          "postgresql://postgres@/dbfixture_NAME_RUN?host=SOCKET\n2|dbfixture_NAME_RUN\n1\n"
          "Deleted 2 rows of 1 table\n0\nstatus 3\n");
    CHECK(original.copies() == "0\n");
    CHECK(original.rows() == "1\n");
}

TEST_CASE("every part of a copy's address can be had alone", "[postgres]") {
    if (without_postgres()) return;
    Original original;
    CHECK(original.said_by(R"sh(dbfixture run -d "$URL" --temp --env A=host --env B=port --env C=user --env D=dbname \
        --env DATABASE_URL=sqlalchemy -- sh -c 'echo "$A $B $C $D"; echo "$DATABASE_URL"'
        dbfixture run -d "$URL" --temp --env A=path -- true)sh") ==
          "SOCKET 5432 postgres dbfixture_NAME_RUN\npostgresql://postgres@/dbfixture_NAME_RUN?host=SOCKET\n"
          "dbfixture: error: a database on a server has no \"path\" for A\n"
          "  hint: the forms of a server are \"url\", \"sqlalchemy\", \"host\", \"port\", \"user\", \"password\" and "
          "\"dbname\"\n"
          "status 2\n");
}

TEST_CASE("a copy has the owner, the rights and the settings of its original", "[postgres]") {
    if (without_postgres()) return;
    Original original;
    const std::string role = cat("owner_", static_cast<int>(::getpid()));
    original.server.run(cat(
        "CREATE ROLE ", role, " LOGIN; ALTER DATABASE ", original.name, " OWNER TO ", role, "; REVOKE ALL ON DATABASE ",
        original.name, " FROM PUBLIC; GRANT TEMP ON DATABASE ", original.name,
        " TO pg_monitor WITH GRANT OPTION; ALTER DATABASE ", original.name, " CONNECTION LIMIT 7; ALTER DATABASE ",
        original.name, " SET search_path TO \"$user\", public, \"a b\"; ALTER DATABASE ", original.name,
        " SET dbfixture.word = 'it''s'; ALTER ROLE ", role, " IN DATABASE ", original.name, " SET work_mem = '5MB'"));
    const std::string facts = original.work.path / "facts.sql";
    write_file(
        facts,
        "SELECT pg_get_userbyid(datdba), datconnlimit, datacl FROM pg_database WHERE datname = "
        "current_database(); SELECT coalesce(nullif(setrole, 0)::regrole::text, '-'), c FROM pg_db_role_setting "
        "JOIN pg_database d ON d.oid = setdatabase, unnest(setconfig) c WHERE datname = current_database() ORDER "
        "BY 1, 2;");
    const std::string of_original = original.said_by("$PSQL \"$URL\" -f facts.sql");
    INFO(of_original);
    CHECK(of_original.find("search_path=\"$user\", public, \"a b\"\n") != std::string::npos);
    CHECK(original.said_by(R"sh(dbfixture run -d "$URL" --temp -- sh -c '$PSQL "$DATABASE_URL" -f facts.sql')sh") ==
          of_original);
    original.drop_role(role);
}

TEST_CASE("eight runs at once have a copy each", "[postgres]") {
    if (without_postgres()) return;
    Original original;
    CHECK(original.said_by(R"sh(for i in 2 3 4 5 6 7 8 9; do
        dbfixture run -d "$URL" --temp -- sh -c '$PSQL "$DATABASE_URL" -c "INSERT INTO t VALUES ('$i')"; sleep 0.2
        $PSQL "$DATABASE_URL" -c "SELECT string_agg(id::text, chr(32) ORDER BY id) FROM t"' >said.$i 2>&1 || echo "failed $i" &
        done; wait; cat said.*)sh") == "1 2\n1 3\n1 4\n1 5\n1 6\n1 7\n1 8\n1 9\nstatus 0\n");
    CHECK(original.copies() == "0\n");
    CHECK(original.rows() == "1\n");
}

TEST_CASE("the copy of a killed run is dropped by the next, once nobody belongs to it", "[postgres]") {
    if (without_postgres()) return;
    Original original;
    // `other` is marked, but kept; `stranger` has a name of ours, and no mark.
    const std::string stranger = cat("dbfixture_", original.name, "_0123456789abcdef");
    original.server.run("CREATE DATABASE " + stranger);
    CHECK(original.said_by(R"sh(dbfixture run -d "$URL" --temp --keepdb -- true
        dbfixture run -d "$URL" --temp -- sh -c 'echo $$ >child; exec sleep 60' & run=$!
        until [ -s child ]; do sleep 0.05; done; { kill -9 $run; wait $run; } 2>/dev/null
        dbfixture run -d "$URL" --temp -- true; echo "$?")sh") ==
          "Kept the copy postgresql:///dbfixture_NAME_RUN?host=SOCKET\n0\nstatus 0\n");
    CHECK(original.copies() == "3\n");
    CHECK(original.said_by(R"sh(kill -9 "$(cat child)"; while grep -q . "/proc/$(cat child)/cmdline" 2>/dev/null; do sleep 0.05; done
        dbfixture run -d "$URL" --temp -- true)sh") == "status 0\n");
    CHECK(original.copies() == "2\n");
    original.server.run("DROP DATABASE " + stranger);
    const std::string kept =
        original.server.run("SELECT datname FROM pg_database WHERE datname LIKE 'dbfixture\\_" + original.name + "%'");
    // What a copy holds may be lost without a question, as long as it is there.
    CHECK(original
              .said_by(cat("dbfixture flush --no-input -d 'postgresql://postgres@/", kept.substr(0, kept.size() - 1),
                           "?host=", dbfixture::postgres_folder(), "'"))
              .ends_with("Deleted 1 row of 1 table\nstatus 0\n"));
    original.server.run("DROP DATABASE " + kept);
}

TEST_CASE("a database that others are connected to is not copied, and they are named", "[postgres]") {
    if (without_postgres()) return;
    Original original;
    PostgresClient other("dbname=" + original.name + " application_name=shop");
    const std::string said = original.said_by("dbfixture run --busy-timeout 100 -d \"$URL\" --temp -- true");
    INFO(said);
    CHECK(
        said.starts_with("dbfixture: error: cannot copy the database \"NAME\" while others are connected to it\n"
                         "  detail: They are process "));
    CHECK(said.find(" (shop, user \"postgres\", idle).\n  hint: ") != std::string::npos);
    CHECK(said.ends_with("status 5\n"));
    other.run("SELECT 1");
    CHECK(original.copies() == "0\n");
}

TEST_CASE("a role that may not copy a database is told what it takes", "[postgres]") {
    if (without_postgres()) return;
    Original original;
    const std::string role = cat("copier_", static_cast<int>(::getpid()));
    original.server.run("CREATE ROLE " + role + " LOGIN");
    const std::string run = "dbfixture run -d \"$URL\" --temp -- true";
    const std::string no_databases = original.said_by(run, role);
    CHECK(no_databases.starts_with("dbfixture: error: this role may not make databases\n"));
    CHECK(no_databases.ends_with(cat("  hint: have it granted: ALTER ROLE ", role, " CREATEDB\nstatus 125\n")));
    original.server.run("ALTER ROLE " + role + " CREATEDB");
    const std::string no_owner = original.said_by(run, role);
    CHECK(no_owner.starts_with("dbfixture: error: this role may not copy the database \"NAME\"\n"));
    CHECK(no_owner.ends_with("ALTER DATABASE \"NAME\" IS_TEMPLATE true\nstatus 125\n"));
    original.server.run("ALTER DATABASE " + original.name + " OWNER TO " + role);
    PostgresClient("dbname=" + original.name).run("ALTER TABLE t OWNER TO " + role);
    CHECK(original.said_by(run, role) == "status 0\n");
    CHECK(original.copies() == "0\n");
    original.drop_role(role);
}

TEST_CASE("a copy is made by a file of SQL, as pg_dump writes it", "[postgres]") {
    if (without_postgres()) return;
    Original original;
    write_file(
        original.work.path / "dump.sql",
        "\\restrict abc\nSET search_path = '';\nCREATE TABLE public.u (id int, s text DEFAULT E'it\\'s; \\\\i');\n"
        "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $x$ SELECT 'COPY t FROM stdin;\n\\i' $x$;\n"
        "/* \\d */ INSERT INTO public.u VALUES (1); -- \\q\n\\unrestrict abc\n");
    CHECK(original.said_by(R"sh(dbfixture run -d "$URL" --temp --schema dump.sql -- sh -c '
        $PSQL "$DATABASE_URL" -c "SELECT id, s, length(f()) FROM u; SELECT to_regclass(chr(116))"')sh") ==
          "1|it's; \\i|21\n\nstatus 0\n");
    write_file(original.work.path / "copy.sql", "CREATE TABLE u (id int);\nCOPY public.u (id) FROM stdin;\n1\n\\.\n");
    write_file(original.work.path / "include.sql", "CREATE TABLE u (id int);\n\\i other.sql\n");
    write_file(original.work.path / "wrong.sql", "CREATE TABLE \"\xc3\xa4\" (id int);\n\nCREATE TABLE x (id itn);\n");
    write_file(original.work.path / "open.sql", "BEGIN; CREATE TABLE u (id int);\n");
    CHECK(original.said_by(R"sh(for file in copy include wrong open; do
        dbfixture run -d "$URL" --temp --schema $file.sql -- true; done)sh") ==
          "dbfixture: error: copy.sql:2: the schema file has rows behind COPY ... FROM stdin, which only psql reads\n"
          "  hint: write the rows as statements: pg_dump --inserts\n"
          "dbfixture: error: include.sql:2: the schema file has the command \"\\i\" of psql, which is no SQL\n"
          "dbfixture: error: wrong.sql:3: the schema file could not be run\n"
          "  detail: type \"itn\" does not exist\n"
          "dbfixture: error: open.sql: the schema file ends inside a transaction\n"
          "  hint: add COMMIT;\nstatus 125\n");
    CHECK(original.copies() == "0\n");
}

TEST_CASE("a copy on a server is made of snapshots of each kind, has layers, and what is saved of it goes with it",
          "[postgres][state]") {
    if (without_postgres()) return;
    Original original("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100)");
    write_file(original.work.path / "more.json", R"([{"model": "t", "pk": 500, "fields": {}}])");
    CHECK(
        original.said_by(R"sh(dbfixture snapshot own -q -d "$URL"; dbfixture snapshot records --serialized -q -d "$URL"
        $PSQL "$URL" -c "DELETE FROM t WHERE id > 10"
        export ROWS="$PSQL -c 'SELECT count(*), sum(id) FROM t' -d"
        for name in own records; do
            dbfixture run -q -d "$URL" --temp --restore $name -- sh -c 'eval "$ROWS \"$DATABASE_URL\""'
        done
        dbfixture run -q -d "$URL" --temp --fixture more.json -- sh -c 'rows() { eval "$ROWS \"$DATABASE_URL\""; }
            rows; dbfixture push a -q; $PSQL "$DATABASE_URL" -c "DELETE FROM t"; dbfixture reset -q; rows
            $PSQL "$DATABASE_URL" -c "DELETE FROM t"; dbfixture pop -q; dbfixture restore own -q; rows
            dbfixture snapshot inside --template -q'
        eval "$ROWS \"$URL\"")sh") == "100|5050\n100|5050\n11|555\n11|555\n100|5050\n10|55\nstatus 0\n");
    CHECK(original.copies() == "0\n");
    CHECK(original.server.run("SELECT count(*) FROM pg_database WHERE datname ~ '^dbfixture_inside_'") == "0\n");
    CHECK(original.said_by("dbfixture snapshots delete own -q -d \"$URL\"") == "status 0\n");
}
