#!/usr/bin/env python3
"""bad_days.py PROGRAM [--all]: what a crashed application leaves behind, damaged and foreign snapshots, files that may only be read, and a
disk that is full at every moment (a small tmpfs, where this process may mount one)."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from state_lab import (change, check, copy, finish, folder_for_all, in_this_part, make, nobody, program_for_all, run, sidecars, state,
                       tool)

ALL = "--all" in sys.argv
if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"

CRASH = """
import os, signal, sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("pragma wal_autocheckpoint=0")
c.execute("update account set v = v + 1")
c.execute("pragma cache_size=2")
c.execute("begin immediate")
c.execute("update t set a = 'never committed', b = zeroblob(300)")
os.kill(os.getpid(), signal.SIGKILL)
"""


def crash(db):
    subprocess.run([sys.executable, "-c", CRASH, db], check=False)


def copy_all(source, target):
    """With the shared memory file: a crash leaves that, too."""
    copy(source, target)
    if os.path.exists(source + "-shm"):
        shutil.copy(source + "-shm", target + "-shm")


def crashed_application(folder, mode):
    db, crashed = folder + "/x.db", folder + "/crashed/x.db"
    os.mkdir(folder + "/crashed")
    make(db, mode)
    check(f"{mode}: snapshot", tool("snapshot", "-d", db).returncode == 0)
    wanted = state(db)
    crash(db)
    copy_all(db, crashed)
    end = "-wal" if mode == "wal" else "-journal"
    check(f"{mode}: the crash left a {end}", os.path.getsize(crashed + end) > 0)
    committed = state(crashed)
    check(f"{mode}: the last commit counts, what came after does not",
          committed[b"account"] != wanted[b"account"] and committed[b"t"] == wanted[b"t"])

    done = tool("snapshot", "-d", db, "after")
    check(f"{mode}: snapshot after a crash", done.returncode == 0 and state(db) == committed, done)
    change(db, "rows")
    check(f"{mode}: its restore", tool("restore", "-d", db, "after").returncode == 0 and state(db) == committed)

    copy_all(crashed, db)
    done = tool("restore", "-d", db)
    check(f"{mode}: restore after a crash", done.returncode == 0 and state(db) == wanted, done)
    left = [name for name in sidecars(db) if name != "x.db-shm"]  # a crash leaves it; it is made anew by who connects next
    check(f"{mode}: nothing is left", left == [], left)

    copy_all(crashed, db)
    os.unlink(db)  # what is left belongs to no database any more
    done = tool("restore", "-d", db)
    check(f"{mode}: restore beside remains without a database", done.returncode == 0 and state(db) == wanted, done)


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << at % 8]))


def refused(what, done, db, before, code=6, says=""):
    check(f"{what}: exit {code}", done.returncode == code and done.stderr.startswith("dbfixture: error: "), done)
    check(f"{what}: says {says!r}", says in done.stderr, done)
    with open(db, "rb") as file:
        check(f"{what}: not a byte changed", file.read() == before)


def damaged_snapshots(folder, kind):
    db = folder + "/x.db"
    make(db, "delete")
    tool("snapshot", "-d", db, *(["--serialized"] if kind == "serialized" else []))
    store = db + ".snapshots"
    manifest = store + "/default.json"
    with open(manifest, encoding="utf-8") as file:
        text = file.read()
    data = os.path.join(store, json.loads(text)["file"])
    change(db, "rows")
    with open(db, "rb") as file:
        before = file.read()
    for path in (data, manifest):
        size = os.path.getsize(path)
        positions = range(0, size, 1 if ALL and size < 20000 else max(size // (400 if ALL else 25), 1))
        for at in positions:
            flip(path, at)
            refused(f"{kind}: a bit of {os.path.basename(path)} at {at}", tool("restore", "-d", db), db, before, says=store)
            if at % 5 == 0:
                check(f"{kind}: verify at {at}", tool("snapshots", "verify", "-d", db).returncode == 1)
            flip(path, at)
        with open(path, "rb") as file:
            whole = file.read()
        for length in (0, 1, 100, size // 2, size - 1):
            with open(path, "wb") as file:
                file.write(whole[:length])
            refused(f"{kind}: {os.path.basename(path)} cut to {length}", tool("restore", "-d", db), db, before, says=store)
        with open(path, "wb") as file:
            file.write(whole + b"\n")
        refused(f"{kind}: {os.path.basename(path)} with more at its end", tool("restore", "-d", db), db, before, says=store)
        os.unlink(path)
        refused(f"{kind}: {os.path.basename(path)} is missing", tool("restore", "-d", db), db, before, 6 if path == data else 4)
        with open(path, "wb") as file:
            file.write(whole)

    with open(manifest, "w", encoding="utf-8") as file:
        file.write(text.replace('"format_version": 2', '"format_version": 3'))
    done = tool("restore", "-d", db)
    refused(f"{kind}: a newer format", done, db, before, says="is of format version 3")
    with open(manifest, "w", encoding="utf-8") as file:
        file.write(text)
    done = tool("restore", "-d", db)
    check(f"{kind}: and then it is good", done.returncode == 0, done)


def damaged_beside_an_application(folder, reading):
    """Where the whole database is written, in a WAL whose content may have to stay for a reader."""
    db = folder + "/x.db"
    make(db, "wal")
    tool("snapshot", "-d", db)
    data = next(os.path.join(db + ".snapshots", name) for name in os.listdir(db + ".snapshots") if name.startswith("default-"))
    application = sqlite3.connect(db, isolation_level=None)
    application.execute("begin" if reading else "select 1")
    application.execute("select count(*) from t").fetchall()
    change(db, "rows")
    before = state(db)
    for at in range(0, os.path.getsize(data), os.path.getsize(data) // 10):
        flip(data, at)
        done = tool("restore", "-d", db)
        check(f"beside an application, reading {reading}: a bit at {at}", done.returncode == 6 and data in done.stderr, done)
        check(f"beside an application, reading {reading}: state", state(db) == before)
        flip(data, at)
    check("and then it is good", tool("restore", "-d", db).returncode == 0 and state(db) != before)
    application.close()


def foreign_snapshots(folder):
    db, other, store = folder + "/x.db", folder + "/other.db", folder + "/store"
    make(db, "delete")
    check("store", tool("snapshot", "-d", db, "--store", store).returncode == 0)
    wanted = state(db)
    make(other, "wal")
    change(other, "grow")
    with open(other, "rb") as file:
        before = file.read()
    done = tool("restore", "-d", other, "--store", store, stdin=subprocess.DEVNULL)
    refused("of another database", done, other, before, 3, "--force")
    done = tool("restore", "-d", other, "--store", store, "--force", stdin=subprocess.DEVNULL)
    refused("of another database, forced, without a terminal", done, other, before, 3, "--no-input")
    done = tool("restore", "-d", other, "--store", store, "--force", "--no-input")
    check("of another database, with all overrides", done.returncode == 0 and state(other) == wanted, done)
    fresh = folder + "/fresh"
    os.mkdir(fresh)
    done = tool("restore", "-d", fresh + "/x.db", "--store", store)
    check("a database that is not there is made", done.returncode == 0 and state(fresh + "/x.db") == wanted, done)
    check("and nothing else", os.listdir(fresh) == ["x.db"], os.listdir(fresh))


def read_only(_):
    home = folder_for_all()
    if home is None:
        print("SKIPPED: bad_days.py, read-only files: no folder that other users reach is there")
        return
    with tempfile.TemporaryDirectory(dir=home) as folder:
        read_only_files(folder)


def read_only_files(folder):
    os.chmod(folder, 0o755)
    program = program_for_all(folder)
    db = folder + "/x.db"
    make(db, "delete")
    tool("snapshot", "-d", db)
    change(db, "rows")
    before = state(db)
    for path in [db + ".snapshots"] + [os.path.join(db + ".snapshots", name) for name in os.listdir(db + ".snapshots")]:
        os.chmod(path, 0o755)
    os.mkdir(folder + "/open")
    os.chmod(folder + "/open", 0o777)
    os.chmod(db, 0o444)
    os.chmod(db + ".snapshots", 0o555)
    os.chmod(folder, 0o555)
    files = sorted(os.listdir(folder)), sorted(os.listdir(db + ".snapshots"))


    def fails(status, says, *words):
        done = run(program, *words, preexec_fn=nobody, cwd=folder, stdin=subprocess.DEVNULL)
        check(f"read-only: {words}", done.returncode == status and says in done.stdout + done.stderr, done)
        check(f"read-only: {words}: nothing came or went",
              (sorted(os.listdir(folder)), sorted(os.listdir(db + ".snapshots"))) == files)

    fails(7, "could not write to the snapshot store", "snapshot", "-d", db, "new")
    fails(7, "for writing", "restore", "-d", db)
    fails(0, "Would restore", "restore", "-d", db, "--dry-run")
    fails(0, "default", "snapshots", "-d", db)
    fails(0, "default: good", "snapshots", "verify", "-d", db)
    fails(7, "could not write to the snapshot store", "snapshots", "delete", "default", "-d", db)
    fails(7, "could not write to the snapshot store", "snapshot", "-d", db, "--store", folder + "/a/b")
    fails(7, "read-only", "flush", "-d", db, "--no-input")
    os.chmod(db, 0)
    fails(7, "permission denied", "snapshot", "-d", db, "--store", folder + "/open")
    os.chmod(db, 0o644)
    os.chmod(folder, 0o755)
    check("read-only: state", state(db) == before)
    os.chmod(db + ".snapshots", 0o755)


def full_disk(disk, mode):
    """Fills a small file system but for a few kB, more each time, until the command succeeds."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        print("SKIPPED: bad_days.py, full disks: no tmpfs can be mounted here")
        return
    try:
        fill_up(disk, mode)
    finally:
        subprocess.run(["umount", disk], check=True)


def leave_free(disk, size):
    with open(disk + "/ballast", "wb") as file:
        facts = os.statvfs(disk)
        os.posix_fallocate(file.fileno(), 0, max(facts.f_bavail * facts.f_frsize - size, 1))


def fill_up(disk, mode):
    db, home = disk + "/x.db", tempfile.mkdtemp()
    make(db, mode)
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    wanted = state(db)
    change(db, "shrink")
    copy(db, home + "/before.db")
    before = state(home + "/before.db")
    store = sorted(os.listdir(db + ".snapshots"))
    for words, final in ((["restore"], wanted), (["restore", "--keep", "u"], wanted), (["snapshot", "--force"], before)):
        failed = 0
        for free in range(0, 3_000_000, 4096 if ALL else 32768):
            copy(home + "/before.db", db)
            leave_free(disk, free)
            done = tool(*words, "-d", db)
            os.unlink(disk + "/ballast")
            what = f"{mode}: {' '.join(words)} with {free} bytes free"
            if done.returncode == 0:
                check(what + ": state", state(db) == final)
                break
            failed += 1
            check(what + ": exit 7", done.returncode == 7, done)
            copy(db, home + "/after.db")
            check(what + ": state", state(home + "/after.db") == before)
            left = [name for name in sorted(os.listdir(disk)) if mode != "wal" or name not in ("x.db-shm", "x.db-wal")]
            check(what + ": nothing is left", left == ["x.db", "x.db.snapshots"], left)
            check(what + ": nothing is in the WAL", mode != "wal" or not os.path.exists(db + "-wal") or os.path.getsize(db + "-wal") == 0)
            left = [name for name in sorted(os.listdir(db + ".snapshots")) if not name.startswith(".dbfixture-stamp")]
            check(what + ": the store is as before", left == [name for name in store if not name.startswith(".dbfixture-stamp")], left)
        check(f"{mode}: {words}: failed first, then not", failed > 0 and done.returncode == 0, failed)
    tool("restore", "-d", db)
    check(f"{mode}: the new snapshot", state(db) == before)
    shutil.rmtree(home)


def main():
    pieces = [(crashed_application, mode) for mode in ("delete", "truncate", "persist", "wal")]
    pieces += [(damaged_snapshots, kind) for kind in ("image", "serialized")]
    pieces += [(damaged_beside_an_application, reading) for reading in (False, True)]
    pieces += [(foreign_snapshots,), (full_disk, "delete"), (full_disk, "wal"), (read_only,)]
    for piece, *arguments in pieces:
        if in_this_part():
            with tempfile.TemporaryDirectory() as folder:
                piece(folder, *arguments)
    finish("bad days")


main()
