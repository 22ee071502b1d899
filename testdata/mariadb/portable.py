#!/usr/bin/env python3
"""One database on three engines: portable.py PROGRAM MARIADB-FOLDER POSTGRES-FOLDER FILE.db...

Makes each SQLite database anew on both servers, with the types there that hold the same values, dumps all three in all four formats, and compares the bytes. Then
each loads the others' dumps, which must change nothing. Prints what differs; exits 1 if anything does. POSTGRES-FOLDER may be "-": then SQLite and MariaDB alone.
"""
import importlib.util, os, re, sqlite3, subprocess, sys, tempfile

spec = importlib.util.spec_from_file_location("portable", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../postgres/portable.py"))
postgres = importlib.util.module_from_spec(spec)
spec.loader.exec_module(postgres)

TYPES = {"bigint": "bigint", "double precision": "double", "boolean": "boolean", "timestamp": "datetime(6)", "date": "date", "bytea": "longblob", "text": "longtext"}


def quote(name):
    return "`" + name.replace("`", "``") + "`"


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return repr(value) if isinstance(value, (int, float)) else "_utf8mb4 x'" + value.encode().hex() + "'"


def script(file):
    """The database as a script for the server's client. Keys of texts are limited in length there."""
    database = sqlite3.connect(file)
    tables = [name for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")]
    columns = {table: database.execute(f"PRAGMA table_info({postgres.quote(table)})").fetchall() for table in tables}
    foreign = {table: database.execute(f"PRAGMA foreign_key_list({postgres.quote(table)})").fetchall() for table in tables}
    keys = {table: [column[1] for column in sorted((c for c in columns[table] if c[5]), key=lambda c: c[5])] for table in tables}
    in_keys = {(table, name) for table in tables for name in keys[table]} | {(table, key[3]) for table in tables for key in foreign[table]}
    out = ["SET foreign_key_checks = 0, sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00';"]
    for table in tables:
        parts = []
        for column in columns[table]:
            kind = TYPES[postgres.type_of(database, table, column)]
            kind = "varchar(255)" if kind == "longtext" and (table, column[1]) in in_keys else kind
            parts.append(f"{quote(column[1])} {kind}{' NOT NULL' if column[3] else ''}")
        grouped = {}
        for key in foreign[table]:
            grouped.setdefault(key[0], []).append(key)
        for own in grouped.values():
            own.sort(key=lambda key: key[1])
            to = keys[own[0][2]] if own[0][4] is None else [key[4] for key in own]
            parts.append(f"FOREIGN KEY ({', '.join(quote(k[3]) for k in own)}) REFERENCES {quote(own[0][2])} ({', '.join(map(quote, to))})")
        out.append(f"CREATE TABLE {quote(table)} ({', '.join(parts)}, PRIMARY KEY ({', '.join(map(quote, keys[table]))}));")
        for row in database.execute(f"SELECT * FROM {postgres.quote(table)}"):
            out.append(f"INSERT INTO {quote(table)} VALUES ({', '.join(map(literal, row))});")
    return "\n".join(["BEGIN;", *out, "COMMIT;", ""])


def compare(program, folder, other, file, work):
    name = f"portable_test_{os.getpid()}"
    socket = os.path.join(folder, "socket")
    client = ["mariadb", "--no-defaults", "-u", "root", "-S", socket, "--default-character-set=utf8mb4"]
    psql = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", other, "-U", "postgres", "-d"]
    local = os.path.join(work, "local.db")
    source = sqlite3.connect(file)
    source.backup(sqlite3.connect(local))
    databases = [local, f"mysql://root@/{name}?socket={socket}"]
    problems = []
    try:
        subprocess.run([*client, "-e", f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"], check=True)
        subprocess.run([*client, name], input=script(file), text=True, check=True)
        if other != "-":
            subprocess.run([*psql, "postgres", "-c", f"CREATE DATABASE {name}"], check=True)
            subprocess.run([*psql, name], input=postgres.script(file), text=True, check=True)
            databases.append(f"postgresql://postgres@/{name}?host={other}")
        for form in ("json", "jsonl", "yaml", "xml"):
            dumps = [os.path.join(work, f"{number}.{form}") for number in range(len(databases))]
            for dump, database in zip(dumps, databases):
                subprocess.run([program, "dumpdata", "-q", "--layout", "table", "-d", database, "-o", dump], check=True)
            contents = [open(dump, "rb").read() for dump in dumps]
            if any(content != contents[0] for content in contents):
                problems.append(f"{form}: the dumps differ")
            for database in databases:
                for dump in dumps:
                    said = subprocess.run([program, "loaddata", "-d", database, dump], capture_output=True, text=True)
                    if not said.stdout.endswith(": all unchanged\n"):
                        problems.append(f"{form}: {database} loads {dump} and says {said.stdout}{said.stderr}")
    finally:
        subprocess.run([*client, "-e", f"DROP DATABASE IF EXISTS {name}"], check=True)
        if other != "-":
            subprocess.run([*psql, "postgres", "-c", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"], check=True)
    return problems


def main(program, folder, other, *files):
    wrong = 0
    for file in files:
        with tempfile.TemporaryDirectory() as work:
            for problem in compare(program, folder, other, file, work):
                print(f"{file}: {problem}")
                wrong += 1
    print(f"{len(files)} databases, {2 if other == '-' else 3} engines, {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
