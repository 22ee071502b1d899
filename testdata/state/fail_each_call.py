#!/usr/bin/env python3
"""fail_each_call.py PROGRAM: each system call that changes a file fails, in turn. Exit status 0 says that the change is there, any other
that it is not: never is a committed change called failed. Nothing is left of a failure. Needs strace."""
import os
import shutil
import sqlite3
import subprocess
import tempfile

from state_lab import change, check, copy, finish, in_this_part, make, run, sidecars, state, tool, sys, PROGRAM

CALLS = {"pwrite64": "ENOSPC", "fsync": "EIO", "fdatasync": "EIO", "ftruncate": "EIO", "unlink": "EACCES", "rename": "EACCES",
         "linkat": "EPERM", "openat": "EMFILE", "fchmod": "EPERM", "mkdir": "EROFS", "sync_file_range": "EIO", "write": "ENOSPC"}
if b"asan" in subprocess.run(["ldd", PROGRAM], capture_output=True, check=False).stdout:
    del CALLS["write"]  # the sanitizer writes, too, and ends the program when it cannot
if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"
os.environ["ASAN_OPTIONS"] = "detect_leaks=0"


def failures(what, words, prepare, inspect, skip=0):
    """`inspect(what, done)` after `words` with the k-th call of each kind failing. Returns how many runs there were, and how many of them
    said that it was done all the same."""
    runs = done_anyway = 0
    for call, error in CALLS.items():
        for k in range(1 + (skip if call == "openat" else 0), 200):
            prepare()
            trace = tempfile.mktemp()
            # By --seccomp-bpf only the calls that are traced stop the program: a third of the time. Signals are not sent that way.
            done = run("strace", "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", "trace=" + call, "-e", f"inject={call}:error={error}:when={k}", PROGRAM,
                       *words)
            with open(trace, encoding="utf-8", errors="replace") as file:
                injected = "(INJECTED)" in file.read()
            os.unlink(trace)
            if not injected:
                break
            runs += 1
            done_anyway += done.returncode == 0
            check(f"{what}, {call} {k} fails: a status that is documented", done.returncode in (0, 4, 5, 6, 7), done)
            check(f"{what}, {call} {k} fails: says why", (done.returncode == 0) or done.stderr.startswith("dbfixture: error: "), done)
            inspect(f"{what}, {call} {k} fails", done)
    check(f"{what}: calls failed", runs > 3, runs)
    return runs, done_anyway


def restores(folder, mode, application):
    db = folder + "/x.db"
    make(db, mode)
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    wanted = state(db)
    change(db, "grow")
    copy(db, folder + "/before.db")
    before = state(db)
    others = []

    def prepare():
        while others:
            others.pop().close()
        copy(folder + "/before.db", db)
        for name in os.listdir(db + ".snapshots"):
            if name.startswith(".dbfixture-stamp"):
                os.unlink(os.path.join(db + ".snapshots", name))
        if application:
            others.append(sqlite3.connect(db))
            others[0].execute("select count(*) from t").fetchall()

    def inspect(what, done):
        while others:
            others.pop().close()
        check(what + ": exit status 0 if and only if it is restored", state(db) == (wanted if done.returncode == 0 else before), done)
        left = [name for name in sidecars(db) if name not in ("x.db-wal", "x.db-shm", "x.db.snapshots")]
        check(what + ": nothing is left", left == [], left)
        left = [name for name in os.listdir(db + ".snapshots") if name.endswith(".tmp")]
        check(what + ": nothing is left in the store", left == [], left)

    return failures(f"restore in mode {mode}, application {application}", ["restore", "-d", db], prepare, inspect)


def missing(folder, stale):
    """As before is: no file."""
    db = folder + "/sub/x.db"
    os.mkdir(folder + "/sub")
    make(db, "delete")
    check("snapshot", tool("snapshot", "-d", db, "--store", folder + "/s").returncode == 0)
    wanted = state(db)

    def prepare():
        shutil.rmtree(folder + "/sub")
        os.mkdir(folder + "/sub")
        if stale:
            with open(db + "-wal", "wb") as file:
                file.write(b"\x37\x7f\x06\x82" + b"x" * 5000)

    def inspect(what, done):
        left = sorted(os.listdir(folder + "/sub"))
        if done.returncode == 0:
            check(what + ": it is there, and nothing else", left == ["x.db"] and state(db) == wanted, (left, done))
        else:
            check(what + ": there is no database, not even an empty one", "x.db" not in left and not any(".tmp" in n for n in left), (left, done))

    return failures(f"restore of a missing database, stale log {stale}", ["restore", "-d", db, "--store", folder + "/s"], prepare, inspect)


def snapshots(folder, words):
    """The name leads to the old snapshot or to the new one, as the exit status says."""
    db, store = folder + "/x.db", folder + "/x.db.snapshots"
    make(db, "delete")
    for name in ("default", "other"):
        check("snapshot", tool("snapshot", name, "-d", db).returncode == 0)
    change(db, "rows")
    shutil.copytree(store, folder + "/old")

    def shown():
        done = tool("snapshots", "-d", db, "--json")
        verified = tool("snapshots", "verify", "-d", db)
        check("every snapshot is good", verified.returncode == 0, verified)
        return "".join(line for line in done.stdout.splitlines(True) if '"name"' in line or '"created"' in line or '"kind"' in line)

    at_first = shown()

    def prepare():
        shutil.rmtree(store, ignore_errors=True)
        shutil.copytree(folder + "/old", store)

    def inspect(what, done):
        check(what + ": exit status 0 if and only if it is done", (shown() != at_first) == (done.returncode == 0), done)

    return failures(" ".join(words), [*words, "-d", db], prepare, inspect)


def main():
    runs = done_anyway = 0
    tests = [lambda f: restores(f, "delete", False), lambda f: restores(f, "wal", False), lambda f: restores(f, "wal", True),
             lambda f: missing(f, False), lambda f: missing(f, True)]
    tests += [lambda f, w=words: snapshots(f, w) for words in (
        ["snapshot", "--force"], ["snapshot", "new", "--serialized"], ["snapshots", "delete", "other"], ["snapshots", "rename", "other", "third"])]
    for test in tests:
        if not in_this_part():
            continue
        with tempfile.TemporaryDirectory() as folder:
            counts = test(folder)
            runs, done_anyway = runs + counts[0], done_anyway + counts[1]
    finish(f"{runs} failures, {done_anyway} of them after or beside the change")


main()
