// SPDX-License-Identifier: MIT
// What the tool does works on an engine that knows of one statement at a time (connection.h, rule 1), gives the same,
// and asks in batches.
#include "db/one_statement_test.h"

#include "layout/layout.h"
#include "ops/dump.h"
#include "ops/loading_test.h"

namespace dbfixture {
namespace {

std::string schema_sql() {
    return "CREATE TABLE django_migrations (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, app varchar(255) NOT NULL, "
           "name "
           "varchar(255) NOT NULL, applied datetime NOT NULL);"
           "CREATE TABLE django_content_type (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, app_label varchar(100) "
           "NOT "
           "NULL, model varchar(100) NOT NULL);"
           "CREATE UNIQUE INDEX django_content_type_u ON django_content_type (app_label, model);"
           "INSERT INTO django_content_type (app_label, model) VALUES ('library', 'author'), ('library', 'book');"
           "CREATE TABLE library_author (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(50) NOT NULL "
           "UNIQUE);"
           "CREATE TABLE library_book (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, title varchar(50) NOT NULL, "
           "author_id "
           "integer NOT NULL REFERENCES library_author (id) DEFERRABLE INITIALLY DEFERRED);"
           "CREATE TABLE library_book_readers (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, book_id integer NOT NULL "
           "REFERENCES library_book (id) DEFERRABLE INITIALLY DEFERRED, author_id integer NOT NULL REFERENCES "
           "library_author "
           "(id) DEFERRABLE INITIALLY DEFERRED);"
           "CREATE UNIQUE INDEX library_book_readers_u ON library_book_readers (book_id, author_id);";
}

constexpr int kBooks = 300;

std::string rows_sql() {
    std::string sql = "INSERT INTO library_author (id, name) VALUES (1, 'a1')";
    for (int i = 2; i <= 50; ++i)
        append(sql, cat(", (", i, ", 'a", i, "')"));
    sql += "; INSERT INTO library_book (id, title, author_id) VALUES (1, 'b1', 2)";
    for (int i = 2; i <= kBooks; ++i)
        append(sql, cat(", (", i, ", 'b", i, "', ", 1 + (i % 50), ")"));
    sql += "; INSERT INTO library_book_readers (book_id, author_id) VALUES (1, 1)";
    for (int i = 2; i <= kBooks; ++i) {
        for (int k = 0; k < i % 4; ++k)
            append(sql, cat(", (", i, ", ", 1 + ((i + k * 7) % 50), ")"));
    }
    return sql + ", (9999, 1)";  // of no book: written by table
}

std::string dumped(Connection& connection, bool natural) {
    const ReadView view(connection);
    const auto layout = open_layout(connection, {});
    DumpOptions options;
    std::vector<std::string> warnings;
    options.tables = select_tables(connection.schema(), {}, warnings);
    options.format = find_format("json");
    options.layout = layout.get();
    options.natural_foreign = options.natural_primary = natural;
    std::string out;
    const auto sink = open_memory_sink(out);
    dump(connection, options, *sink);
    sink->finish();
    return out;
}

std::unique_ptr<Connection> open(const TestDatabase& database) {
    return open_database(DatabaseUrl(database.path()), {OpenMode::kReadWrite, 200});
}

}  // namespace

TEST_CASE("a dump reads rows beside rows on an engine that knows of one statement at a time", "[one-statement]") {
    const TestDatabase database(schema_sql() + rows_sql());
    for (const bool natural : {false, true}) {
        INFO(natural);
        OneStatement strict(open(database));
        const std::string plain = dumped(*open(database), natural);
        CHECK(plain.find("library.book") != std::string::npos);
        CHECK(plain.find("library_book_readers") != std::string::npos);
        CHECK((plain.find("[\"a1\"]") != std::string::npos) == natural);
        CHECK(dumped(strict, natural) == plain);
    }
}

TEST_CASE("a load resolves natural keys on such an engine, and asks and writes in batches", "[one-statement]") {
    TestDatabase source(schema_sql() + rows_sql());
    const std::string fixture = dumped(*open(source), true);
    TestDatabase plain(schema_sql());
    TestDatabase strict_one(schema_sql());
    LoadRequest request = request_for({fixture});
    request.allow_orphans = true;
    load_into(plain, request);
    OneStatement strict(open(strict_one));
    load(strict, request);
    CHECK(strict_one.content() == plain.content());
    CHECK(strict_one.rows("SELECT count(*) FROM library_book_readers") ==
          source.rows("SELECT count(*) FROM library_book_readers"));
}

TEST_CASE("references by natural key are looked up and their rows written many at once", "[one-statement]") {
    TestDatabase database(schema_sql() + rows_sql());
    const std::string before = database.rows("SELECT title, author_id FROM library_book ORDER BY title");
    std::string fixture;
    for (int i = 1; i <= kBooks; ++i) {
        append(fixture, cat(i == 1 ? "[" : ",\n", R"({"model": "library.book", "pk": )", 1000 + i,
                            R"(, "fields": {"title": "b)", i, R"(", "author": ["a)", i == 1 ? 2 : 1 + (i % 50),
                            R"("], "readers": [["a1"], ["a)", 2 + (i % 40), R"("], 7]}})"));
    }
    OneStatement strict(open(database));
    load(strict, request_for({fixture + "]"}));
    CHECK(database.rows("SELECT title, author_id FROM library_book WHERE id > 1000 ORDER BY title") == before);
    CHECK(database.rows("SELECT count(*), sum(author_id = 1), sum(author_id = 7) FROM library_book_readers WHERE "
                        "book_id < 9999 AND book_id > "
                        "1000") == "892|300|300\n");
    CHECK(strict.writes <= 3);
    CHECK(strict.searches <= kBooks + 3);  // one a list, one a batch
}

TEST_CASE("a row that is written is found by the next record of the same batch, and its old key is not",
          "[one-statement]") {
    TestDatabase database(schema_sql() + "INSERT INTO library_author (id, name) VALUES (1, 'old'), (2, 'other')");
    const auto book = [](int key, const std::string& author) {
        return cat(R"({"model": "library.book", "pk": )", key, R"(, "fields": {"title": "t", "author": [")", author,
                   "\"]}}");
    };
    const std::string renamed = R"({"model": "library.author", "pk": 1, "fields": {"name": "new"}})";
    CHECK(load_into(database, cat("[", book(1, "old"), ",", renamed, ",", book(2, "new"), ",", book(3, "other"),
                                  "]")) == "3/1/0");
    CHECK(database.rows("SELECT id, author_id FROM library_book") == "1|1\n2|1\n3|2\n");
    CHECK(failure(database, cat("[", R"({"model": "library.author", "pk": 1, "fields": {"name": "newest"}})", ",",
                                book(4, "new"), "]"))
              .find("no record of library.author has the natural key [\"new\"]") != std::string::npos);
}

TEST_CASE("an error of a row that is written late is still that row's, and comes before later records'",
          "[one-statement]") {
    TestDatabase database(schema_sql() + "INSERT INTO library_author (id, name) VALUES (1, 'a')");
    // The first breaks NOT NULL when it is written; the second cannot be read at all.
    const std::string bad = R"([{"model": "library.book", "pk": 1, "fields": {"title": null, "author": ["a"]}},
{"model": "library.book", "pk": 2, "fields": {"title": "t", "author": ["a", "b"]}}])";
    CHECK(failure(database, bad).find("record 1 (library") != std::string::npos);
    // The row is written because the next one's key is looked up among its table's rows.
    const std::string before = R"([{"model": "library.author", "fields": {"name": null}},
{"model": "library.author", "fields": {"name": "x"}}])";
    CHECK(failure(database, before).find("record 1 (library") != std::string::npos);
}

}  // namespace dbfixture
