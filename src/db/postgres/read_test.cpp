// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <numeric>

#include "base/error.h"
#include "base/realdata_test.h"
#include "db/contract_engine_test.h"
#include "db/postgres/test_server_test.h"
#include "db/postgres/value_text.h"

namespace dbfixture {
namespace {

bool skipped() {
    if (!postgres_folder().empty()) return false;
    WARN("SKIPPED: PostgreSQL: no server is installed (Debian: postgresql)");
    return true;
}

std::unique_ptr<Connection> open(const std::string& url, std::vector<std::string> schemas = {}) {
    OpenOptions options;
    options.schemas = std::move(schemas);
    return open_database(DatabaseUrl(url), options);
}

// As the server spells it where the program spells it otherwise.
std::string server_text(const Value& value) {
    std::string out = postgres::value_text(value);
    return out == "-0.0" ? "-0" : out;
}

// Each value as a line of its text.
class Texts final : public RowSink {
  public:
    std::string text;
    void take(const Row& row) override {
        for (const auto& part : {row.key, row.values}) {
            for (const Value& value : part)
                append(text, cat(value.is_null() ? "NULL" : server_text(value), "\n"));
        }
    }
};

RowQuery all_columns(const Schema& schema, std::size_t table) {
    RowQuery query;
    query.table = table;
    for (std::size_t column = 0; column < schema.tables[table].columns.size(); ++column) {
        if (!schema.tables[table].is_key_column(column)) query.columns.push_back(column);
    }
    return query;
}

std::string error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return cat(static_cast<int>(error.kind), " ", error.message, "; ", error.detail);
    }
    return "none";
}

// The kind of the key, its columns, the columns ("!": never NULL, "g": generated, "s": numbered), parents.
std::string summary_of(const Schema& schema, const Table& table) {
    std::string out = cat(table.key_kind == KeyKind::kNone ? "bag" : "key");
    for (const std::size_t column : table.key)
        append(out, cat(" ", table.columns[column].name));
    out += ":";
    for (const Column& column : table.columns) {
        append(out, cat(" ", column.name, column.nullable ? "" : "!", column.generated ? "g" : "",
                        column.has_sequence ? "s" : ""));
    }
    for (const ForeignKey& key : table.foreign_keys)
        append(out, cat(" -> ", key.parent ? schema.tables[*key.parent].label() : "nothing"));
    return out;
}

}  // namespace

TEST_CASE("every kind of value is read as PostgreSQL writes it, whatever the settings of the role", "[postgres]") {
    const auto script = find_realdata("types-postgres/values.sql");
    if (skipped() || script.empty()) return;
    const PostgresTestDatabase database(read_whole(script));
    // By the types' own output functions, where a cast to text would change some.
    const std::string columns = database.run(
        "SELECT string_agg(format('CASE WHEN %1$I IS NULL THEN ''NULL'' ELSE %2$s END', attname, CASE WHEN atttypid = "
        "'jsonb'::regtype THEN format('replace(replace(%I::text, '': '', '':''), '', \"'', '',\"'')', attname) ELSE "
        "format('format(''%%s'', %I)', attname) END), ' || E''\\n'' || ' ORDER BY attnum) FROM pg_attribute "
        "WHERE attrelid = 'v'::regclass AND attnum > 0");
    const std::string expected = database.run(
        cat("SET search_path = pg_catalog; SET datestyle = 'ISO, MDY'; SET intervalstyle = postgres; SET timezone = "
            "'UTC'; SET extra_float_digits = 1; SELECT ",
            columns.substr(0, columns.size() - 1), " FROM public.v ORDER BY id"));
    for (const std::string setting :
         {"datestyle = 'SQL, DMY'", "extra_float_digits = 0", "bytea_output = 'escape'", "intervalstyle = 'iso_8601'",
          "timezone = 'Asia/Kathmandu'", "standard_conforming_strings = off", "search_path = ''",
          "default_transaction_isolation = 'serializable'"})
        database.run(cat("ALTER DATABASE ", database.name(), " SET ", setting));
    database.run(cat("ALTER DATABASE ", database.name(), " SET statement_timeout = '1ms'"));
    const auto connection = open(database.url(), {"public"});
    Texts read;
    connection->read_rows(all_columns(connection->schema(), *connection->schema().find("v")), read);
    CHECK(read.text == expected);
}

TEST_CASE("types that come from PostgreSQL in binary format are read as their texts say", "[postgres]") {
    if (skipped()) return;
    const std::string columns =
        "id int PRIMARY KEY, a bool, b int2, c int4, d int8, e oid, f float4, g float8, h numeric, i text, j "
        "varchar(9), "
        "k bpchar(5), l name, m bytea, n date, o time, p timetz, q timestamp, r timestamptz, s interval, t uuid, u "
        "json";
    const PostgresTestDatabase database(cat(
        "SET timezone = 'UTC'; CREATE DOMAIN whole AS int8; CREATE TABLE kinds (", columns,
        ", v whole); INSERT INTO kinds VALUES "
        "(-2147483648, true, -32768, -1, '-9223372036854775808', 4294967295, '-Infinity', 'NaN', 'NaN', E'a\\tb\\\\', "
        "'\xC3\xA4 ', 'a', 'n', '\\x00ff', '4713-01-01 BC', '24:00', '01:02:03.4-05:30', '4713-01-01 00:00:00 BC', "
        "'294276-12-31 23:59:59.999999+00', '-1 mon +2 days -03:00', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', "
        "'{ \"a\" : 1}', -5), (1, false, 32767, 7, 9223372036854775807, 0, 1.1, '-0', 1.50, '', '', '', '', '', "
        "'infinity', '00:00:00.000001', '00:00+00', '-infinity', 'infinity', '0', gen_random_uuid(), '1', 5), "
        "(2, NULL, NULL, NULL, NULL, NULL, 3.4028235e38, 5e-324, -0.00012e-7, NULL, NULL, NULL, NULL, NULL, "
        "'5874897-12-31', '23:59:59.9', NULL, '0001-01-01 00:00:00.000001', '0001-12-31 23:59:59.5 BC', NULL, NULL, "
        "NULL, "
        "NULL), (3, NULL, NULL, NULL, NULL, NULL, 1e-45, 123456789.125, 1e30, NULL, NULL, NULL, NULL, NULL, "
        "'2000-02-29', "
        "NULL, NULL, '1999-12-31 23:59:59.999999', '1970-01-01 00:00:00+00', NULL, NULL, NULL, NULL); "
        "INSERT INTO kinds (id, n, q, r) SELECT 100 + g, date '0001-01-01 BC' + g * 397, timestamp '0003-01-01 BC' + g "
        "* "
        "interval '397 days 7 hours 0.013 seconds', timestamptz '1899-02-27 00:00:00+00' + g * interval '23 hours "
        "59.98 "
        "seconds' FROM generate_series(0, 2500) g"));
    // By the types' own output functions; a real is spelled as the program does.
    const auto text_of = [](const std::string& column) {
        return cat("CASE WHEN ", column, " IS NULL THEN 'NULL' ELSE format('%s', ", column, ") END");
    };
    std::string terms = text_of("id");
    for (char column = 'a'; column <= 'v'; ++column)
        append(terms, cat(" || E'\n' || ", text_of(std::string(1, column))));
    const std::string expected = database.run(cat("SET timezone = 'UTC'; SELECT ", terms, " FROM kinds ORDER BY id"));
    const auto connection = open(database.url());
    Texts read;
    connection->read_rows(all_columns(connection->schema(), 0), read);
    CHECK(read.text == expected);
    const auto cursor = connection->open_rows(all_columns(connection->schema(), 0));
    Texts pulled;
    for (Row row; cursor->next(row);)
        pulled.take(row);
    CHECK(pulled.text == expected);
}

TEST_CASE("rows of a PostgreSQL server that refuses the binary format are read in text format", "[postgres]") {
    if (skipped()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'one'), (2, NULL); "
        "UPDATE pg_type SET typsend = 0 WHERE typname = 'int4'");
    CHECK(PostgresClient(database.parameters()).attempt("COPY t TO '/dev/null' (FORMAT binary)") == "42883");
    const auto connection = open(database.url());
    const auto read = [&] {
        Texts texts;
        connection->read_rows(all_columns(connection->schema(), 0), texts);
        return texts.text;
    };
    CHECK(read() == "1\none\n2\nNULL\n");
    const auto again = open(database.url());
    const ReadView view(*again);
    Texts texts;
    again->read_rows(all_columns(again->schema(), 0), texts);
    again->read_rows(all_columns(again->schema(), 0), texts);
    CHECK(texts.text == read() + read());
}

TEST_CASE("a table of PostgreSQL without rows, and one without columns, are read in binary format too", "[postgres]") {
    if (skipped()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE empty (id int PRIMARY KEY); CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; INSERT INTO "
        "bare "
        "DEFAULT VALUES");
    const auto connection = open(database.url());
    CHECK(contract_read(*connection, "empty").empty());
    CHECK(contract_read(*connection, "bare") == "[]\n[]\n");
}

TEST_CASE("tables of every kind are known by what addresses their rows, and by their names", "[postgres]") {
    const auto script = find_realdata("types-postgres/tables.sql");
    if (skipped() || script.empty()) return;
    const PostgresTestDatabase database(read_whole(script));
    const auto connection = open(database.url());
    const Schema& schema = connection->schema();
    std::map<std::string, std::string> found;
    for (const Table& table : schema.tables)
        found[table.label()] = summary_of(schema, table);
    CHECK(schema.default_schema == "app");
    const std::map<std::string, std::string> expected = {
        {"ident_always", "key id: id!s v"},
        {"ser", "key id: id!s b!s v"},
        {"sh1", "key id: id!s"},
        {"sh2", "key id: id!s"},
        {"gen", "key a: a! bg c"},
        {"parent", "key a: a! t"},
        {"child", "bag: a! t extra"},
        {"part", "key id: id! k"},
        {"nokey", "bag: a b"},
        {"uniq_nn", "key a: a! b"},
        {"uniq_null", "bag: a b"},
        {"replid", "key c: a! b c!"},
        {"partial_u", "bag: a!"},
        {"expr_u", "bag: a!"},
        {"cyc1", "key id: id! c2 -> cyc2"},
        {"fkc2", "key id: id! x y -> fkcomp"},
        {"dropped", "key a: a! c"},
        {"zero_cols", "bag:"},
        {"incl", "bag: a b c"},
        {"User", "key id: id!"},
        {"public.user", "key id: id!"},
        {"dup", "key a: a!"},
        {"public.dup", "key a: a!"},
        {"\"Odd.Schema\".\"Ta.b\"\"le\"", "key Co l: Co l! select"},
    };
    for (const auto& [label, summary] : expected) {
        INFO(label);
        CHECK(found[label] == summary);
        CHECK(schema.find(label).has_value());
    }
    for (const char* const hidden : {"part_1", "part_2", "part_2a", "vw", "mv"})
        CHECK_FALSE(found.contains(hidden));
    CHECK(schema.tables[*schema.find("ft")].not_dumpable.starts_with("it is a foreign table"));
    CHECK(schema.find("app.dup") == schema.find("dup"));
    CHECK(open(database.url(), {"public"})->schema().find("dup") !=
          open(database.url(), {"public"})->schema().find("app.dup"));
    CHECK(error_of([&] { open(database.url(), {"pubic"})->schema(); }).starts_with("4 database "));
}

TEST_CASE("many rows of PostgreSQL come in their order, and a reader may give up among them", "[postgres]") {
    if (skipped()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE many (id int PRIMARY KEY, v text, w text); INSERT INTO many SELECT g, CASE g % 5 WHEN 0 THEN "
        "NULL "
        "WHEN 1 THEN E'a\\tb\\\\c\\n' || g WHEN 2 THEN '' ELSE repeat('v', g % 40) || g END, 'w' FROM "
        "generate_series(50000, 1, -1) g");
    std::string expected;
    for (int id = 1; id <= 50000; ++id) {
        const std::string number = std::to_string(id);
        const std::string value = id % 5 == 0   ? "NULL"
                                  : id % 5 == 1 ? cat("a\tb\\c\n", number)
                                  : id % 5 == 2 ? ""
                                                : cat(std::string(static_cast<std::size_t>(id % 40), 'v'), number);
        append(expected, cat(number, "\n", value, "\nw\n"));
    }
    class Rows final : public RowSink {
      public:
        explicit Rows(int most) : left(most) {}
        void take(const Row& row) override {
            if (left-- == 0) throw Error(ErrorKind::kFailure, "enough");
            // What is received meanwhile leaves the row alone.
            if (++seen % 1000 == 0 && seen <= 5000) ::usleep(10'000);
            texts.take(row);
        }
        int left, seen = 0;
        Texts texts;
    };
    const auto connection = open(database.url());
    for (const int most : {10, 3000, 49999, 50000}) {
        Rows some(most);
        const RowQuery query = all_columns(connection->schema(), 0);
        CHECK(error_of([&] { connection->read_rows(query, some); }) == (most == 50000 ? "none" : "7 enough; "));
        CHECK(expected.starts_with(some.texts.text));
        CHECK((some.texts.text == expected) == (most == 50000));
    }
}

TEST_CASE("a table of which a role would see only some rows is refused by name", "[postgres]") {
    if (skipped()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE mine (id int PRIMARY KEY, o text); ALTER TABLE mine ENABLE ROW LEVEL SECURITY; "
        "CREATE POLICY p ON mine USING (o = current_user); CREATE TABLE closed (id int PRIMARY KEY); "
        "CREATE TABLE open (id int PRIMARY KEY); INSERT INTO open VALUES (1)");
    const std::string role = cat("reader_", database.name());
    database.run(cat("CREATE ROLE ", role, " LOGIN; GRANT SELECT ON mine, open TO ", role));
    {
        const auto connection = open(database.url(role));
        const Schema& schema = connection->schema();
        const auto read = [&](std::string_view name) {
            const std::size_t table = *schema.find(name);
            return error_of([&] {
                Texts rows;
                connection->read_rows(all_columns(schema, table), rows);
            });
        };
        CHECK(read("mine") ==
              "7 cannot read table \"mine\"; Row-level security hides rows of it from this role, so what could be read "
              "might not be all.");
        CHECK(read("closed") == "7 cannot read table \"closed\"; This role has no privilege to read it.");
        CHECK(read("open") == "none");
    }
    database.run(cat("DROP OWNED BY ", role, "; DROP ROLE ", role));
}

TEST_CASE("a table that fails to be counted on PostgreSQL does not shut out the others of its view", "[postgres]") {
    if (skipped()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE a (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); "
        "INSERT INTO b VALUES (1), (2)");
    const auto connection = open(database.url());
    const Schema& schema = connection->schema();
    const std::size_t a = *schema.find("a"), b = *schema.find("b");
    const ReadView view(*connection);
    database.run("DROP TABLE a");
    CHECK(error_of([&] { connection->statistics(a); }).starts_with("7 "));
    CHECK(error_of([&] { connection->sequences({a}); }).starts_with("7 "));
    CHECK(connection->statistics(b).rows == 2);
}

TEST_CASE("sequences of very many tables of PostgreSQL are read in parts", "[postgres]") {
    if (skipped()) return;
    std::string sql;
    for (int i = 0; i < 250; ++i)
        append(sql, cat("CREATE TABLE t", i, " (id int GENERATED BY DEFAULT AS IDENTITY (START ", i + 1, ")); "));
    const PostgresTestDatabase database(sql);
    const auto connection = open(database.url());
    std::vector<std::size_t> tables(connection->schema().tables.size());
    std::iota(tables.begin(), tables.end(), 0);
    const std::vector<Sequence> found = connection->sequences(tables);
    REQUIRE(found.size() == 250);
    for (const Sequence& sequence : found)
        CHECK(cat("t", *sequence.stored - 1) == connection->schema().tables[sequence.table].name);
}

TEST_CASE("who waits in vain for a lock on PostgreSQL is told who holds it", "[postgres]") {
    if (skipped()) return;
    const PostgresTestDatabase database("CREATE TABLE t (id int PRIMARY KEY)");
    OpenOptions options;
    options.busy_timeout_ms = 1000;
    const auto connection = open_database(DatabaseUrl(database.url()), options);
    const std::size_t table = *connection->schema().find("t");
    PostgresClient holder(cat(database.parameters(), " application_name=holder"));
    holder.run("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
    const std::string error = error_of([&] { connection->statistics(table); });
    CHECK(error.starts_with("5 database \"postgresql:///"));
    CHECK(error.find("is locked by another connection; It is held by process ") != std::string::npos);
    CHECK(error.ends_with(" (holder, user \"postgres\", idle in transaction)."));
}

TEST_CASE("a view of PostgreSQL's shows rows and tables of one moment, a dump's order is that of bytes", "[postgres]") {
    if (skipped()) return;
    const PostgresTestDatabase database(
        "CREATE TABLE t (k text COLLATE \"en-x-icu\" PRIMARY KEY); INSERT INTO t VALUES ('b'), ('A'), ('a'), ('B'), "
        "('\xC3\xA4'); CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE e (m mood PRIMARY KEY); "
        "INSERT INTO e VALUES ('sad'), ('ok'); CREATE TABLE bag (x int, j json); INSERT INTO bag VALUES "
        "(2, '{}'), (NULL, '[]'), (1, '2'), (1, '1'); CREATE DOMAIN padded AS char(3); CREATE TABLE c (k padded "
        "PRIMARY "
        "KEY); INSERT INTO c VALUES (''), (E'\\t'), (E'a\\t'), ('a'), ('\xC3\xA4')");
    const auto connection = open(database.url());
    const ReadView view(*connection);
    const auto read = [&](std::string_view name) {
        Texts rows;
        connection->read_rows(all_columns(connection->schema(), *connection->schema().find(name)), rows);
        return rows.text;
    };
    CHECK(read("t") == "A\nB\na\nb\n\xC3\xA4\n");
    database.run("INSERT INTO t VALUES ('later')");
    CHECK(read("t") == "A\nB\na\nb\n\xC3\xA4\n");
    CHECK(read("e") == "ok\nsad\n");
    CHECK(read("c") == "\t  \n   \na\t \na  \n\xC3\xA4  \n");
    CHECK(read("bag") == "NULL\n[]\n1\n1\n1\n2\n2\n{}\n");
}

}  // namespace dbfixture
