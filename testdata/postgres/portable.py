#!/usr/bin/env python3
"""One database on two engines: portable.py PROGRAM SERVER-FOLDER FILE.db...

Makes each SQLite database anew on the server, with the types there that hold the same values, dumps both in all four formats, and compares the
bytes. Then each side loads the other's dump, which must change nothing. Prints what differs; exits 1 if anything does.
"""
import os, re, sqlite3, subprocess, sys, tempfile

TYPES = {"integer": "bigint", "int": "bigint", "bigint": "bigint", "numeric": "double precision", "real": "double precision", "boolean": "boolean", "bool": "boolean",
         "datetime": "timestamp", "date": "date", "blob": "bytea"}


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def type_of(database, table, column):
    """A time with zeros behind its fraction is a text: the server would keep the time, not the zeros."""
    kind = TYPES.get(column[2].lower().split("(")[0].strip(), "text")
    if kind != "timestamp":
        return kind
    values = [value for value, in database.execute(f"SELECT {quote(column[1])} FROM {quote(table)} WHERE {quote(column[1])} IS NOT NULL")]
    return kind if all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d*[1-9])?", value) for value in values) else "text"


def copied(value, kind):
    if value is None:
        return "\\N"
    if kind == "boolean":
        return "t" if value else "f"
    text = "\\x" + value.hex() if isinstance(value, bytes) else repr(value) if isinstance(value, float) else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def script(file):
    """The database as a script for psql."""
    database = sqlite3.connect(file)
    tables = [name for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")]
    columns = {table: database.execute(f"PRAGMA table_info({quote(table)})").fetchall() for table in tables}
    types = {table: [type_of(database, table, column) for column in columns[table]] for table in tables}
    keys = {table: [column[1] for column in sorted((c for c in columns[table] if c[5]), key=lambda c: c[5])] for table in tables}
    out = []
    for table in tables:
        parts = [quote(c[1]) + " " + kind + (" NOT NULL" if c[3] else "") for c, kind in zip(columns[table], types[table])]
        out.append(f"CREATE TABLE {quote(table)} ({', '.join(parts)}, PRIMARY KEY ({', '.join(map(quote, keys[table]))}));")
    for table in tables:
        out.append(f"COPY {quote(table)} FROM STDIN;")
        for row in database.execute(f"SELECT * FROM {quote(table)}"):
            out.append("\t".join(copied(value, kind) for value, kind in zip(row, types[table])))
        out.append("\\.")
    for table in tables:
        foreign = {}
        for key in database.execute(f"PRAGMA foreign_key_list({quote(table)})"):
            foreign.setdefault(key[0], []).append(key)
        for parts in foreign.values():
            parts.sort(key=lambda key: key[1])
            parent = parts[0][2]
            to = keys[parent] if parts[0][4] is None else [key[4] for key in parts]
            out.append(f"ALTER TABLE {quote(table)} ADD FOREIGN KEY ({', '.join(quote(k[3]) for k in parts)}) REFERENCES {quote(parent)} ({', '.join(map(quote, to))});")
    return "\n".join(["BEGIN;", *out, "COMMIT;", ""])


def compare(program, folder, file, work):
    name = f"portable_test_{os.getpid()}"
    url = f"postgresql://postgres@/{name}?host={folder}"
    psql = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", "postgres", "-d"]
    local = os.path.join(work, "local.db")
    source = sqlite3.connect(file)
    source.backup(sqlite3.connect(local))
    problems = []
    subprocess.run([*psql, "postgres", "-c", f"CREATE DATABASE {name}"], check=True)
    try:
        subprocess.run([*psql, name], input=script(file), text=True, check=True)
        for form in ("json", "jsonl", "yaml", "xml"):
            dumps = []
            for number, database in enumerate((local, url)):
                dumps.append(os.path.join(work, f"{number}.{form}"))
                subprocess.run([program, "dumpdata", "-q", "--layout", "table", "-d", database, "-o", dumps[-1]], check=True)
            if open(dumps[0], "rb").read() != open(dumps[1], "rb").read():
                problems.append(f"{form}: the dumps differ")
            for dump, database in zip(dumps, (url, local)):
                said = subprocess.run([program, "loaddata", "-d", database, dump], capture_output=True, text=True)
                if not said.stdout.endswith(": all unchanged\n"):
                    problems.append(f"{form}: loading the other's dump says {said.stdout}{said.stderr}")
    finally:
        subprocess.run([*psql, "postgres", "-c", f"DROP DATABASE {name} WITH (FORCE)"], check=True)
    return problems


def main(program, folder, *files):
    wrong = 0
    for file in files:
        with tempfile.TemporaryDirectory() as work:
            for problem in compare(program, folder, file, work):
                print(f"{file}: {problem}")
                wrong += 1
    print(f"{len(files)} databases, {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
