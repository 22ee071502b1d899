// SPDX-License-Identifier: MIT
// diff on a database of the wild: every kind of change is shown, exactly, and nothing else; and what --format fixture
// writes turns the one side into the other.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/realdata_test.h"
#include "program_test.h"

using namespace dbfixture_test;

namespace {

namespace fs = std::filesystem;

// Columns of every kind beside Chinook's own.
constexpr auto kMoreColumns =
    "CREATE TABLE Kinds(Id INTEGER PRIMARY KEY, Whatever, Real REAL, Flag BOOLEAN, Day DATE, Bytes BLOB, Words TEXT);"
    "INSERT INTO Kinds VALUES(1, 1, 1.5, 1, '2024-01-31', x'00ff', 'Ada');"
    "INSERT INTO Kinds VALUES(2, NULL, 2.0, 0, NULL, NULL, NULL);";

struct Kind {
    std::string name, sql;
    std::string rows;        // what is shown of rows,
    std::string schema{};    // and before them of the schema
    bool comes_back = true;  // by loading rows: nothing has to be deleted, and no schema changed
};

const std::vector<Kind> kKinds = {
    {"a row is inserted", "INSERT INTO Genre VALUES(26, 'Noise')", "Genre\n+ 26  Name: \"Noise\"\n", "", false},
    {"a row is deleted", "DELETE FROM PlaylistTrack WHERE PlaylistId = 18", "PlaylistTrack\n- [18, 597]\n"},
    {"an integer is updated", "UPDATE Track SET Bytes = 7 WHERE TrackId = 3", "Track\n~ 3  Bytes: 3990994 -> 7\n"},
    {"a real is updated", "UPDATE Kinds SET Real = 1.25 WHERE Id = 1", "Kinds\n~ 1  Real: 1.5 -> 1.25\n"},
    {"a decimal is updated", "UPDATE Track SET UnitPrice = 1.09 WHERE TrackId = 3",
     "Track\n~ 3  UnitPrice: 0.99 -> 1.09\n"},
    {"a text is updated", "UPDATE Artist SET Name = 'AC-DC' WHERE ArtistId = 1",
     "Artist\n~ 1  Name: \"AC/DC\" -> \"AC-DC\"\n"},
    {"a date is updated", "UPDATE Kinds SET Day = '2024-02-01' WHERE Id = 1",
     "Kinds\n~ 1  Day: \"2024-01-31\" -> \"2024-02-01\"\n"},
    {"a boolean is updated", "UPDATE Kinds SET Flag = 0 WHERE Id = 1", "Kinds\n~ 1  Flag: true -> false\n"},
    {"bytes are updated", "UPDATE Kinds SET Bytes = x'00fe' WHERE Id = 1",
     "Kinds\n~ 1  Bytes: {\"$binary\": \"AP8=\"} -> {\"$binary\": \"AP4=\"}\n"},
    {"bytes become the same text", "UPDATE Kinds SET Words = CAST(Words AS BLOB) WHERE Id = 1",
     "Kinds\n~ 1  Words: \"Ada\" -> {\"$binary\": \"QWRh\"}\n"},
    {"a key is changed", "UPDATE Genre SET GenreId = 77 WHERE GenreId = 25",
     "Genre\n- 25  Name: \"Opera\"\n+ 77  Name: \"Opera\"\n", "", false},
    {"a part of a key is changed", "UPDATE PlaylistTrack SET TrackId = 598 WHERE PlaylistId = 18",
     "PlaylistTrack\n- [18, 597]\n+ [18, 598]\n", "", false},
    {"NULL becomes an empty text", "UPDATE Kinds SET Words = '' WHERE Id = 2", "Kinds\n~ 2  Words: null -> \"\"\n"},
    {"a value becomes NULL", "UPDATE Kinds SET Words = NULL WHERE Id = 1", "Kinds\n~ 1  Words: \"Ada\" -> null\n"},
    {"1 becomes 1.0", "UPDATE Kinds SET Whatever = 1.0 WHERE Id = 1", "Kinds\n~ 1  Whatever: 1 -> 1.0\n"},
    {"1 becomes '1'", "UPDATE Kinds SET Whatever = '1' WHERE Id = 1", "Kinds\n~ 1  Whatever: 1 -> \"1\"\n"},
    {"a letter's case changes", "UPDATE Artist SET Name = 'Ac/DC' WHERE ArtistId = 1",
     "Artist\n~ 1  Name: \"AC/DC\" -> \"Ac/DC\"\n"},
    {"a blank comes to the end", "UPDATE Artist SET Name = Name || ' ' WHERE ArtistId = 1",
     "Artist\n~ 1  Name: \"AC/DC\" -> \"AC/DC \"\n"},
    {"two columns of a row and another row change",
     "UPDATE Employee SET City = 'Ulm', Fax = NULL WHERE EmployeeId = 1; UPDATE Employee SET City = 'Bonn' WHERE "
     "EmployeeId = 8",
     "Employee\n~ 1  City: \"Edmonton\" -> \"Ulm\", Fax: \"+1 (780) 428-3457\" -> null\n~ 8  City: \"Lethbridge\" -> "
     "\"Bonn\"\n"},
    {"a table is dropped", "DROP TABLE Kinds", "", "- table Kinds, with 2 rows\n", false},
    {"a table is created", "CREATE TABLE More(x); INSERT INTO More VALUES(1)", "", "+ table More, with 1 row\n", false},
    {"a column is added", "ALTER TABLE Genre ADD COLUMN Note TEXT", "", "+ column Genre.Note\n", false},
    {"an index is created", "CREATE INDEX ByName ON Genre(Name)", "", "+ index ByName\n", false},
};

// A folder with a.db, its dump a.json, and b.db, which differs by `sql`.
class Sides {
  public:
    Sides(const fs::path& database, const std::string& sql) {
        run("cp " + quoted(database) + " a.db && sqlite3 a.db " + sql_word(kMoreColumns) +
            " && cp a.db b.db && sqlite3 b.db " + sql_word(sql) + " && dbfixture dumpdata -q -d a.db -o a.json");
    }
    // What the command prints, and its status on a last line.
    std::string run(const std::string& command) const {
        return output_of("cd " + quoted(folder_.path) + "; " + environment() + command + " 2>&1; echo \"exit $?\"");
    }

  private:
    static std::string sql_word(const std::string& text) {
        std::string out = "'";
        for (const char c : text)
            out += c == '\'' ? std::string("'\\''") : std::string(1, c);
        return out + "'";
    }
    WorkFolder folder_;
};

}  // namespace

TEST_CASE("every kind of change in a database of the wild is shown exactly, and nothing else", "[diff]") {
    const fs::path database = dbfixture::find_realdata("chinook/Chinook_Sqlite.sqlite");
    if (database.empty()) return;
    for (const Kind& kind : kKinds) {
        INFO(kind.name);
        const Sides sides(database, kind.sql);
        CHECK(sides.run("dbfixture diff -q a.db b.db") ==
              "--- a.db\n+++ b.db\n" + kind.schema + kind.rows + "exit 1\n");
        if (kind.name == "a table is dropped") continue;  // a fixture of it cannot be read
        CHECK(sides.run("dbfixture diff -q a.json -d b.db") ==
              (kind.rows.empty() ? "exit 0\n" : "--- a.json\n+++ b.db\n" + kind.rows + "exit 1\n"));
    }
}

TEST_CASE("a fixture of the differences turns the one side into the other", "[diff]") {
    const fs::path database = dbfixture::find_realdata("chinook/Chinook_Sqlite.sqlite");
    if (database.empty()) return;
    for (const Kind& kind : kKinds) {
        if (!kind.comes_back) continue;
        INFO(kind.name);
        const Sides sides(database, kind.sql);
        CHECK(
            sides.run(
                "dbfixture diff -q a.db b.db --format fixture -o back.yaml; dbfixture loaddata -q -d b.db back.yaml") ==
            "exit 0\n");
        CHECK(sides.run("dbfixture diff -q a.db b.db") == "exit 0\n");
    }
    const Sides sides(database, "INSERT INTO Genre VALUES(26, 'Noise')");
    CHECK(sides.run("dbfixture diff a.db b.db --format fixture") ==
          "[]\ndbfixture: warning: loading this fixture deletes nothing: 1 row that only B has will stay\nexit 1\n");
}

TEST_CASE("where only a sequence differs, that is shown", "[diff]") {
    const fs::path database = dbfixture::find_realdata("chinook/Chinook_Sqlite_AutoIncrementPKs.sqlite");
    if (database.empty()) return;
    const Sides sides(database, "INSERT INTO Genre(Name) VALUES('x'); DELETE FROM Genre WHERE Name = 'x'");
    CHECK(sides.run("dbfixture diff a.db b.db") ==
          "--- a.db\n+++ b.db\n~ sequence Genre.GenreId: 25 -> 26\nDifferent: 1 difference of schema or "
          "sequences\nexit 1\n");
    CHECK(sides.run("dbfixture diff a.json -d b.db") == "Equal: 12 tables\nexit 0\n");
}
