#!/usr/bin/env python3
"""stamps.py PROGRAM: a restore is skipped only where nothing has changed since the database was last known to be equal to the snapshot, even
if the change came in the same tick of the clock, left size and time as they were, or came while the stamp was being written."""
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time

from state_lab import check, finish, in_this_part, make, state, tool, PROGRAM

if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"
os.environ["ASAN_OPTIONS"] = "detect_leaks=0"


def prepare(folder, mode):
    db = folder + "/x.db"
    make(db, mode)
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    return db, state(db)


def way(db):
    done = tool("restore", "-d", db, "--json")
    return json.loads(done.stdout).get("way") if done.returncode == 0 else done


def execute(db, sql):
    c = sqlite3.connect(db)
    c.execute(sql)
    c.commit()
    c.close()


def stamp_file(db):
    store = db + ".snapshots"
    return next((os.path.join(store, name) for name in os.listdir(store) if name.startswith(".dbfixture-stamp")), None)


def at_once(folder, mode):
    """A write right behind a restore, in the same tick as often as not."""
    db, wanted = prepare(folder, mode)
    check(f"{mode}: a snapshot is a stamp, too", way(db) == "untouched")
    for i in range(25):
        execute(db, "update account set v = 1 where id = 7")
        check(f"{mode}: write {i} right behind a restore is seen", way(db) == "pages" and state(db) == wanted)
    check(f"{mode}: then it is untouched", way(db) == "untouched")


def disguised(folder):
    """Changes that leave size, time or both as they were."""
    db, wanted = prepare(folder, "delete")
    facts = os.stat(db)
    execute(db, "update account set v = 1 where id = 7")
    os.utime(db, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    check("a change with the old size and time of change is seen", os.path.getsize(db) == facts.st_size and way(db) == "pages")
    check("restored", state(db) == wanted)
    shutil.copy2(db, folder + "/other.db")
    execute(folder + "/other.db", "update account set v = 1 where id = 7")
    facts = os.stat(db)
    os.utime(folder + "/other.db", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    os.rename(folder + "/other.db", db)
    check("another file in its place is seen", way(db) == "pages" and state(db) == wanted)
    os.utime(db)
    check("a new time alone is no change, and found out by comparing", way(db) == "unchanged")
    check("once compared it is known again", way(db) == "untouched")
    os.chmod(db, 0o600)
    check("so are new permissions", way(db) == "unchanged" and way(db) == "untouched")


def in_the_log(folder):
    """The database file does not change while a commit is in the log alone."""
    db, wanted = prepare(folder, "wal")
    application = sqlite3.connect(db, isolation_level=None)
    application.execute("pragma wal_autocheckpoint=0")
    application.execute("select count(*) from t").fetchall()
    check("an empty log is none", way(db) == "untouched")
    before = os.stat(db)
    application.execute("update account set v = 1 where id = 7")
    check("the change is in the log alone", os.stat(db).st_mtime_ns == before.st_mtime_ns and os.path.getsize(db + "-wal") > 0)
    check("and it is seen", way(db) == "pages")
    check("by the application, too", application.execute("select sum(v) from account").fetchone() == (0,))
    application.close()
    check("restored", state(db) == wanted)


def damaged_stamps(folder):
    db, wanted = prepare(folder, "delete")
    check("there is a stamp", way(db) == "untouched" and stamp_file(db) is not None)
    with open(stamp_file(db), encoding="utf-8") as file:
        good = file.read()
    for what, text in (("empty", ""), ("cut short", good[:-1]), ("without its sum", good.split("\n")[0]), ("of another boot", "0" + good[1:]),
                       ("changed", good.replace(":", ";", 1)), ("garbled", "\x00" * 5000)):
        with open(stamp_file(db), "w", encoding="utf-8") as file:
            file.write(text)
        check(f"a stamp {what} counts as none", way(db) == "unchanged" and state(db) == wanted)
        check("and is made anew", way(db) == "untouched")


def races(folder, words, call, k, mode):
    """Another program writes while `words` waits at its k-th call of that kind: after it let go of the database's lock."""
    db, wanted = prepare(folder, mode)
    execute(db, "update account set v = 1 where id = 7")
    if words[0] == "snapshot":
        wanted = state(db)
    log = folder + "/log"
    process = subprocess.Popen(["strace", "-f", "--seccomp-bpf", "-qq", "-o", log, "-e", f"trace={call}", "-e",
                                f"inject={call}:delay_enter=250000:when={k}", PROGRAM, *words, "-d", db],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    came = False
    while not came and process.poll() is None:
        time.sleep(0.01)
        came = os.path.exists(log) and sum(1 for _ in open(log, encoding="utf-8", errors="replace")) >= k
    wrote = True
    try:
        c = sqlite3.connect(db, timeout=0.05)
        c.execute("update account set v = 2 where id = 8")
        c.commit()
        c.close()
    except sqlite3.OperationalError:
        wrote = False  # the lock is still held: then nothing can be missed
    status = process.wait()
    what = f"{words} in mode {mode}, a write at {call} {k}"
    check(what + ": it comes to that call", came)
    check(what + ": done", status == 0, process.stderr.read())
    process.stderr.close()
    seen = way(db)  # "untouched" if the write came before the restore, and is gone with it
    check(what + ": is not missed", state(db) == wanted and (seen == "pages" or call == "close" or not wrote), seen)
    return wrote


def all_races(folder):
    wrote = 0
    for i, (words, call, ks) in enumerate(((["restore"], "ftruncate", (1,)), (["restore"], "close", (12, 14, 16)),
                                           (["snapshot", "--force"], "rename", (1, 2, 3)), (["snapshot", "--force"], "fsync", (1, 2)))):
        for k in ks:
            for mode in ("delete", "wal"):
                where = f"{folder}/{i}{k}{mode}"
                os.mkdir(where)
                wrote += races(where, words, call, k, mode)
    check("most writes came through", wrote >= 8, wrote)


def main():
    pieces = [(at_once, "delete"), (at_once, "wal"), (disguised,), (in_the_log,), (damaged_stamps,), (all_races,)]
    with tempfile.TemporaryDirectory() as folder:
        db, _ = prepare(folder, "delete")
        if way(db) != "untouched":
            print("SKIPPED: stamps.py: this file system keeps no time that a stamp could be made of")
            return
    for piece, *arguments in pieces:
        if in_this_part():
            with tempfile.TemporaryDirectory() as folder:
                piece(folder, *arguments)
    finish("stamps")


main()
