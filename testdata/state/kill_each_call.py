#!/usr/bin/env python3
"""kill_each_call.py PROGRAM [--all]: SIGKILL at each system call that changes a file, in turn; and SIGINT, SIGTERM, SIGHUP at some.

After every kill the next to open the database finds it intact, and equal to the state before or to the one wanted, in its
journal mode; a snapshot's name leads to the old snapshot or to the new one. Needs strace.
"""
import os
import shutil
import sqlite3
import subprocess
import tempfile

from state_lab import PROGRAM, change, check, copy, finish, in_this_part, make, run, state, sys, tool

CALLS = ["pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "rename", "linkat", "openat", "mkdir", "fchmod", "fchown"]
ALL = "--all" in sys.argv
if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"  # a kill loses nothing that was written, wherever it was written to
os.environ["ASAN_OPTIONS"] = "detect_leaks=0"  # the leak checker of a sanitized build does not work under strace


APPLICATION = """
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
for line in sys.stdin:
    print(c.execute("select (select group_concat(name) from sqlite_master), (select sum(id) from t), (select sum(length(b)) from t)").fetchall(),
          flush=True)
"""


class Application:
    """A process that keeps the database open."""

    def __init__(self, path):
        self.process = subprocess.Popen([sys.executable, "-c", APPLICATION, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.look()

    def look(self):
        self.process.stdin.write("look\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def close(self):
        self.process.communicate()


def kills(words, prepare, inspect, sparse=False):
    """Runs `words` killed at the k-th call of each kind for every k, or for more and more distant ones; returns how many kills there
    were."""
    count = 0
    for call in CALLS:
        k = 0
        while True:
            k += max(1, k // 2) if sparse and not ALL else 1
            prepare()
            done = run("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                       f"inject={call}:signal=KILL:when={k}", PROGRAM, *words)
            if done.returncode == 0:
                break
            if k > 500 or done.returncode not in (137, -9):
                check(f"{words} {call} {k}", False, done)
                break
            count += 1
            inspect(f"{words[0]} killed at {call} {k}")
    check(f"{words}: was killed at some call", count > 0)
    return count


def database_is(path, allowed, mode):
    def inspect(what):
        c = sqlite3.connect(path)
        good = c.execute("pragma integrity_check").fetchall() == [("ok",)]
        found = c.execute("pragma journal_mode").fetchone()[0]
        c.close()
        check(what + ": integrity", good)
        check(what + ": journal mode", (found == "wal") == (mode == "wal"), found)
        check(what + ": state", state(path) in allowed)
    return inspect


def restores(folder, mode, kind):
    db = folder + "/x.db"
    make(db, mode)
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    wanted = state(db)
    change(db, kind)
    copy(db, folder + "/before.db")
    before = state(db)
    count = kills(["restore", "-d", db], lambda: copy(folder + "/before.db", db), database_is(db, (before, wanted), mode))
    copy(folder + "/before.db", db)
    check("restore", tool("restore", "-d", db).returncode == 0)
    check("restored", state(db) == wanted)
    return count


def restores_beside_an_application(folder, mode, kind):
    """Which sees one of the two states as well, with the cache that it has."""
    db = folder + "/x.db"
    make(db, mode)
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    wanted = state(db)
    application = Application(db)
    allowed = [application.look()]
    change(db, kind)
    allowed.append(application.look())
    application.close()
    copy(db, folder + "/before.db")
    before = state(db)
    running = []
    look_at_file = database_is(db, (before, wanted), mode)
    running.append(Application(db))
    done = tool("restore", "-d", db, "--json")
    check(f"{mode}: only what differs is written beside an application", '"way": "pages"' in done.stdout, done)

    def stop():
        while running:
            running.pop().close()

    def prepare():
        stop()
        copy(folder + "/before.db", db)
        running.append(Application(db))

    def inspect(what):
        seen = running[0].look()
        check(what + ": what the application sees", seen in allowed, seen)
        stop()
        look_at_file(what)

    count = kills(["restore", "-d", db], prepare, inspect, sparse=True)
    stop()
    check("restored", state(db) == wanted)
    return count


def other_restores(folder, words, serialized):
    """--keep, serialized, and where there is no database."""
    db = folder + "/x.db"
    make(db, "delete")
    check("snapshot", tool("snapshot", "-d", db, *(["--serialized"] if serialized else [])).returncode == 0)
    wanted = state(db)
    if words == ["missing"]:
        os.unlink(db)

        def nothing():
            for end in ("", "-journal", "-wal", "-shm"):
                if os.path.exists(db + end):
                    os.unlink(db + end)

        def inspect(what):
            left = sorted(name for name in os.listdir(folder) if not name.endswith((".look", ".snapshots")))
            check(what + ": nothing or all", left == [] or (left == ["x.db"] and state(db) == wanted), left)
        return kills(["restore", "-d", db], nothing, inspect)
    change(db, "rows")
    copy(db, folder + "/before.db")
    before = state(db)
    check("restore", tool("restore", "-d", db, *words).returncode == 0)
    after = state(db)
    return kills(["restore", "-d", db, *words], lambda: copy(folder + "/before.db", db), database_is(db, (before, after), "delete"))


def other_commands(folder, mode):
    db = folder + "/x.db"
    make(db, mode)
    before = state(db)
    copy(db, folder + "/before.db")
    fixture = tool("dumpdata", "-d", db, "t").stdout.replace('"a": "', '"a": "new ')
    with open(folder + "/f.json", "w") as f:
        f.write(fixture)
    count = 0
    for words in (["flush", "-d", db, "--no-input"], ["loaddata", "-d", db, folder + "/f.json"]):
        copy(folder + "/before.db", db)
        check(words[0], tool(*words).returncode == 0)
        wanted = state(db)
        count += kills(words, lambda: copy(folder + "/before.db", db), database_is(db, (before, wanted), mode), sparse=True)
    return count


def snapshots(folder, kind):
    db, store = folder + "/x.db", folder + "/x.db.snapshots"
    make(db, "delete")
    words = ["snapshot", "-d", db, "--force"] + (["--serialized"] if kind == "serialized" else [])
    check("snapshot", tool(*words).returncode == 0)
    old = state(db)
    change(db, "rows")
    shutil.copytree(store, folder + "/old")
    new = state(db)

    def prepare():
        shutil.rmtree(store)
        shutil.copytree(folder + "/old", store)

    def inspect(what):
        check(what + ": database", state(db) == new)
        done = tool("snapshots", "verify", "-d", db)
        check(what + ": verify", done.returncode == 0, done)
        copy(db, folder + "/probe.db")
        done = tool("restore", "-d", folder + "/probe.db", "--store", store, "--force", "--no-input")
        check(what + ": restore", done.returncode == 0, done)
        check(what + ": state", state(folder + "/probe.db") in (old, new))

    count = kills(words, prepare, inspect)
    tool(*words)
    left = [f for f in os.listdir(store) if f.endswith(".tmp")]
    check("remains are cleaned up", left == [] and len(os.listdir(store)) <= 5, os.listdir(store))
    return count


def interrupts(folder, mode, command):
    """Unlike a kill, Ctrl-C leaves nothing behind, and says so by the exit status."""
    db, store = folder + "/x.db", folder + "/x.db.snapshots"
    make(db, mode)
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    wanted = state(db)
    change(db, "grow")
    copy(db, folder + "/before.db")
    before = state(db)

    def files():
        # A WAL file without content is SQLite's own, and no harm.
        return [name for name in sorted(os.listdir(folder)) if name not in ("x.db-shm", "x.db-wal")], len(os.listdir(store))

    at_first = files()
    words, after = ((["restore"], wanted), (["restore", "--keep", "account"], wanted), (["snapshot", "other"], before),
                    (["snapshot", "other", "--serialized"], before))[command]
    interrupted = 0
    calls = ("pread64", "pwrite64", "fdatasync", "fsync")
    for number, status in (("INT", 130), ("TERM", 143), ("HUP", 129)):
        # All of them with --all; else each call with one signal, and another for another command.
        for call in calls if ALL else [c for i, c in enumerate(calls) if (i + command) % 3 == (129, 130, 143).index(status)]:
            for k in (5, 12, 20) if call == "pread64" else (1, 2, 5, 20) if ALL else (1, 5):  # the loader's come first
                copy(folder + "/before.db", db)
                # Without -f: each thread would get a signal, and a second one ends the process at once.
                done = run("strace", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                           f"inject={call}:signal={number}:when={k}", PROGRAM, *words, "-d", db)
                what = f"{mode}: {words} {number} at {call} {k}"
                check(what + ": exit", done.returncode in (0, status), done)
                check(what + ": state", state(db) == (after if done.returncode == 0 else before))
                interrupted += done.returncode == status
                tool("snapshots", "delete", "other", "-d", db)
                check(what + ": files", files() == at_first, os.listdir(store))
    check(f"{mode}: {words}: some signal came in time", interrupted > 0)
    for call in ("pread64", "pwrite64"):  # at every call from the fifth on: the second ends the process at once
        copy(folder + "/before.db", db)
        done = run("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", f"inject={call}:signal=INT:when=5+1", PROGRAM,
                   *words, "-d", db)
        what = f"{mode}: {words} INT at {call} again and again"
        check(what + ": exit", done.returncode in (0, 130, -2), done)
        check(what + ": the database is as before or as wanted", state(db) in ((after,) if done.returncode == 0 else (before, after)))
        tool("snapshots", "delete", "other", "-d", db)
        done = tool("snapshot", "other", "-d", db)
        left = [name for name in os.listdir(store) if name.endswith(".tmp")]
        check(what + ": the next to write cleans up", done.returncode == 0 and left == [], (done, left))
        tool("snapshots", "delete", "other", "-d", db)
    return 0


def main():
    pieces = []
    modes = ("delete", "truncate", "persist", "wal") if ALL else ("delete", "wal")
    kinds = ("rows", "shrink", "grow", "page_size") if ALL else ("grow",)
    for mode in modes:
        pieces += [(restores, mode, kind) for kind in kinds]
        pieces += [(restores_beside_an_application, mode, "rows")] if ALL or mode == "wal" else []
        pieces += [(other_commands, mode)] if ALL or mode == "delete" else []
    pieces += [(other_restores, ["missing"], False)]
    if ALL:
        pieces += [(other_restores, ["--keep", "u"], False), (other_restores, [], True)]
    pieces += [(interrupts, mode, command) for mode in (modes if ALL else ("delete",)) for command in range(4)]
    pieces += [(snapshots, kind) for kind in (("image", "serialized") if ALL else ("image",))]
    count = 0
    for piece, *arguments in pieces:
        if in_this_part():
            with tempfile.TemporaryDirectory() as folder:
                count += piece(folder, *arguments)
    finish(f"{count} kills")


main()
