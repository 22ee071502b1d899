// SPDX-License-Identifier: MIT
// Random changes between restores, each compared whole. More of them with DBFIXTURE_ROUNDS.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "base/cat.h"
#include "db/postgres/restore_bench_test.h"

namespace dbfixture {
namespace {

const std::string kSchema =
    "CREATE TABLE parent (id serial PRIMARY KEY, v text UNIQUE); CREATE TABLE child (id int PRIMARY KEY, parent int "
    "REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, v numeric); CREATE TABLE bag (v int, w text); CREATE TABLE "
    "large (id int PRIMARY KEY, v text); CREATE TABLE part (id int, k int, PRIMARY KEY (id, k)) PARTITION BY HASH "
    "(id); "
    "CREATE TABLE part0 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE part1 PARTITION OF "
    "part "
    "FOR VALUES WITH (MODULUS 2, REMAINDER 1); INSERT INTO parent (v) SELECT 'p' || g FROM generate_series(1, 20) g; "
    "INSERT INTO child SELECT g, 1 + g % 20, g FROM generate_series(1, 300) g; INSERT INTO bag SELECT g % 7, 'w' FROM "
    "generate_series(1, 30) g; INSERT INTO large SELECT g, repeat('v', 80) || g FROM generate_series(1, 2500) g; "
    "INSERT "
    "INTO part SELECT g, g FROM generate_series(1, 40) g";

class Changes {
  public:
    explicit Changes(unsigned seed) : random_(seed) {}
    int below(int most) { return std::uniform_int_distribution<int>(0, most - 1)(random_); }

    // One statement, or several of one transaction.
    std::string next() {
        const int n = below(25);
        switch (below(16)) {
            case 0:
                return cat("UPDATE parent SET v = v || 'x' WHERE id % 7 = ", n % 7);
            case 1:
                return cat("DELETE FROM parent WHERE id = ", n);
            case 2:
                return cat("UPDATE parent SET id = id + 1000 WHERE id = ", n);
            case 3:
                return cat("INSERT INTO child SELECT coalesce(max(id), 0) + 1, NULL, 1.50 FROM child");
            case 4:
                return cat("UPDATE child SET v = v + 0.00 WHERE id % 25 = ", n);
            case 5:
                return cat("DELETE FROM bag WHERE v = ", n % 7);
            case 6:
                return cat("INSERT INTO bag VALUES (", n, ", NULL)");
            case 7:
                return cat("UPDATE large SET v = 'changed' WHERE id % 100 = ", n);
            case 8:
                return cat("DELETE FROM large WHERE id BETWEEN ", n * 10, " AND ", n * 11);
            case 9:
                return cat("UPDATE part SET id = id + ", n, " WHERE k = ", n);
            case 10:
                return n % 5 == 0 ? "TRUNCATE large" : "TRUNCATE bag";
            case 11:
                return "SELECT nextval('parent_id_seq')";
            case 12:
                return n % 4 == 0 ? "VACUUM FULL" : n % 4 == 1 ? "VACUUM FREEZE" : "VACUUM";
            case 13:
                return cat("BEGIN; SAVEPOINT a; UPDATE child SET v = 0 WHERE id = ", n,
                           "; ROLLBACK TO a; SAVEPOINT b; ", "UPDATE large SET v = 'sub' WHERE id = ", n,
                           "; RELEASE b; INSERT INTO bag VALUES (1); COMMIT");
            case 14:
                return "ALTER TABLE bag DROP COLUMN w; ALTER TABLE bag ADD COLUMN w text DEFAULT 'other'; ALTER TABLE "
                       "bag "
                       "ALTER w DROP DEFAULT";
            default:
                return "BEGIN; DELETE FROM child; ROLLBACK";
        }
    }

  private:
    std::mt19937 random_;
};

}  // namespace

TEST_CASE("PostgreSQL restore: after random changes, all is as it was saved, and the next look finds it unchanged") {
    if (no_server()) return;
    const char* const rounds = std::getenv("DBFIXTURE_ROUNDS");
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    Changes changes(seed);
    RestoreBench b(kSchema);
    std::unique_ptr<PostgresClient> old;  // holds base back in some rounds
    std::string stamp = b.saved.stamp;
    for (int round = 0; round < (rounds == nullptr ? 40 : std::atoi(rounds)); ++round) {
        if (changes.below(6) == 0) {
            if (old) old->run("ROLLBACK");
            old = old ? nullptr : std::make_unique<PostgresClient>(b.database.parameters());
            if (old) old->run("BEGIN; SELECT pg_current_xact_id()");
        }
        std::string all;
        for (int count = changes.below(6); count > 0; --count) {
            const std::string sql = changes.next();
            append(all, cat(sql, "\n"));
            PostgresClient(b.database.parameters()).attempt(sql);
        }
        INFO("round " << round << ":\n" << all);
        if (changes.below(8) == 0) b.states = open_states(locate(DatabaseUrl(b.database.url())), 2000);
        const std::string said = b.restore(changes.below(2) == 0 ? stamp : "");
        INFO(said);
        REQUIRE(b.contents() == b.before);
        stamp = b.report.stamp;
        if (changes.below(4) == 0) {
            const std::string again = b.restore(stamp);
            CHECK((again == "unchanged" || again == "untouched"));
        }
    }
}

}  // namespace dbfixture
