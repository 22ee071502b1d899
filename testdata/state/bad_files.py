#!/usr/bin/env python3
"""bad_files.py PROGRAM: what is left of a database's file after a bad day is restored, or the message says the way out: cut short, empty,
garbled, with a log of another database beside it, behind links, read-only in WAL mode, with a page count that is not to be trusted."""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from state_lab import change, check, copy, finish, folder_for_all, in_this_part, make, nobody, program_for_all, run, state, tool

if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"

CRASH = """
import os, signal, sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("pragma wal_autocheckpoint=0")
c.execute("update t set a = 'of another database'")
os.kill(os.getpid(), signal.SIGKILL)
"""


def read(path):
    with open(path, "rb") as file:
        return file.read()


def bad_files(folder, mode):
    db, good = folder + "/x.db", folder + "/good.db"
    make(db, mode)
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    copy(db, good)
    wanted, size = state(good), os.path.getsize(good)

    def restored(what, keeps_mode=True):
        done = tool("restore", "-d", db)
        check(f"{mode}: {what}: restored", done.returncode == 0 and state(db) == wanted, done)
        c = sqlite3.connect(db)
        found = c.execute("pragma journal_mode").fetchone()
        check(f"{mode}: {what}: in its journal mode", found == (mode,) or not keeps_mode, found)
        c.close()

    for cut in (1, 100, 4096, 5000, 3 * 4096, size - 4096, size - 600, size - 100):
        copy(good, db)
        os.truncate(db, size - cut)
        restored(f"cut short by {cut} bytes")
    copy(good, db)
    os.truncate(db, 0)
    restored("empty", False)
    for what, at, length in (("page 1 garbled behind its header", 100, 3996), ("a root garbled", 4096, 4096),
                             ("all but the header garbled", 100, size - 100)):
        copy(good, db)
        with open(db, "r+b") as file:
            file.seek(at)
            file.write(b"garbage " * (length // 8))
        restored(what)
    copy(good, db)
    with open(db, "r+b") as file:
        file.write(b"no database at all")
    before = read(db)
    done = tool("restore", "-d", db)
    check(f"{mode}: a garbled header is refused with a way out",
          done.returncode == 6 and f"move it away (mv {db} {db}.old)" in done.stderr and read(db) == before, done)
    os.rename(db, db + ".old")
    restored("and the way out works", False)


def zeros_at_the_end(folder, mode):
    """Pages that hold nothing but zeros are missed, too, where a file was cut short."""
    db = folder + "/x.db"
    make(db, mode)
    c = sqlite3.connect(db, isolation_level=None)
    c.executescript("pragma secure_delete=on; create table z(b); insert into z values(zeroblob(200000)); drop table z; pragma wal_checkpoint(truncate)")
    c.close()
    size = os.path.getsize(db)
    with open(db, "rb") as file:
        check(f"{mode}: the last pages are zeros", file.read()[-5 * 4096:] == bytes(5 * 4096))
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    wanted = state(db)
    for cut in (4096, 5 * 4096):
        os.truncate(db, size - cut)
        done = tool("restore", "-d", db)
        check(f"{mode}: zeros that are cut short by {cut} bytes: restored", done.returncode == 0 and state(db) == wanted, done)
        c = sqlite3.connect(db, isolation_level=None)
        c.execute("pragma wal_checkpoint(truncate)")
        check(f"{mode}: cut by {cut}: the whole file is sound", c.execute("pragma integrity_check").fetchall() == [("ok",)])
        c.close()
        check(f"{mode}: cut by {cut}: and has its size", os.path.getsize(db) == size, os.path.getsize(db))


def stale_logs(folder):
    db, other = folder + "/x.db", folder + "/other.db"
    make(db, "delete")
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    copy(db, folder + "/good.db")
    wanted = state(db)
    make(other, "wal")
    subprocess.run([sys.executable, "-c", CRASH, other], check=False)
    check("there is a log with content", os.path.getsize(other + "-wal") > 4096)
    for what, prepare in (("missing", lambda: os.unlink(db)), ("empty", lambda: os.truncate(db, 0)), ("there", lambda: None),
                          ("cut short", lambda: os.truncate(db, 8192))):
        copy(folder + "/good.db", db)
        prepare()
        shutil.copy(other + "-wal", db + "-wal")
        done = tool("restore", "-d", db)
        check(f"a log of another database, the database is {what}", done.returncode == 0 and state(db) == wanted, done)


def links(folder):
    db, store = folder + "/x.db", folder + "/s"
    make(db, "delete")
    check("snapshot", tool("snapshot", "-d", db, "--store", store).returncode == 0)
    wanted = state(db)
    os.makedirs(folder + "/a/b")
    os.symlink("once.db", folder + "/twice.db")
    for link, target, file in (("dangling.db", "target.db", "target.db"), ("a/relative.db", "b/target.db", "a/b/target.db"),
                               ("absolute.db", folder + "/a/target.db", "a/target.db"), ("once.db", "last.db", "last.db")):
        os.symlink(target, os.path.join(folder, link))
        link = "twice.db" if link == "once.db" else link
        done = tool("restore", "-d", os.path.join(folder, link), "--store", store)
        file = os.path.join(folder, file)
        check(f"{link}: made where the link leads", done.returncode == 0 and os.path.islink(os.path.join(folder, link))
              and not os.path.islink(file) and state(file) == wanted, done)
    os.symlink("gone.db", folder + "/link.db")
    done = tool("restore", "-d", folder + "/link.db")
    check("without a store, the message says where the link leads, and does not suggest the link itself",
          done.returncode == 4 and 'link to "gone.db"' in done.stderr and "did you mean" not in done.stderr, done)
    os.link(db, folder + "/second.db")
    change(db, "rows")
    before = read(db)
    done = tool("restore", "-d", db, "--store", store)
    check("a database with two names is refused", done.returncode == 3 and "2 names (hard links)" in done.stderr and read(db) == before, done)
    done = tool("snapshot", "-d", db)
    check("its snapshot warns", done.returncode == 0 and "2 names (hard links)" in done.stderr, done)
    os.unlink(folder + "/second.db")
    done = tool("restore", "-d", db, "--store", store)
    check("with one name again it is restored", done.returncode == 0 and state(db) == wanted, done)


def closed_wal_database(_):
    home = folder_for_all()
    if home is None:
        print("SKIPPED: bad_files.py, a read-only WAL database: no folder that other users reach is there")
        return
    with tempfile.TemporaryDirectory(dir=home) as folder:
        program = program_for_all(folder)
        os.mkdir(folder + "/db")
        os.mkdir(folder + "/s")
        db, store = folder + "/db/x.db", folder + "/s"
        make(db, "wal")
        wanted = state(db)
        os.chmod(store, 0o777)
        os.chmod(db, 0o444)
        os.chmod(folder + "/db", 0o555)
        for name, kind in (("image", []), ("records", ["--serialized"])):
            done = run(program, "snapshot", name, "-d", db, "--store", store, *kind, preexec_fn=nobody, cwd=folder)
            check(f"read-only in WAL mode, {name}: saved", done.returncode == 0, done)
        check("read-only in WAL mode: nothing came or went", os.listdir(folder + "/db") == ["x.db"], os.listdir(folder + "/db"))
        os.chmod(folder + "/db", 0o755)
        os.chmod(db, 0o644)
        for name in ("image", "records"):
            change(db, "rows")
            done = tool("restore", name, "-d", db, "--store", store)
            # A full-text index would differ in its own tables; there is none here.
            check(f"read-only in WAL mode, {name}: restored", done.returncode == 0 and state(db) == wanted, done)


def untrusted_page_count(folder, mode):
    """Old writers leave bytes 28 to 31 of the header behind: SQLite then writes page 1 as soon as it begins to write."""
    for count, valid in ((0, None), (None, 7), (99, 7)):
        db = folder + f"/{count}{valid}.db"
        make(db, mode)
        check("snapshot", tool("snapshot", "-d", db).returncode == 0)
        wanted = state(db)
        change(db, "rows")
        with open(db, "r+b") as file:
            for at, value in ((28, count), (92, valid)):
                if value is not None:
                    file.seek(at)
                    file.write(value.to_bytes(4, "big"))
        what = f"{mode}: page count {count}, valid for {valid}"
        application = sqlite3.connect(db, isolation_level=None)
        if mode == "wal":
            application.execute("select count(*) from t").fetchall()
        done = tool("restore", "-d", db)
        check(what + ": restored", done.returncode == 0 and state(db) == wanted, done)
        seen = application.execute("select count(*) from t where a = 'changed'").fetchall()
        check(what + ": the application sees it", seen == [(0,)], seen)
        check(what + ": sound", application.execute("pragma integrity_check").fetchall() == [("ok",)])
        application.close()


def main():
    pieces = [(bad_files, mode) for mode in ("delete", "wal")]
    pieces += [(zeros_at_the_end, mode) for mode in ("delete", "wal")]
    pieces += [(stale_logs,), (links,), (closed_wal_database,)]
    pieces += [(untrusted_page_count, mode) for mode in ("delete", "wal")]
    for piece, *arguments in pieces:
        if in_this_part():
            with tempfile.TemporaryDirectory() as folder:
                piece(folder, *arguments)
    finish("bad files")


main()
