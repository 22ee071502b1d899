#!/usr/bin/env python3
"""Databases there and back: round_trip.py PROGRAM SERVER-FOLDER SQL-FILE...

Makes a database of the SQL files, dumps it in all four formats, loads each dump into the same schema without rows, and compares every table by the server's own
binary COPY, ordered. A second dump must be the same bytes, a second load must change nothing. Prints what differs; exits 1 if anything does.
Columns whose binary form holds numbers that the server gave to objects of one database (oids) cannot be equal in two of them: these are listed, with the reason,
and compared as the server's own text.
"""
import hashlib, json, os, subprocess, sys, tempfile

TABLES = """WITH RECURSIVE parts(type, whole) AS MATERIALIZED (
  SELECT typbasetype, oid FROM pg_type WHERE typbasetype <> 0
  UNION ALL SELECT typelem, oid FROM pg_type WHERE typcategory = 'A' AND typelem <> 0
  UNION ALL SELECT a.atttypid, t.oid FROM pg_attribute a JOIN pg_type t ON t.typrelid = a.attrelid WHERE attnum > 0 AND NOT attisdropped),
holding(type, why) AS (
  SELECT oid, 'the value is the oid of an object' FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typname ~ '^reg(class|collation|config|dictionary|namespace|oper|operator|proc|procedure|role|type)$'
  UNION SELECT oid, 'an array says the oid of its element type' FROM pg_type WHERE typcategory = 'A' AND typelem >= 16384
  UNION SELECT t.oid, 'a composite says the oids of its field types' FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid WHERE attnum > 0 AND NOT attisdropped AND atttypid >= 16384
  UNION SELECT p.whole, h.why FROM holding h JOIN parts p ON p.type = h.type),
reasons AS (SELECT type, min(why) AS why FROM holding GROUP BY type)
SELECT json_build_array(quote_ident(n.nspname) || '.' || quote_ident(c.relname), coalesce(json_agg(json_build_array(quote_ident(a.attname), r.why) ORDER BY a.attnum) FILTER (WHERE a.attname IS NOT NULL), '[]'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT attisdropped LEFT JOIN reasons r ON r.type = a.atttypid
WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') GROUP BY n.nspname, c.relname, c.oid ORDER BY n.nspname, c.relname"""


def main(program, folder, *files):
    name = f"round_{os.getpid()}"
    work = tempfile.mkdtemp()
    wrong = []
    env = dict(os.environ, PGHOST=folder, PGUSER="postgres")

    def psql(database, *arguments, text=True, **more):
        run = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments], env=env, capture_output=True, text=text, **more)
        if run.returncode != 0:
            sys.exit(f"{database}: {run.stderr}")
        return run.stdout

    def tool(*arguments):
        run = subprocess.run([program, *arguments], capture_output=True, text=True)
        if run.returncode != 0:
            wrong.append(f"{' '.join(arguments)}: exit {run.returncode}\n{run.stdout}{run.stderr}")
        return run.stdout

    def columns(database):
        return [json.loads(line) for line in psql(database, "-c", TABLES).splitlines()]

    def tables(database):
        known = columns(database)
        path = os.path.join(work, "rows-%d")
        psql(database, input="".join("\\copy (SELECT {} FROM ONLY {} x ORDER BY x::text COLLATE \"C\") TO '{}' (FORMAT binary)\n".format(
            ", ".join(column + ("::text" if why else "") for column, why in listed), table, path % i) for i, (table, listed) in enumerate(known)))
        out = {}
        for i, (table, _) in enumerate(known):
            with open(path % i, "rb") as rows:
                data = rows.read()
            out[table] = (hashlib.sha256(data).hexdigest(), len(data))
        return out

    source = f"{name}_a_test"
    psql("postgres", "-c", f"CREATE DATABASE {source}")
    made = [source]
    try:
        for file in files:
            psql(source, "-f", file)
        expected = tables(source)
        as_text = [f"{table}.{column}: {why}" for table, listed in columns(source) for column, why in listed if why]
        schema = os.path.join(work, "schema.sql")
        with open(schema, "w") as out:
            subprocess.run(["pg_dump", "-s", source], env=env, stdout=out, check=True)
        url = f"postgresql://postgres@/%s?host={folder}"
        for form in ("json", "jsonl", "yaml", "xml"):
            dump = os.path.join(work, f"dump.{form}")
            tool("dumpdata", "-q", "--all", "-d", url % source, "-o", dump)
            target = f"{name}_{form}_test"
            psql("postgres", "-c", f"CREATE DATABASE {target}")
            made.append(target)
            psql(target, "-f", schema)
            tool("loaddata", "-q", "-d", url % target, dump)
            found = tables(target)
            wrong += [f"{form}: table {t}: {expected[t]} became {found.get(t)}" for t in expected if expected[t] != found.get(t)]
            again = os.path.join(work, f"again.{form}")
            tool("dumpdata", "-q", "--all", "-d", url % target, "-o", again)
            with open(dump, "rb") as a, open(again, "rb") as b:
                if a.read() != b.read():
                    wrong.append(f"{form}: the second dump differs")
            second = tool("loaddata", "--json", "-d", url % target, dump)
            try:
                counts = json.loads(second)
                if counts["inserted"] or counts["updated"] or counts["deleted"]:
                    wrong.append(f"{form}: a second load changes rows: {[t for t in counts['tables'] if t['inserted'] + t['updated'] > 0]}")
            except (ValueError, KeyError):
                pass
            if tables(target) != expected:
                wrong.append(f"{form}: a second load changes the database")
            psql("postgres", "-c", f"DROP DATABASE {made.pop()} WITH (FORCE)")
        print(f"{len(expected)} tables, {sum(size for _, size in expected.values())} bytes in binary form, 4 formats: {len(wrong)} differences")
        if as_text:
            print(f"{len(as_text)} columns compared as text:\n  " + "\n  ".join(as_text))
    finally:
        for database in made:
            psql("postgres", "-c", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
