// SPDX-License-Identifier: MIT
// What is written in every format fits schemas/fixture.schema.json and schemas/fixture.xsd, and what is wrong does not.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/cat.h"
#include "base/places_test.h"
#include "program_test.h"

using namespace dbfixture_test;
using dbfixture::cat;

namespace {

namespace fs = std::filesystem;
const fs::path kSource = dbfixture::source_folder();

// Every kind of value, key and row that a fixture can hold.
constexpr const char* kSql = R"(
create table plain (id integer primary key, i int, r real, t text, b blob, f boolean, n numeric, untyped);
insert into plain values (1, -5, 2.5, 'text', x'00ff', 1, 10, null), (-9223372036854775808, null, 1e300, '', x'', 0, 1.5, 'x'),
  (9223372036854775807, 1, 9e999, char(27) || '<&>"''' || char(13, 10, 9, 65534), x'41', 'yes', 'n/a', 3);
insert into plain (id, r, t) values (5, -9e999, cast(x'ff41' as text));
create table composite (a text, b real, c, v, primary key (a, b, c)) without rowid;
insert into composite values ('k', 1.5, x'01', 1), ('', -1, '7', 2), (char(10), 0, 7, 3);
create table named (code text primary key, v); insert into named values ('a', 1), ('7', 2), (null, 3), (null, 4);
create table untyped (k primary key); insert into untyped values (1), ('1'), (x'31'), (1.5);
create table docs (id integer primary key, j json, t text check (json_valid(t)));
insert into docs values (1, '{"a":[1.50,null,{"$b":true}]}', '[]'), (2, '{"$a":1}', '{ }'), (3, 'x', '"x"'), (4, 'a' || char(10) || 'b', '{}');
create table keyless (v); insert into keyless values (1), (1);
create table "odd "" <name>&" ("col'umn" int, "é" int); insert into "odd "" <name>&" values (1, 2);
)";

int validate_json(const std::string& files) {
    return shell(cat("cd ", quoted(kSource), " && python3 testdata/tools/validate.py schemas/fixture.schema.json ",
                     files, " > /dev/null"));
}

bool has_xmllint() {
    return shell("xmllint --version 2> /dev/null") == 0;
}

int validate_xml(const fs::path& file) {
    return shell(
        cat("xmllint --noout --schema ", quoted(kSource / "schemas/fixture.xsd"), " ", quoted(file), " 2> /dev/null"));
}

}  // namespace

TEST_CASE("what is written fits the schemas of fixtures", "[schema]") {
    const WorkFolder temp;
    write_file(temp.path / "db.sql", kSql);
    const std::string in_folder = cat("cd ", quoted(temp.path), " && ", environment());
    REQUIRE(shell(in_folder + "sqlite3 a.db < db.sql") == 0);
    std::string files;
    for (const char* name : {"a.json", "b.json --indent 2", "a.yaml", "a.xml", "b.xml --indent 2"}) {
        REQUIRE(shell(cat(in_folder, "dbfixture -q -d a.db dumpdata -a -o ", name)) == 0);
    }
    const int status = validate_json(
        cat(quoted(temp.path / "a.json"), " ", quoted(temp.path / "b.json"), " ", quoted(temp.path / "a.yaml")));
    if (status == 77) {
        WARN("SKIPPED: fixtures against their schema: python3-jsonschema or python3-yaml is missing");
    } else {
        CHECK(status == 0);
    }
    if (!has_xmllint()) {
        WARN("SKIPPED: XML fixtures against their schema: xmllint is missing");
        return;
    }
    CHECK(validate_xml(temp.path / "a.xml") == 0);
    CHECK(validate_xml(temp.path / "b.xml") == 0);
}

TEST_CASE("what is no fixture does not fit the schemas", "[schema][slow]") {
    const WorkFolder temp;
    const auto fits = [&](const char* name, const std::string& text) {
        write_file(temp.path / name, text);
        return fs::path(name).extension() == ".xml" ? validate_xml(temp.path / name)
                                                    : validate_json(quoted(temp.path / name));
    };
    if (fits("a.json", "[]") == 0) {
        CHECK(fits("a.json", R"([{"model": "a.t", "fields": {"a": {"$x": 1, "$text": 1}}}])") == 0);
        CHECK(fits("a.json", R"([{"model": "a.t", "fields": {"a": {"$json": "{}"}}}])") == 0);
        CHECK(fits("a.json", R"([{"model": "t", "fields": {"a": {"$json": "{}"}, "b": {"c": {"$json": 1}}}}])") == 0);
        CHECK(fits("a.json", R"([{"model": "a.t", "pk": {"$any": true}, "fields": {"a": {"$match": "x*"}}}])") == 0);
        for (const char* text :
             {R"([{"model": "t", "fields": {"a": {"$any": false}}}])",
              R"([{"model": "a.t", "fields": {"a": {"$match": 1}}}])", R"({})", R"([{}])", R"([{"model": "t"}])", R"([{"model": "t", "fields": {}, "x": 1}])",
              R"([{"model": "t", "fields": {}, "rowid": "1"}])",
              R"([{"model": "t", "fields": {"a": {"$binary": "?"}}}])",
              R"([{"model": "t", "fields": {"a": {"$x": 1}}}])", R"([{"model": "t", "fields": {"a": {"$json": {}}}}])",
              R"([{"model": "a.t", "fields": {"a": {"$text": 1}}}])",
              R"([{"model": "t", "pk": {"a": 1}, "fields": {}}])"}) {
            INFO(text);
            CHECK(fits("a.json", text) == 1);
        }
    }
    if (!has_xmllint()) return;
    const auto in_root = [](const std::string& text) { return cat("<django-objects>", text, "</django-objects>"); };
    CHECK(fits("a.xml",
               in_root("<object model='t' pk='1'><field name='a' type='CharField'>x</field>"
                       "<field name='b' rel='ManyToManyRel'><object pk='7' pk-type='text'/></field></object>")) == 0);
    for (const char* text :
         {"<objct model='t'/>", "<object/>", "<object model='t' x='1'/>", "<object model='t'>x</object>",
          "<object model='t'><field/></object>", "<object model='t'><field name='a' type='int'/></object>",
          "<object model='t'><field name='a'><b/></field></object>", "<object model='t' rowid='x'/>",
          "<object model='t'><field name='a' encoding='hex'/></object>"}) {
        INFO(text);
        CHECK(fits("a.xml", in_root(text)) != 0);
    }
}
