#!/usr/bin/env python3
"""Databases there and back: round_trip.py PROGRAM SERVER-FOLDER SQL-FILE...

Makes a database of the SQL files, dumps it in all four formats, loads each dump into the same schema without rows, and compares every table by what the
server itself says of every value: its length and its bytes in hexadecimal digits, of generated and invisible columns too, of an enumeration also the place
(CHECKSUM TABLE takes ('ab', 'c') and ('a', 'bc') for the same). A second dump must be the same bytes; a second load must change nothing (but for tables without a key). Prints what differs;
exits 1 if anything does. Tables that a load refuses by name (without transactions) are listed, and compared as far as the dump goes. Triggers are left out of the
schema that is loaded into, since they would write rows of their own.
"""
import hashlib, json, os, re, subprocess, sys, tempfile

TABLES = "SELECT table_name, engine, table_type FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name"
BAGS = """SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND (table_type = 'SYSTEM VERSIONED' OR table_type = 'BASE TABLE' AND table_name NOT IN (
  SELECT table_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND non_unique = 0
  GROUP BY table_name, index_name HAVING index_name = 'PRIMARY' OR (MAX(nullable = 'YES') = 0 AND MAX(sub_part IS NOT NULL) = 0)))"""
COLUMNS = "SELECT column_name, data_type, extra FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{}' ORDER BY ordinal_position"

BYTES = ("bit", "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection")


def main(program, folder, *files):
    name = f"round_{os.getpid()}"
    work = tempfile.mkdtemp()
    wrong = []
    socket = os.path.join(folder, "socket")

    def client(database, *arguments, program="mariadb", text=True, **more):
        command = [program, "--no-defaults", "-u", "root", "-S", socket, "--default-character-set=utf8mb4"]
        if program == "mariadb":
            command += ["--batch", "--skip-column-names", "--raw"]
        run = subprocess.run([*command, *arguments, database], capture_output=True, text=text, **more)
        if run.returncode != 0:
            sys.exit(f"{database}: {run.stderr}")
        return run.stdout

    def tool(*arguments):
        run = subprocess.run([program, *arguments], capture_output=True, text=True)
        if run.returncode != 0:
            wrong.append(f"{' '.join(arguments)}: exit {run.returncode}\n{run.stdout}{run.stderr}")
        return run.stdout

    def table_list(database):
        return [line.split("\t") for line in client(database, "-e", TABLES).splitlines()]

    def quoted(text):
        return "`" + text.replace("`", "``") + "`"

    def tables(database):
        out = {}
        for table, engine, kind in table_list(database):
            columns = [line.split("\t") for line in client(database, "-e", COLUMNS.format(table.replace("'", "''"))).splitlines()]
            terms = []
            for column, type_name, extra in columns:
                if kind == "SYSTEM VERSIONED" and "GENERATED" in extra and type_name == "timestamp":
                    continue  # when a row was written
                name = quoted(column)
                if type_name in ("enum", "set"):
                    terms.append(f"{name} + 0")
                if type_name in ("float", "double"):
                    terms.append(f"{name} + 0e0")  # the text of a float is rounded
                elif type_name in BYTES or type_name.endswith(("char", "text", "blob", "binary")):
                    terms += [f"LENGTH({name})", f"HEX({name})"]  # as the column's own character set has it
                else:
                    terms += [f"LENGTH({name})", f"HEX(CAST({name} AS CHAR))"]
            sql = f"SET time_zone = '+00:00'; SELECT {', '.join(terms)} FROM {quoted(table)}"
            rows = sorted(client(database, "-e", sql, text=False).splitlines())
            data = b"\n".join(rows)
            out[table] = (hashlib.sha256(data).hexdigest(), len(rows), len(data))
        return out

    def make(database, sql=None, paths=()):
        client("mysql", "-e", f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database}")
        for path in paths:
            client(database, stdin=open(path, "rb"))
        if sql is not None:
            client(database, input=sql)

    source = f"{name}_a_test"
    made = [source]
    url = f"mysql://root@/%s?socket={socket}"
    try:
        make(source, paths=files)
        expected = tables(source)
        refused = {table for table, engine, _ in table_list(source) if engine != "InnoDB"}
        schema = client(source, "--no-data", "--skip-triggers", "--skip-comments", program="mariadb-dump")
        # Rows without a key would be new again; an update of a table with history is one, also to the same values.
        bags = [word for table in client(source, "-e", BAGS).splitlines() for word in ("--exclude", table)]
        exclude = [word for table in sorted(refused) for word in ("--exclude", table)]
        for form in ("json", "jsonl", "yaml", "xml"):
            dump = os.path.join(work, f"dump.{form}")
            tool("dumpdata", "-q", "--all", "--layout", "table", *exclude, "-d", url % source, "-o", dump)
            target = f"{name}_{form}_test"
            made.append(target)
            make(target, schema)
            tool("loaddata", "-q", "-d", url % target, dump)
            found = tables(target)
            wrong += [f"{form}: table {t}: {expected[t]} became {found.get(t)}" for t in expected if t not in refused and expected[t] != found.get(t)]
            again = os.path.join(work, f"again.{form}")
            tool("dumpdata", "-q", "--all", "--layout", "table", *exclude, "-d", url % target, "-o", again)
            with open(dump, "rb") as a, open(again, "rb") as b:
                if a.read() != b.read():
                    wrong.append(f"{form}: the second dump differs")
            second = tool("loaddata", "--json", *bags, "-d", url % target, dump)
            try:
                counts = json.loads(second)
                if counts["inserted"] or counts["updated"] or counts["deleted"]:
                    wrong.append(f"{form}: a second load changes rows: {[t for t in counts['tables'] if t['inserted'] + t['updated'] > 0]}")
            except (ValueError, KeyError):
                pass
            client("mysql", "-e", f"DROP DATABASE {made.pop()}")
        print(f"{len(expected)} tables, {sum(rows for _, rows, _ in expected.values())} rows, {sum(size for _, _, size in expected.values())} bytes in hexadecimal form, "
              f"4 formats: {len(wrong)} differences")
        if refused:
            print(f"refused, without transactions: {', '.join(sorted(refused))}")
    finally:
        for database in made:
            client("mysql", "-e", f"DROP DATABASE IF EXISTS {database}")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
