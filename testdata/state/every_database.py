#!/usr/bin/env python3
"""every_database.py PROGRAM FOLDER-OR-FILE [MODE...]: every database below the folder that sqlite3 opens is snapshotted, changed badly and
restored, in each journal mode, with and without an idle connection of another process; and, rows only, by a serialized snapshot.
dbequal.py and integrity_check must then say what they said before, the file be the snapshot's byte for byte but for its counters, and the
idle connection see the restored rows. dbequal.py is looked for in $DBFIXTURE_TOOLS, else in ../shared/tools. It works in memory where it
can: what a disk keeps is the matter of kill_each_call.py."""
import collections
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from state_lab import in_this_part

PROGRAM = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
DBEQUAL = os.path.join(os.environ.get("DBFIXTURE_TOOLS", os.path.join(HERE, "../../../shared/tools")), "dbequal.py")
if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"
MODES = sys.argv[3:] or ["delete", "truncate", "persist", "wal"]
counts = collections.Counter()
failures = []

IDLE = r"""
import sqlite3, sys, hashlib
c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
c.text_factory = bytes
def look():
    h = hashlib.sha256()
    shadow = {r[1] for r in c.execute("pragma table_list") if r[2] == b"shadow"}
    for name, sql in c.execute("select name, sql from sqlite_master where type='table' order by 1").fetchall():
        if name in shadow:
            continue
        h.update(name + b"\0" + (sql or b""))
        try:
            rows = c.execute('select * from "' + name.decode("utf-8", "surrogateescape").replace('"', '""') + '"').fetchall()
            h.update(repr(sorted(map(repr, rows))).encode())
        except (sqlite3.Error, UnicodeError) as e:
            h.update(str(e).encode())
    return h.hexdigest()
for line in sys.stdin:
    try:
        print(look(), flush=True)
    except sqlite3.Error as e:
        print("error", e, flush=True)
"""


class Idle:
    """A connection of another process that has read every table and keeps its statements and schema."""

    def __init__(self, path):
        self.process = subprocess.Popen([sys.executable, "-c", IDLE, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.before = self.look()

    def look(self):
        self.process.stdin.write("look\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def connect(path):
    c = sqlite3.connect(path, isolation_level=None)
    c.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    return c


def attempt(c, sql, *values):
    try:
        c.execute(sql, *values)
        return 1
    except (sqlite3.Error, UnicodeError):
        return 0


def tables_of(c):
    try:
        shadow = {r[1] for r in c.execute("pragma table_list") if r[2] == "shadow"}
        names = c.execute("select name from sqlite_master where type='table' and name not like 'sqlite_%' order by 1")
        return [r[0] for r in names if r[0] not in shadow]
    except sqlite3.Error:
        return []


def change_rows(path):
    c = connect(path)
    done = 0
    for i, table in enumerate(tables_of(c)):
        try:
            columns = [r[1] for r in c.execute(f"pragma table_xinfo({quote(table)})") if r[6] == 0]
        except sqlite3.Error:
            continue
        if i % 3 == 0:
            done += attempt(c, f"delete from {quote(table)}")
        elif columns:
            done += attempt(c, f"delete from {quote(table)} where rowid % 3 = 1")
            done += attempt(c, f"update or ignore {quote(table)} set {quote(columns[-1])} = {quote(columns[0])}")
        done += attempt(c, f"insert into {quote(table)} default values")
    attempt(c, "update sqlite_sequence set seq = seq + 7")
    c.close()
    return done


def change_badly(path, new_page_size):
    done = change_rows(path)
    c = connect(path)
    tables = tables_of(c)
    for i, table in enumerate(tables):
        if i % 3 == 0:
            done += attempt(c, f"alter table {quote(table)} add column zz_new text default 'x'")
        if i % 3 == 1 and attempt(c, f"drop table {quote(table)}"):
            done += attempt(c, f"create table {quote(table)}(other, columns, here)")
            done += attempt(c, f"insert into {quote(table)} values(1, 2, 3)")
        if i % 3 == 2:
            done += attempt(c, f"drop table {quote(table)}")
    done += attempt(c, "create table zz_scratch(a primary key, b)")
    done += attempt(c, "insert into zz_scratch with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
                       "select i, hex(randomblob(300)) from n")
    done += attempt(c, "create index zz_index on zz_scratch(b)")
    done += attempt(c, "pragma user_version = 4711")
    done += attempt(c, "pragma application_id = 815")
    if new_page_size:
        attempt(c, "pragma page_size = 8192")
    done += attempt(c, "vacuum")
    c.close()
    return done


def can_be_emptied(path, folder):
    """By sqlite3 itself: a virtual table with broken shadow tables cannot."""
    copy = os.path.join(folder, "empty.db")
    for end in ("", "-wal"):
        if os.path.exists(path + end):
            shutil.copy(path + end, copy + end)
    c = connect(copy)
    good = all(attempt(c, f"delete from {quote(table)}") for table in tables_of(c))
    c.close()
    return good


def can_be_checkpointed(path):
    c = connect(path)
    good = attempt(c, "pragma wal_checkpoint(truncate)")
    c.close()
    return good


def integrity(path):
    c = connect(path)
    try:
        return [r[0] for r in c.execute("pragma integrity_check")]
    except (sqlite3.Error, UnicodeError) as error:
        return [str(error)]
    finally:
        c.close()


def dbequal(a, b):
    done = subprocess.run([sys.executable, DBEQUAL, a, b], capture_output=True, text=True, errors="replace")
    if "Traceback" in done.stderr:
        return "cannot compare"
    return (done.stdout + done.stderr).strip()


def file_bytes(path):
    """Without what a restore never takes from the snapshot."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    for start, end in ((18, 20), (24, 32), (40, 44), (92, 100)):
        data[start:end] = bytes(end - start)
    return hashlib.sha256(data).hexdigest()


def tool(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, errors="replace")


def copy_in_mode(source, target, mode):
    shutil.copy(source, target)
    os.chmod(target, 0o644)
    c = connect(target)
    try:
        found = c.execute(f"pragma journal_mode={mode}").fetchone()[0]
        c.execute("select count(*) from sqlite_master").fetchone()
        if mode == "wal":
            return found == "wal"
        return True
    except (sqlite3.Error, UnicodeError):
        return False
    finally:
        c.close()


def fail(what, *seen):
    failures.append(what)
    print("FAILED:", what, *seen, flush=True)


def one(source, folder, mode, idle, kind):
    what = f"{os.path.basename(source)} {mode} {'idle' if idle else 'alone'} {kind}"
    db, pristine = os.path.join(folder, "x.db"), os.path.join(folder, "pristine.db")
    if not copy_in_mode(source, db, mode):
        counts[f"mode {mode} not possible"] += 1
        return
    shutil.copy(db, pristine)
    health = integrity(pristine)
    comparable = dbequal(pristine, pristine)
    made = tool("snapshot", "-d", db, *(["--serialized"] if kind == "serialized" else []))
    if made.returncode != 0:
        counts[f"{kind} snapshot refused, exit {made.returncode}"] += 1
        if health == ["ok"] or made.returncode not in (6, 7) or not made.stderr.startswith("dbfixture: error: "):
            counts[f"{kind} REFUSED although sound"] += 1
            print("refused:", what, made.stderr.strip(), flush=True)
        return
    app = Idle(db) if idle else None
    changed = change_rows(db) if kind == "serialized" else change_badly(db, mode == "delete" and not idle)
    counts["changes made"] += changed
    if os.path.getsize(db) > 500_000_000:  # a damaged size in the header; what SQLite then writes is far beyond the end
        counts[f"the change blew up {os.path.basename(source)}: left out"] += 1
        if app:
            app.close()
        return
    unchanged = file_bytes(db)
    done = tool("restore", "-d", db)
    if kind == "serialized" and done.returncode in (6, 7) and file_bytes(db) == unchanged and (
            health != ["ok"] or not can_be_emptied(db, folder)):
        counts[f"serialized restore into a damaged database refused, exit {done.returncode}, nothing changed"] += 1
        if app:
            app.close()
        return
    if done.returncode == 7 and health != ["ok"] and file_bytes(db) == unchanged and not can_be_checkpointed(db):
        counts["restore of a WAL that sqlite3 cannot apply refused, exit 7, nothing changed"] += 1
        if app:
            app.close()
        return
    if done.returncode != 0:
        fail(what, "restore", done.returncode, done.stderr)
        if app:
            app.close()
        return
    if app:
        after = app.look()
        if after != app.before:
            fail(what, "the idle connection sees something else", after)
        app.close()
    found = sqlite3.connect(db)
    found_mode = found.execute("pragma journal_mode").fetchone()[0]
    found.execute("pragma wal_checkpoint(truncate)").fetchall()
    found.close()
    if (found_mode == "wal") != (mode == "wal"):
        fail(what, "journal mode", found_mode)
    if dbequal(pristine, db) != comparable:
        fail(what, "dbequal", dbequal(pristine, db))
    if integrity(db) != health and (kind == "image" or integrity(db) != ["ok"]):  # new rows may mend old damage
        fail(what, "integrity", integrity(db), health)
    image = kind == "image" and [f for f in os.listdir(db + ".snapshots") if f.endswith(".db") and not f.startswith(".")][0]
    if image and health == ["ok"] and file_bytes(db) != file_bytes(os.path.join(db + ".snapshots", image)):
        fail(what, "bytes differ from the image's")
    if sorted(f for f in os.listdir(folder) if f.startswith("x.db-")):
        fail(what, "left", os.listdir(folder))
    counts[f"{kind} {mode} {'idle' if idle else 'alone'}: {'equal' if comparable == 'equal' else 'as before (damaged)'}"] += 1


def main():
    if not os.path.exists(DBEQUAL):
        print(f"SKIPPED: {DBEQUAL} is missing")
        sys.exit(77)
    sources = [sys.argv[2]] if os.path.isfile(sys.argv[2]) else []
    for folder, _, names in os.walk(sys.argv[2]):
        for name in sorted(names):
            if name.endswith((".db", ".sqlite", ".sqlite3", ".db3")):
                sources.append(os.path.join(folder, name))
    opened = 0
    for source in sorted(sources):
        with tempfile.TemporaryDirectory(prefix="dbfixture-every-") as folder:
            if not copy_in_mode(source, os.path.join(folder, "probe.db"), "delete"):
                counts["does not open"] += 1
                continue
        opened += 1
        for mode in MODES:
            for idle in (False, True):
                for kind in ("image", "serialized"):
                    if not in_this_part():
                        continue
                    with tempfile.TemporaryDirectory(prefix="dbfixture-every-") as folder:
                        try:
                            one(source, folder, mode, idle, kind)
                        except (sqlite3.Error, UnicodeError) as error:
                            fail(f"{source} {mode} {idle} {kind}", "the test itself:", error)
    print(f"{len(sources)} databases, {opened} open")
    for key, count in sorted(counts.items()):
        print(f"  {count:6} {key}")
    print(f"{len(failures)} failed")
    sys.exit(1 if failures else 0)


main()
