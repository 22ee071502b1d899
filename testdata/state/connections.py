#!/usr/bin/env python3
"""connections.py PROGRAM [ROUNDS]: restores while others have the database open, on a full disk, two at once, and when
nothing was changed, or only seems so."""
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from state_lab import PROGRAM, check, change, copy, finish, in_this_part, make, sidecars, state, tool

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 20

READER = """
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
print("ready", flush=True)
rounds = 0
import os
while os.path.exists(sys.argv[1]) and not os.path.exists(sys.argv[1] + ".stop"):
    c.execute("begin")
    total, count = c.execute("select sum(v), count(*) from account").fetchone()
    low, high = c.execute("select min(v), max(v) from account").fetchone()
    again = c.execute("select sum(v) from account where v >= 0").fetchone()[0]
    c.execute("commit")
    rounds += 1
    if low != high or total != 100 * low or again != total or count != 100:
        print("mixed", total, count, low, high, again)
        sys.exit(1)
print("good", rounds)
"""


def way(done):
    import json
    return json.loads(done.stdout).get("way") if done.returncode == 0 else done


def idle_connection(mode, db, wanted):
    app = sqlite3.connect(db, isolation_level=None)
    app.execute("select a, b from t where id = 5").fetchall()
    other = sqlite3.connect(db)
    other.executescript("drop table u; create table u(y, x, z); create table extra(k); update t set a = 'q';"
                        "pragma user_version = 7; pragma application_id = 9")
    other.close()
    app.execute("insert into u(z) values(1)")
    done = tool("restore", "-d", db)
    check(f"{mode}: restore with an idle connection", done.returncode == 0, done)
    check(f"{mode}: state", state(db) == wanted)
    check(f"{mode}: the idle connection sees it", app.execute("select count(*) from u").fetchone() == (200,))
    app.execute("insert into u(x, y) values(77, 'its own')")
    check(f"{mode}: it writes the right columns",
          app.execute("select x from u where y = 'its own'").fetchall() == [(77,)])
    check(f"{mode}: integrity", app.execute("pragma integrity_check").fetchone() == ("ok",))
    check(f"{mode}: no table of the test", app.execute("select 1 from sqlite_master where name = 'extra'").fetchone() is None)

    app.execute("begin")
    app.execute("select count(*) from t").fetchone()
    before = state(db)
    start = time.time()
    done = tool("restore", "-d", db, "--busy-timeout", "300")
    if mode == "wal":
        check("wal: restore beside a reader", done.returncode == 0, done)
        check("wal: the reader keeps its view", app.execute("select count(*) from u where x = 77").fetchone() == (2,))
        app.execute("commit")
        check("wal: until its end", app.execute("select count(*) from u where x = 77").fetchone() == (1,))
    else:
        check(f"{mode}: a reader is waited for", done.returncode == 5 and time.time() - start > 0.28, done)
        check(f"{mode}: and named", "a reader to end its transaction" in done.stderr and str(os.getpid()) in done.stderr)
        check(f"{mode}: nothing changed", state(db) == before)
        app.execute("commit")
    app.execute("begin immediate")
    app.execute("insert into u values(5, 5)")
    done = tool("restore", "-d", db, "--busy-timeout", "300")
    check(f"{mode}: a writer is waited for", done.returncode == 5 and "write lock" in done.stderr, done)
    done = tool("flush", "-d", db, "--no-input", "--busy-timeout", "100")
    check(f"{mode}: by flush, too, and named", done.returncode == 5 and f"process {os.getpid()}" in done.stderr, done)
    app.execute("commit")
    for _ in range(20):
        app.execute("update t set b = randomblob(300)")
        check(f"{mode}: again", tool("restore", "-d", db).returncode == 0)
    if mode == "wal":
        check("wal: the WAL does not grow", os.path.getsize(db + "-wal") < 100000, os.path.getsize(db + "-wal"))
    app.execute("update t set a = 'zz'")
    both = [subprocess.Popen([PROGRAM, "restore", "-q", "-d", db], stderr=subprocess.PIPE) for _ in range(4)]
    for process in both:
        errors = process.communicate()[1]
        check(f"{mode}: several at once", process.returncode == 0, errors)
    check(f"{mode}: state after several at once", state(db) == wanted)
    app.close()


def rounds(mode, db, wanted):
    reader = subprocess.Popen([sys.executable, "-c", READER, db], stdout=subprocess.PIPE, text=True)
    reader.stdout.readline()
    writer = sqlite3.connect(db, timeout=60, isolation_level=None)
    for _ in range(ROUNDS):
        writer.execute("update account set v = v + 1")
        done = tool("restore", "-q", "-d", db, "--busy-timeout", "60000")
        check(f"{mode}: round", done.returncode == 0, done)
    writer.close()
    open(db + ".stop", "w").close()
    said = reader.communicate()[0].strip()
    os.unlink(db + ".stop")
    check(f"{mode}: the application saw no error and no mixed state", said.startswith("good"), said)
    check(f"{mode}: state after the rounds", state(db) == wanted)


def full_disk(mode, db):
    change(db, "shrink")
    before = state(db)
    for limit in (70000, 100000, 200000):  # of any one file; the snapshot has more, the database less
        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        done = tool("restore", "-d", db, preexec_fn=limited)
        check(f"{mode}: restore within {limit} bytes", done.returncode == 7, done)
        check(f"{mode}: state is as before", state(db) == before)
        check(f"{mode}: nothing is left", sidecars(db) == [], sidecars(db))

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (36000, 36000))
    files = sorted(os.listdir(db + ".snapshots"))
    done = tool("snapshot", "-d", db, "--force", preexec_fn=small)
    check(f"{mode}: snapshot on a full disk", done.returncode == 7, done)
    check(f"{mode}: the store is as before", sorted(os.listdir(db + ".snapshots")) == files)
    check(f"{mode}: the old snapshot is good", tool("snapshots", "verify", "-d", db).returncode == 0)


def nothing_changed(folder, mode):
    """Never claimed wrongly."""
    db = folder + f"/same-{mode}.db"
    make(db, mode)
    tool("snapshot", "-d", db)
    wanted = state(db)
    tool("restore", "-d", db)
    check(f"{mode}: untouched is seen", way(tool("restore", "-d", db, "--json")) == "untouched")

    def must_restore(what):
        found = way(tool("restore", "-d", db, "--json"))
        check(f"{mode}: {what} is noticed", found in ("pages", "whole"), found)
        check(f"{mode}: {what} is undone", state(db) == wanted)
        check(f"{mode}: untouched after {what}", way(tool("restore", "-d", db, "--json")) == "untouched")

    for _ in range(10):  # at once: within the same tick of the file system's clock
        c = sqlite3.connect(db)
        c.execute("update account set v = v + 1")
        c.commit()
        c.close()
        must_restore("a write in the same tick")
    c = sqlite3.connect(db, isolation_level=None)  # stays open: in WAL mode the file itself does not change
    c.execute("update account set v = v + 1 where id = 1")
    must_restore("a transaction of an open connection")
    c.close()
    c = sqlite3.connect(db, isolation_level=None)
    c.execute("pragma locking_mode=exclusive")
    c.execute("update account set v = 1")
    c.execute("update account set v = 2")
    c.close()
    must_restore("exclusive locking mode")
    subprocess.run(["cp", "-p", db, db + ".copy"], check=True)
    c = sqlite3.connect(db + ".copy", isolation_level=None)
    c.execute("update account set v = 3 where id = 7")
    c.close()
    facts = os.stat(db)
    os.unlink(db)
    os.rename(db + ".copy", db)
    os.utime(db, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    must_restore("a file deleted and rebuilt")


def main():
    for mode in filter(lambda _: in_this_part(), ("delete", "truncate", "persist", "wal")):
        with tempfile.TemporaryDirectory() as folder:
            db = folder + "/x.db"
            make(db, mode)
            check("snapshot", tool("snapshot", "-d", db).returncode == 0)
            wanted = state(db)
            idle_connection(mode, db, wanted)
            rounds(mode, db, wanted)
            full_disk(mode, db)
            nothing_changed(folder, mode)
    finish(f"connections, {ROUNDS} rounds")


main()
