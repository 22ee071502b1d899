// SPDX-License-Identifier: MIT
#include "db/contract_engine_test.h"

#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/cat.h"
#include "base/error.h"
#include "db/mariadb/galera_bench_test.h"
#include "db/postgres/test_server_test.h"
#include "db/sqlite/test_database_test.h"

namespace dbfixture {
namespace {

class SqliteContract final : public ContractDatabase {
  public:
    std::string url() const override { return cat("sqlite:", database_.path()); }
    std::vector<std::string> other_urls() override {
        const std::string link = cat(database_.path(), "-link");
        std::filesystem::create_symlink(database_.path(), link);
        return {database_.path(), cat("file:", database_.path()), cat("sqlite:///", database_.path()),
                cat("file:", database_.path(), "?mode=ro"), link};
    }
    void replace() override {
        const std::string other = cat(database_.path(), "-other");
        std::ofstream(other).close();
        std::filesystem::rename(other, database_.path());
    }
    void drop() override { std::filesystem::remove(database_.path()); }
    void run(const std::string& sql) override { database_.run(sql); }
    std::string rows(const std::string& select) override { return database_.rows(select); }
    std::shared_ptr<void> hold_write_lock() override {
        sqlite3* handle = nullptr;
        REQUIRE(sqlite3_open(database_.path().c_str(), &handle) == SQLITE_OK);
        REQUIRE(sqlite3_exec(handle, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK);
        return {handle, [](void* held) { sqlite3_close(static_cast<sqlite3*>(held)); }};
    }

  private:
    TestDatabase database_;
};

class PostgresContract final : public ContractDatabase {
  public:
    std::string url() const override { return database_.url(); }
    std::vector<std::string> other_urls() override {
        const std::string rest = cat("@/", database_.name(), "?host=", postgres_folder());
        return {cat("postgres://postgres", rest), cat("postgresql+psycopg://postgres", rest),
                cat("postgis://postgres:secret", rest),
                cat("host=", postgres_folder(), " user=postgres dbname='", database_.name(), "'"),
                cat("jdbc:postgresql:///", database_.name(), "?host=", postgres_folder(), "&user=postgres")};
    }
    void replace() override {
        database_.drop();
        database_.create();
    }
    void drop() override { database_.drop(); }
    void run(const std::string& sql) override { database_.run(sql); }
    std::string rows(const std::string& select) override { return database_.run(select); }
    std::shared_ptr<void> hold_write_lock() override {
        auto client = std::make_shared<PostgresClient>(database_.parameters());
        client->run(
            "BEGIN; DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relkind IN ('r', 'p', 'S') "
            "AND relnamespace = 'public'::regnamespace LOOP IF (SELECT relkind <> 'S' FROM pg_class WHERE oid = t) "
            "THEN "
            "EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', t); ELSE EXECUTE format('ALTER SEQUENCE %s CACHE "
            "1', t); END IF; END LOOP; END $$");
        return client;
    }

  private:
    PostgresTestDatabase database_;
};

class MariaDbContract : public ContractDatabase {
  public:
    explicit MariaDbContract(std::string folder = mariadb_folder())
        : folder_(std::move(folder)), database_("", folder_) {}
    std::string url() const override { return database_.url(); }
    std::vector<std::string> other_urls() override {
        const std::string socket = cat(folder_, "/socket");
        const std::string rest = cat("@/", database_.name(), "?unix_socket=", socket);
        return {cat("mariadb://root", rest), cat("mysql+pymysql://root", rest, "&charset=utf8mb4"),
                cat("mysql2://root@localhost/", database_.name(), "?socket=", socket),
                cat("root:@unix(", socket, ")/", database_.name(), "?parseTime=true"),
                cat("mysql:unix_socket=", socket, ";dbname=", database_.name(), ";user=root")};
    }
    void replace() override {
        database_.drop();
        database_.create();
    }
    void drop() override { database_.drop(); }
    void run(const std::string& sql) override { database_.run(sql); }
    std::string rows(const std::string& select) override { return database_.run(select); }
    std::shared_ptr<void> hold_write_lock() override {
        auto client = std::make_shared<MariaDbClient>(database_.name(), "root", folder_);
        const std::string tables = client->run(
            "SELECT GROUP_CONCAT('`', REPLACE(table_name, '`', '``'), '` WRITE') FROM information_schema.tables WHERE "
            "table_schema = DATABASE()");
        client->run(cat("LOCK TABLES ", tables));
        return client;
    }

  protected:
    const std::string& name() const { return database_.name(); }

  private:
    std::string folder_;
    MariaDbTestDatabase database_;
};

// On the node of a cluster whose numbers follow each other. In the end all nodes have the same.
class GaleraContract final : public MariaDbContract {
  public:
    GaleraContract() : MariaDbContract(galera_node(kNodes)) {}
    GaleraContract(const GaleraContract&) = delete;
    GaleraContract& operator=(const GaleraContract&) = delete;
    ~GaleraContract() override {
        const std::string last = rows_of(kNodes);
        CHECK(rows_of(1) == last);
        CHECK(rows_of(2) == last);
    }

  private:
    std::string rows_of(int node) const {
        MariaDbClient client("", "root", galera_node(node), "SET SESSION wsrep_sync_wait = 15");
        client.run("SELECT COUNT(*) FROM information_schema.schemata");  // waits, which USE does not
        const std::string used = client.attempt(cat("USE ", name()));
        return used.empty() ? mariadb_rows(client) : "none";
    }
};

std::string shown(const Value& value) {
    switch (value.kind()) {
        case ValueKind::kNull:
            return "null";
        case ValueKind::kText:
            return cat("'", value.as_text(), "'");
        case ValueKind::kBytes: {
            std::string out = "x";
            for (const char c : value.as_text()) {
                constexpr std::string_view kDigits = "0123456789abcdef";
                out += kDigits[static_cast<unsigned char>(c) >> 4];
                out += kDigits[static_cast<unsigned char>(c) & 15];
            }
            return out;
        }
        default:
            return describe(value);
    }
}

class LineSink final : public RowSink {
  public:
    std::string text;
    void take(const Row& row) override {
        text += '[';
        for (const Value& part : row.key)
            append(text, cat(text.back() == '[' ? "" : " ", shown(part)));
        text += ']';
        for (const Value& value : row.values)
            append(text, cat(" ", shown(value)));
        text += '\n';
    }
};

void add_postgres(std::vector<ContractEngine>& out) {
    if (postgres_folder().empty()) {
        WARN("SKIPPED: PostgreSQL: no server is installed (Debian: postgresql)");
        return;
    }
    out.push_back(
        {.name = "PostgreSQL",
         .numbered = "INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
         .real = "DOUBLE PRECISION",
         .blob = "BYTEA",
         .text_key = "TEXT",
         .boolean = "BOOLEAN",
         .decimal = "DECIMAL(14, 4)",
         .lets_readers_be = "",
         .names_later_tables = false,
         .tells_replaced = false,
         .trigger =
             [](std::string_view name, std::string_view event, std::string_view table, std::string_view then) {
                 return cat("CREATE FUNCTION ", name, "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ", then,
                            "; RETURN NULL; END $$; CREATE TRIGGER ", name, " AFTER ", event, " ON ", table,
                            " FOR EACH ROW EXECUTE FUNCTION ", name, "()");
             },
         .make = [] { return std::unique_ptr<ContractDatabase>(std::make_unique<PostgresContract>()); }});
}

ContractEngine mariadb_engine(std::string_view called, std::unique_ptr<ContractDatabase> (*make)()) {
    return {.name = called,
            .numbered = "INTEGER AUTO_INCREMENT PRIMARY KEY",
            .real = "DOUBLE",
            .blob = "BLOB",
            .text_key = "VARCHAR(50)",
            .boolean = "BOOLEAN",
            .decimal = "DECIMAL(14, 4)",
            .quote = '`',
            .lets_readers_be = "",
            .silences_triggers = false,
            .names_later_tables = false,
            .tells_replaced = false,
            .folds_names = false,
            .has_negative_zero = false,
            .counters_may_lag = false,
            .trigger =
                [](std::string_view name, std::string_view event, std::string_view table, std::string_view then) {
                    return cat("CREATE TRIGGER ", name, " AFTER ", event, " ON ", table, " FOR EACH ROW ", then);
                },
            .make = make};
}

void add_mariadb(std::vector<ContractEngine>& out) {
    if (!no_mariadb()) {
        out.push_back(mariadb_engine(
            "MariaDB", [] { return std::unique_ptr<ContractDatabase>(std::make_unique<MariaDbContract>()); }));
    }
    if (!no_galera()) {
        out.push_back(mariadb_engine(
            "MariaDB on Galera", [] { return std::unique_ptr<ContractDatabase>(std::make_unique<GaleraContract>()); }));
    }
}

}  // namespace

std::vector<ContractEngine> contract_engines() {
    std::vector<ContractEngine> out;
    out.push_back(
        {.name = "SQLite",
         .numbered = "INTEGER PRIMARY KEY AUTOINCREMENT",
         .real = "REAL",
         .blob = "BLOB",
         .text_key = "TEXT",
         .boolean = "BOOLEAN",
         .decimal = "DECIMAL(14, 4)",
         .lets_readers_be = "PRAGMA journal_mode = wal",
         .trigger =
             [](std::string_view name, std::string_view event, std::string_view table, std::string_view then) {
                 return cat("CREATE TRIGGER ", name, " AFTER ", event, " ON ", table, " BEGIN ", then, "; END");
             },
         .make = [] { return std::unique_ptr<ContractDatabase>(std::make_unique<SqliteContract>()); }});
    add_postgres(out);
    add_mariadb(out);
    return out;
}

std::string contract_load(Connection& connection, const std::vector<ContractRow>& rows, LoadOptions options) {
    options.files = {"f"};
    try {
        const auto session = connection.begin_load(options);
        const Schema& schema = connection.schema();
        std::uint32_t number = 0;
        for (const ContractRow& row : rows) {
            const auto table = schema.find(row.table);
            REQUIRE(table);
            std::vector<std::pair<std::uint16_t, Value>> cells;
            for (const auto& [name, value] : row.columns) {
                const auto column = schema.tables[*table].find_column(name);
                REQUIRE(column);
                cells.emplace_back(static_cast<std::uint16_t>(*column), value);
            }
            std::sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
            std::vector<std::uint16_t> columns;
            std::vector<Value> values;
            for (const auto& [column, value] : cells) {
                columns.push_back(column);
                values.push_back(value);
            }
            BoundRow bound;
            bound.table = static_cast<std::uint32_t>(*table);
            bound.address = row.numbered ? RowAddress::kNumbered : RowAddress::kKey;
            bound.columns = columns;
            bound.values = values;
            ++number;
            bound.origin = {0, 10 * number, number};
            session->write({&bound, 1});
        }
        session->finish();
        session->commit();
    } catch (const Error& error) {
        return cat(static_cast<int>(error.kind), " ", format_where(error.where), error.where.column.empty() ? "" : " ",
                   error.where.column);
    }
    return "ok";
}

std::string contract_read(Connection& connection, const std::string& name) {
    const Schema& schema = connection.schema();
    const auto index = schema.find(name);
    REQUIRE(index);
    const Table& table = schema.tables[*index];
    RowQuery query;
    query.table = *index;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        if (!table.is_key_column(column)) query.columns.push_back(column);
    }
    LineSink sink;
    connection.read_rows(query, sink);
    return sink.text;
}

}  // namespace dbfixture
