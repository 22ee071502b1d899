#!/usr/bin/env python3
"""Mistakes of many kinds, each in the last of three files: mistakes.py PROGRAM SERVER-FOLDER [RECORDS [KIND]]

Each is loaded into tables that are empty and into tables that are not, by every kind of role: one that may set the replica role, the
owner, the owner of tables with orphans from before, and one that owns nothing. The error must name file, line, record, table and, where there is one, column;
the database must be equal to before, definitions included (with many records after each load, else after all of a database). Prints what differs and the number of loads; exits 1 if anything differs.
"""
import json, os, subprocess, sys, tempfile

SCHEMA = """
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN given AS text NOT NULL;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE parent (id int PRIMARY KEY, a int NOT NULL, b int NOT NULL, UNIQUE (a, b));
CREATE TABLE m (
  id int PRIMARY KEY, "needs it" text NOT NULL, u int UNIQUE, small smallint, i int, name varchar(5), code char(3), num numeric(6,2),
  low int CHECK (low < 1000000), high int, e mood, d positive, dt date, ts timestamptz, tm time, iv interval, uid uuid, js json, jb jsonb,
  ip inet, bits bit(4), arr int[], x xml, r int4range, lower_case text, part text, p int REFERENCES parent DEFERRABLE, pa int, pb int,
  self int REFERENCES m DEFERRABLE, late int UNIQUE DEFERRABLE, room int, during int4range, then_room int, then_during int4range, div int, dom given DEFAULT 'x',
  twice int GENERATED ALWAYS AS (i * 2) STORED, flag boolean, real float8,
  CONSTRAINT ordered CHECK (low <= high), FOREIGN KEY (pa, pb) REFERENCES parent (a, b) DEFERRABLE,
  EXCLUDE USING gist (during WITH &&) WHERE (room IS NULL), EXCLUDE USING gist (then_during WITH &&) DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX m_lower ON m (lower(lower_case));
CREATE UNIQUE INDEX m_part ON m (part) WHERE room = 7;
CREATE INDEX m_div ON m ((100 / div));
CREATE INDEX m_plain ON m (name);
CREATE TABLE parts (id int, region int NOT NULL, v text, PRIMARY KEY (id, region)) PARTITION BY RANGE (region);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
CREATE TABLE bag (v int NOT NULL, w varchar(3), p int REFERENCES parent DEFERRABLE);
CREATE TABLE ident (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text NOT NULL);
"""

# Name: the fields that are wrong, the column that is named ("" where none is to blame), the table.
KINDS = {
    "text for a number": ({"i": "abc"}, "i"),
    "smallint out of range": ({"small": 70000}, "small"),
    "integer out of range": ({"i": 3000000000}, "i"),
    "integer beyond 64 bits": ({"i": 30000000000000000000}, "i"),
    "number for an integer": ({"i": 1.5}, "i"),
    "decimal too large": ({"num": "12345.67"}, "num"),
    "decimal loses digits": ({"num": "1.234"}, "num"),
    "varchar too long": ({"name": "123456"}, "name"),
    "char too long": ({"code": "abcd"}, "code"),
    "null where none may be": ({"needs it": None}, "needs it"),
    "missing where none may be": ({"needs it": ...}, "needs it"),
    "check of a column": ({"low": 2000000, "high": 3000000}, ""),
    "check of the table": ({"low": 5, "high": 4}, ""),
    "unique": ({"u": 1}, "u"),
    "unique expression": ({"lower_case": "LOWER1"}, ""),
    "unique with a condition": ({"part": "p", "room": 7}, "part"),
    "unique, deferrable": ({"late": 1}, "late"),
    "exclusion": ({"during": "[11,15)"}, "during"),
    "exclusion, deferrable": ({"then_during": "[1,5)"}, "then_during"),
    "domain": ({"d": -1}, "d"),
    "domain without null": ({"dom": None}, "dom"),
    "enumeration": ({"e": "mad"}, "e"),
    "boolean": ({"flag": "maybe"}, "flag"),
    "real": ({"real": "1,5"}, "real"),
    "date": ({"dt": "2024-02-30"}, "dt"),
    "timestamp": ({"ts": "yesterday-ish"}, "ts"),
    "time": ({"tm": "25:00"}, "tm"),
    "interval": ({"iv": "long"}, "iv"),
    "uuid": ({"uid": "no-uuid"}, "uid"),
    "address": ({"ip": "1.2.3.4.5"}, "ip"),
    "bits": ({"bits": "101"}, "bits"),
    "array": ({"arr": "{1,2"}, "arr"),
    "xml": ({"x": "<a>"}, "x"),
    "range": ({"r": "[5,1)"}, "r"),
    "NUL": ({"needs it": "a\0b"}, "needs it"),
    "foreign key": ({"p": 999999}, "p"),
    "foreign key of two columns": ({"pa": 1, "pb": 2}, "pa"),
    "foreign key to its own table": ({"self": 999999}, "self"),
    "expression of an index": ({"div": 0}, ""),
    "generated column": ({"twice": 4}, "twice"),
    "no such column": ({"nope": 4}, "nope"),
    "no partition": ({"region": 30, "v": "x"}, "", "parts"),
    "null in a bag": ({"v": None}, "v", "bag"),
    "too long in a bag": ({"v": 1, "w": "1234"}, "w", "bag"),
    "foreign key of a bag": ({"v": 1, "p": 999999}, "p", "bag"),
    "null beside an identity": ({"v": None}, "v", "ident"),
}


class Bench:
    def __init__(self, program, folder, records):
        self.program, self.folder, self.records = program, folder, records
        self.work = tempfile.mkdtemp()
        self.loads, self.wrong = 0, []

    def psql(self, database, sql, user="postgres"):
        run = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", user, "-d", database], input=sql,
                             capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"{database}: {run.stderr}")
        return run.stdout

    def state(self, database):
        tables = ("parent", "m", "parts", "bag", "ident")
        rows = "".join(f"SELECT '{t}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {t} t;" for t in tables)
        sequences = "SELECT * FROM pg_sequences ORDER BY 1, 2;"
        definition = ("SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), condeferrable, condeferred, convalidated, obj_description(oid, 'pg_constraint') "
                      "FROM pg_constraint WHERE conrelid <> 0 ORDER BY 1, 2; SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2;"
                      "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN ('m'::regclass, 'parts'::regclass) ORDER BY 1")
        return self.psql(database, rows + sequences + definition)

    def good(self, file, number):
        # Few ranges: to keep them apart takes the server more time than all the rest.
        ranged = number < 3 or number % 100 == 1 or number % self.records == 0
        return {"model": "m", "pk": number, "fields": {"needs it": f"t{number}", "u": number, "lower_case": f"lower{number}", "low": 1, "high": 2, "e": "sad", "i": number % 7,
                                                       "late": number, "during": f"[{number * 10 - 9},{number * 10 - 5})" if ranged else None,
                                                       "then_during": f"[{number * 10 - 9},{number * 10 - 5})" if ranged else None,
                                                       "part": "p" if number == 1 else f"p{number}", "room": None if number > 1 else 7, "name": "abc", "p": 1, "num": "1.50"}}

    def write(self, name, records):
        path = os.path.join(self.work, name)
        with open(path, "w") as out:
            for record in records:
                out.write(json.dumps(record) + "\n")
        return path

    def check(self, database, user, kind, files):
        fields, column, *rest = KINDS[kind]
        table = rest[0] if rest else "m"
        number = 3 * self.records
        if table == "m":
            bad = self.good(3, number)
            bad["fields"].update(fields)
            # What collides with the first record does so by this alone.
            if kind == "exclusion":
                bad["fields"]["room"] = None
        elif table == "parts":
            bad = {"model": table, "pk": [number, fields["region"]], "fields": {"v": "x"}}
        elif table == "bag":
            bad = {"model": table, "fields": dict(fields)}
        else:
            bad = {"model": table, "pk": number, "fields": dict(fields)}
        bad["fields"] = {k: v for k, v in bad["fields"].items() if v is not ...}
        last = [json.dumps(bad)]
        path = os.path.join(self.work, "third.jsonl")
        with open(files[2]) as source, open(path, "w") as out:
            for line, text in enumerate(source, 1):
                out.write(last[0] + "\n" if line == self.records else text)
        url = f"postgresql://{user}@/{database}?host={self.folder}"
        run = subprocess.run([self.program, "loaddata", "--json", "-d", url, files[0], files[1], path], capture_output=True, text=True)
        self.loads += 1
        where = {}
        try:
            where = json.loads(run.stdout or run.stderr)["error"]
        except (ValueError, KeyError):
            pass
        key = {"m": f"pk={number}", "parts": f"pk=[{number}, 30]", "bag": None, "ident": f"pk={number}"}[table]
        expected = {"file": path, "line": self.records, "record": self.records, "table": table, "column": column or None, "key": key}
        found = {name: where.get(name) for name in expected}
        if not column:
            found["column"] = None
        # A binder's error needs no key, an unknown column is a name.
        if run.returncode != 6 or found != expected:
            self.wrong.append(f"{database} as {user}, {kind}: exit {run.returncode}, {found}\n    {run.stdout}{run.stderr}")

    def run(self, database, user, kinds):
        thorough = self.records >= 1000
        files = [self.write(f"{name}.jsonl", (self.good(n, n * self.records + i) for i in range(1, self.records + 1))) for n, name in enumerate(("first", "second", "third_good"))]
        before = self.state(database)
        for kind in kinds:
            self.check(database, user, kind, files)
            after = self.state(database) if thorough or kind == kinds[-1] else before
            if after != before:
                self.wrong.append(f"{database} as {user}, {kind}: the database has changed")
                before = after


def main(program, folder, records=20, only=""):
    kinds = [kind for kind in KINDS if kind.startswith(only)]
    bench = Bench(program, folder, int(records))
    name = f"mistakes_{os.getpid()}_test"
    bench.psql("postgres", f"CREATE ROLE {name}_owner LOGIN; CREATE ROLE {name}_guest LOGIN")
    try:
        rungs = (("replica", "postgres"), ("owner", f"{name}_owner"), ("gentle", f"{name}_owner"), ("rights", f"{name}_guest"))
        for number, (rung, user) in enumerate(rungs):
            # With few records each only once, for the sake of time.
            for filled in (False, True) if bench.records >= 1000 else (number % 3 > 0,):
                database = f"{name}_{rung}_{'filled' if filled else 'empty'}"
                bench.psql("postgres", f"CREATE DATABASE {database} OWNER {name}_owner")
                try:
                    bench.psql(database, f"GRANT CREATE ON SCHEMA public TO {name}_owner;")
                    bench.psql(database, SCHEMA + f"GRANT USAGE ON SCHEMA public TO {name}_guest; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}_guest;"
                               f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {name}_guest; INSERT INTO parent VALUES (1, 1, 1);", f"{name}_owner")
                    orphan = 'INSERT INTO m (id, "needs it", p) VALUES (-2, \'orphan\', 77); INSERT INTO bag VALUES (1, NULL, 77);'
                    if rung == "gentle":
                        bench.psql(database, "SET session_replication_role = replica; " + orphan)
                    if filled:
                        bench.psql(database, "INSERT INTO m (id, \"needs it\", u) VALUES (-1, 'old', -1), (2, 'old', 2); INSERT INTO parts VALUES (1, 1, 'v'); INSERT INTO bag VALUES (5, 'x', 1);"
                                             "INSERT INTO ident (v) VALUES ('old')")
                    bench.run(database, user, kinds)
                finally:
                    bench.psql("postgres", f"DROP DATABASE {database} WITH (FORCE)")
    finally:
        bench.psql("postgres", f"DROP ROLE {name}_owner; DROP ROLE {name}_guest")
    for wrong in bench.wrong:
        print(wrong)
    print(f"{bench.loads} loads, {len(kinds)} kinds of mistakes, {len(bench.wrong)} wrong")
    return 1 if bench.wrong else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
