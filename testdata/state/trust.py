#!/usr/bin/env python3
"""trust.py PROGRAM: a snapshot that cannot be trusted is none. Each page of a database is damaged in turn, its schema is, and what can
only not be counted or not be put back is said by name."""
import os
import sqlite3
import struct
import tempfile

from state_lab import check, copy, finish, state, tool

if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"

PAGE = 1024


def make(path, mode="delete", auto_vacuum=0):
    """Every kind of page: roots, interior and leaf pages of both kinds of tree, overflow chains, free pages, WITHOUT ROWID."""
    c = sqlite3.connect(path)
    c.executescript(f"""
        pragma page_size={PAGE}; pragma auto_vacuum={auto_vacuum}; pragma journal_mode={mode};
        create table many(id integer primary key, a text); create index many_a on many(a);
        create table keyed(k text primary key, v) without rowid;
        create table large(id integer primary key, b blob); create index large_b on large(b);
        create table one(x); create table none(x); create table gone(x); create virtual table words using fts5(w);""")
    c.executemany("insert into many values(?, ?)", [(i, f"text {i}") for i in range(300)])
    c.executemany("insert into keyed values(?, ?)", [(f"key {i:05}", i) for i in range(200)])
    c.executemany("insert into large values(?, ?)", [(i, bytes([i % 251]) * n) for i, n in enumerate((10, 900, 1100, 2500, 5000))])
    c.execute("insert into one values(1)")
    c.execute("insert into words values('a b c')")
    c.executemany("insert into gone values(?)", [("x" * 400,) for _ in range(12)])
    c.commit()
    if not auto_vacuum:
        c.execute("drop table gone")
        c.commit()
    c.close()


def free_pages(path):
    with open(path, "rb") as file:
        data = file.read()
    free, trunk = set(), struct.unpack(">I", data[32:36])[0]
    while trunk:
        page = data[(trunk - 1) * PAGE:trunk * PAGE]
        free.add(trunk)
        trunk, count = struct.unpack(">II", page[:8])
        free.update(struct.unpack(f">{count}I", page[8:8 + 4 * count]))
    return free


def damage(path, page, how):
    start = 100 if page == 1 else 0
    with open(path, "r+b") as file:
        file.seek((page - 1) * PAGE + start)
        size = PAGE - start
        file.write({"zeros": bytes(size), "ones": b"\xff" * size, "text": (b"lorem ipsum " * 100)[:size]}[how])


def is_sound(path):
    c = sqlite3.connect(path)
    try:
        return c.execute("pragma quick_check").fetchall() == [("ok",)]
    except sqlite3.Error:
        return False
    finally:
        c.close()


def damaged_pages(folder, kind, how, mode="delete"):
    db, good = folder + "/x.db", folder + "/good.db"
    make(good, mode)
    copy(good, db)
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    wanted, free = state(good), free_pages(good)
    pages = os.path.getsize(good) // PAGE
    check("the database has free pages and others", 3 < len(free) < pages / 2, (free, pages))
    refused = 0
    for page in range(1, pages + 1):
        copy(good, db)
        damage(db, page, how)
        done = tool("snapshot", "--force", "-d", db, *kind)
        what = f"{kind} page {page} of {pages} became {how}"
        if page in free:
            check(what + ", which is free: saved", done.returncode == 0, done)
            check("snapshot", tool("restore", "-d", db).returncode == 0)
            continue
        if done.returncode == 0 and (kind or is_sound(db)):  # records need no index; a blob's bytes may be any
            check("snapshot", copy(good, db) is None and tool("snapshot", "--force", "-d", db, *kind).returncode == 0)
            continue
        refused += 1
        check(what + ": exit 7, saying that it is damaged", done.returncode == 7 and "damaged" in done.stderr, done)
        left = [name for name in os.listdir(db + ".snapshots") if name.endswith(".tmp")]
        check(what + ": nothing is left", left == [], left)
        if page % 16 == 3:
            if kind:
                copy(good, db)
            done = tool("restore", "-d", db)
            check(what + ": the old snapshot is still good", done.returncode == 0 and (kind or state(db) == wanted), done)
    check(f"{kind}: most pages are in use", refused > pages / 3, refused)


def names_what(folder):
    db = folder + "/x.db"
    make(db)
    c = sqlite3.connect(db)
    root = c.execute("select rootpage from sqlite_master where name = 'one'").fetchone()[0]
    c.close()
    damage(db, root, "zeros")
    done = tool("snapshot", "-d", db)
    check("the damaged table is named", done.returncode == 7 and 'Table "one"' in done.stderr, done)
    check("no store is left of the failure", not os.path.exists(db + ".snapshots"))


def sound_databases(folder):
    """Nothing that SQLite itself finds sound is refused."""
    for name, sql in {
            "utf-16": "pragma encoding='utf-16le'; create table t(x); insert into t values('ü')",
            "no table": "create table t(x); drop table t", "a vacuum": "create table t(x); insert into t values(1); vacuum",
            "big pages": "pragma page_size=65536; create table t(x); insert into t values(zeroblob(200000))",
            "small pages": "pragma page_size=512; create table t(x unique); insert into t values(zeroblob(50000)), (zeroblob(7))",
            "negative rowids": "create table t(x integer primary key, y); insert into t values(-1, 1), (-9223372036854775808, 2)",
            "a view of nothing": "create table t(x); create view v as select * from t; drop table t"}.items():
        db = f"{folder}/{name}.db"
        c = sqlite3.connect(db)
        c.executescript(sql)
        c.close()
        done = tool("snapshot", "-d", db)
        check(f"{name}: saved", done.returncode == 0 and done.stderr == "", done)
    for mode, auto_vacuum in (("wal", 0), ("delete", 1), ("delete", 2)):
        db = f"{folder}/{mode}{auto_vacuum}.db"
        make(db, mode, auto_vacuum)
        done = tool("snapshot", "-d", db)
        check(f"{mode}, auto_vacuum {auto_vacuum}: saved", done.returncode == 0 and done.stderr == "", done)


def schemas(folder):
    setup = "create table t(a); create table u(b); insert into t values(1); pragma writable_schema=on; "
    change = "update sqlite_master set "
    for name, sql in {
            "a statement that is none": change + "sql='garbage' where name='t'",
            "a statement that ends too early": change + "sql='CREATE TABLE t(a' where name='t'",
            "bytes in a statement": change + "sql='CREATE TABLE t(' || char(1) || 'a)' where name='t'",
            "no statement": change + "sql=null where name='t'", "no name": change + "name=null where name='t'",
            "an unknown type": change + "type='tabel' where name='t'",
            "a root outside the file": change + "rootpage=99 where name='u'", "a negative root": change + "rootpage=-1 where name='u'",
            "no root": change + "rootpage=0 where name='u'", "one root for two": change + "rootpage=2",
            "one definition for two": change + "sql='CREATE TABLE t(a)'",
            "the roots of a table and an index swapped": "create index i on t(a);" + change + "rootpage=6 - rootpage where name in ('t', 'i')",
            "a root of a view": "create view v as select 1;" + change + "rootpage=3 where name='v'",
            "one name for two": change + "name='t', tbl_name='t', sql='CREATE TABLE t(b)' where name='u'"}.items():
        db = f"{folder}/{name}.db"
        c = sqlite3.connect(db, isolation_level=None)
        c.executescript(setup + sql)
        c.close()
        done = tool("snapshot", "-d", db)
        check(f"{name}: exit 7", done.returncode == 7 and "is damaged" in done.stderr, done)
    insert = "insert into sqlite_master values('%s', 'new', '%s', 0, '%s')"
    for name, sql in {
            "a newer trigger": insert % ("trigger", "t", "create trigger new before delete on t begin select raise(abort, ''no '' || old.a); end"),
            "a newer view": insert % ("view", "new", "create view new as select group_concat(a order by a) from t"),
            "a newer literal": insert % ("view", "new", "create view new as select 1_000")}.items():
        db = f"{folder}/{name}.db"
        c = sqlite3.connect(db, isolation_level=None)
        c.executescript(setup + sql.replace("create ", "CREATE ", 1))
        c.close()
        done = tool("snapshot", "-d", db)
        check(f"{name}: no damage, and its tables are counted", done.returncode == 0 and "1 row of 2 tables" in done.stdout, done)
        done = tool("restore", "-d", db)
        check(f"{name}: nor for a restore", done.returncode == 0, done)


def uncounted(folder):
    db = folder + "/x.db"
    c = sqlite3.connect(db, isolation_level=None)
    c.executescript("create table t(a); insert into t values(1); pragma writable_schema=on;"
                    "insert into sqlite_master values('table', 'z', 'z', 0, 'CREATE VIRTUAL TABLE z USING zipfile(''none.zip'')')")
    c.close()
    done = tool("snapshot", "-d", db)
    check("a missing module is a warning that names the table, and the total says so",
          done.returncode == 0 and 'table "z" is saved, but could not be counted: no such module: zipfile' in done.stderr
          and "1 row of 2 tables (1 table not counted)" in done.stdout, done)
    done = tool("snapshots", "-d", db)
    check("the list says so, too", "(1 table not counted)" in done.stdout, done)


def serialized(folder):
    """Refused by name, since its own restore would refuse it; and what is not refused comes back."""
    collation = lambda a, b: (a > b) - (a < b)
    function = lambda x: 1
    bad = {
        "an unknown collation": ("create table bad(a text collate mine primary key); insert into bad values(1)", "bad"),
        "an unknown collation of an index": ("create table bad(a); create index i on bad(a collate mine); insert into bad values(1)", "bad"),
        "an unknown function in a check": ("create table bad(a, check(mine(a) = 1)); insert into bad values(1)", "bad"),
        "an unknown function in an index": ("create table bad(a); create index i on bad(mine(a)); insert into bad values(1)", "bad"),
        "a row that breaks a check": ("create table bad(a check(a > 0)); pragma ignore_check_constraints=on; insert into bad values(-1)", "bad"),
        "a NULL in a column that is now NOT NULL": (
            "create table bad(a integer primary key, b); insert into bad values(1, null); pragma writable_schema=on;"
            "update sqlite_master set sql = 'CREATE TABLE bad(a integer primary key, b not null)' where name = 'bad'", "bad"),
        "a text in a column that is now STRICT": (
            "create table bad(a integer primary key, b text); insert into bad values(1, 'x'); pragma writable_schema=on;"
            "update sqlite_master set sql = 'CREATE TABLE bad(a integer primary key, b int) STRICT' where name = 'bad'", "bad"),
        "a contentless index": ("create virtual table bad using fts5(a, content=''); insert into bad(rowid, a) values(1, 'x')", "bad")}
    for name, (sql, table) in bad.items():
        db = f"{folder}/{name}.db"
        c = sqlite3.connect(db, isolation_level=None)
        c.create_collation("mine", collation)
        c.create_function("mine", 1, function, deterministic=True)
        c.executescript("create table good(x); insert into good values(1);" + sql)
        c.close()
        done = tool("snapshot", "--serialized", "-d", db)
        check(f"{name}: exit 7, by name", done.returncode == 7 and f'table "{table}"' in done.stderr, done)
        done = tool("snapshot", "-d", db)
        check(f"{name}: an image holds it", done.returncode == 0, done)
    for name, sql in {
            "odd names": 'create table "a.b"(a, ""); insert into "a.b" values(1, 2); create table "x y"("c d" primary key)',
            "a table without a name": 'create table ""(a); insert into "" values(1)',
            "no key and no rowid": "create table t(rowid, oid, _rowid_); insert into t values(1, 2, 3)",
            "an unused collation": "create table t(a collate mine); insert into t values(1)",
            "a spatial index": "create virtual table r using rtree(id, a, b); insert into r values(1, 2, 3)",
            "a row without its parent": "create table p(a primary key); create table c(a references p); insert into c values(7)"}.items():
        db = f"{folder}/{name}.db"
        c = sqlite3.connect(db, isolation_level=None)
        c.create_collation("mine", collation)
        c.executescript(sql)
        c.close()
        check(f"{name}: saved", tool("snapshot", "--serialized", "-d", db).returncode == 0)
        done = tool("restore", "-d", db)
        check(f"{name}: restored", done.returncode == 0, done)


def main():
    for kind, how, mode in (([], "zeros", "delete"), ([], "text", "delete"), ([], "ones", "wal"), (["--serialized"], "zeros", "delete")):
        with tempfile.TemporaryDirectory() as folder:
            damaged_pages(folder, kind, how, mode)
    for test in (names_what, sound_databases, schemas, uncounted, serialized):
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
    finish("trust")


main()
