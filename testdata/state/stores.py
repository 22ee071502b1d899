#!/usr/bin/env python3
"""stores.py PROGRAM: what a store folder does to a folder that belongs to somebody, and to stores of the version before markers."""
import fcntl
import os
import shutil
import sqlite3
import stat
import subprocess
import tempfile
import time

from state_lab import check, finish, state, tool, PROGRAM

if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"

MARKER = ".dbfixture-store"
OTHERS = {".notes.tmp": "my notes", "backup-0123456789abcdef.db": "my backup", ".stamp-x": "?", "package.json": '{"name": "x"}', ".gitignore.tmp": "y"}


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def own(folder):
    """The names in a store without their random part, and without stamps, which not every file system gets."""
    return sorted(name[:-29] + "ID" + name[-13:] if name.endswith(".dbfixture.db") else name
                  for name in os.listdir(folder) if not name.startswith(".dbfixture-stamp"))


def database(folder, name="x.db", value=1):
    path = os.path.join(folder, name)
    c = sqlite3.connect(path)
    c.executescript(f"create table t(id integer primary key, v); insert into t values(1, {value}), (2, 2)")
    c.close()
    return path


def peoples_folder(folder, store_option, cwd):
    """Twice, since the second run is the one that cleans up."""
    db = database(folder)
    project = os.path.join(folder, "project")
    os.mkdir(project)
    for name, text in OTHERS.items():
        write(os.path.join(project, name), text)
    options = store_option(project)
    for name in ("one", "package", "one"):
        done = tool("snapshot", "-d", db, name, "--force", *options, cwd=cwd(project))
        check(f"{options}: a snapshot in somebody's folder", done.returncode == 0, done)
    seen = {name: read(os.path.join(project, name)) for name in os.listdir(project) if name != "dbfixture.snapshots"}
    config = {name: text for name, text in seen.items() if name != "dbfixture.yaml"}
    check(f"{options}: every file of others is as it was, and no .gitignore came", config == OTHERS, config)
    done = tool("restore", "-d", db, "one", *options, cwd=cwd(project))
    check(f"{options}: and it is found again", done.returncode == 0, done)
    done = tool("snapshots", "delete", "one", "package", "-d", db, *options, cwd=cwd(project))
    check(f"{options}: with its last snapshot, only the own subfolder goes",
          done.returncode == 0 and "dbfixture.snapshots" not in os.listdir(project) and set(OTHERS) <= set(os.listdir(project)), done)


def empty_and_new_folders(folder):
    db = database(folder)
    for name, made in (("new", True), ("deep/er/new", True), ("empty", False)):
        store = os.path.join(folder, name)
        if not made:
            os.mkdir(store)
        check(f"{name}: snapshot", tool("snapshot", "-d", db, "--store", store).returncode == 0)
        wanted = [MARKER, "default-ID.dbfixture.db", "default.json"] + ([".gitignore"] if made else [])
        check(f"{name}: the folder itself is the store, ignored by git where dbfixture made it", own(store) == sorted(wanted), own(store))
        for other, text in OTHERS.items():
            write(os.path.join(store, other), text)
        check(f"{name}: snapshot", tool("snapshot", "-d", db, "more", "--store", store).returncode == 0)
        check(f"{name}: files of others in a marked store stay", all(read(os.path.join(store, o)) == t for o, t in OTHERS.items()))
        done = tool("snapshots", "delete", "package", "-d", db, "--store", store)
        check(f"{name}: a file of others is no snapshot to be deleted", done.returncode == 3 and "package.json" in os.listdir(store), done)
        done = tool("snapshot", "package", "--force", "-d", db, "--store", store)
        check(f"{name}: nor to be replaced", done.returncode == 3 and read(os.path.join(store, "package.json")) == OTHERS["package.json"], done)
        done = tool("snapshots", "rename", "more", "package", "--force", "-d", db, "--store", store)
        check(f"{name}: nor by a new name", done.returncode == 3 and read(os.path.join(store, "package.json")) == OTHERS["package.json"], done)
        for other in OTHERS:
            os.unlink(os.path.join(store, other))
        check(f"{name}: delete", tool("snapshots", "delete", "default", "more", "-d", db, "--store", store).returncode == 0)
        check(f"{name}: a folder that dbfixture made goes, another stays", os.path.isdir(store) != made, own(folder))
    write(folder + "/file", "not a folder")
    done = tool("snapshot", "-d", db, "--store", folder + "/file")
    check("a file is no store", done.returncode == 7 and "not a directory" in done.stderr and read(folder + "/file") == "not a folder", done)


def begun(folder):
    """A folder of which dbfixture was killed while it made it is the store, and goes as any other."""
    db = database(folder)
    for name in (".dbfixture-gitignore.tmp", ".dbfixture-dbfixture-store.tmp"):
        store = db + ".snapshots"
        os.mkdir(store)
        write(os.path.join(store, name), "")
        for words in (["snapshot", "one"], ["run", "--", "true"]):
            done = tool(words[0], "-d", db, *words[1:])
            check(f"begun, {name}: {words}", done.returncode == 0 and not {name, "dbfixture.snapshots"} & set(os.listdir(store)), done)
        check(f"begun, {name}: it goes with its last snapshot",
              tool("snapshots", "delete", "one", "-d", db).returncode == 0 and not os.path.exists(store), own(folder))


def remains_and_damage(folder):
    """What a killed dbfixture left goes, but never the data of a snapshot whose manifest is damaged."""
    db = database(folder)
    store = db + ".snapshots"
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    remains = [".dbfixture-default-00.tmp", "default-0123456789abcdef.dbfixture.db", "x-0123456789abcdef.dbfixture.jsonl.zst",
               ".dbfixture-stamp-default-0123456789abcdef.dbfixture.db"]
    for name in remains:
        write(os.path.join(store, name), "left")
    check("snapshot", tool("snapshot", "-d", db, "two").returncode == 0)
    check("remains are cleaned up", not set(remains) & set(os.listdir(store)), os.listdir(store))
    data = {name for name in os.listdir(store) if name.endswith(".dbfixture.db") and not name.startswith(".")}
    manifest = read(store + "/two.json")
    for what, text in (("cut short", manifest[:300]), ("empty", ""), ("of other bytes", "z" * 300), ("changed", manifest.replace("x.db", "y.db"))):
        write(store + "/two.json", text)
        for name in remains[:3]:
            write(os.path.join(store, name), "left")
        check("snapshot", tool("snapshot", "-d", db, "three", "--force").returncode == 0)
        left = set(os.listdir(store))
        check(f"a manifest {what}: the data of its snapshot stays", data <= left, left)
        check(f"a manifest {what}: so does other data that may belong to it, temporary files do not",
              set(remains[1:3]) <= left and remains[0] not in left, left)
    write(store + "/two.json", manifest)
    check("put back by hand, it is good", tool("snapshots", "verify", "two", "-d", db).returncode == 0)


def old_stores(folder):
    """A store that the version before markers made, alone and in a folder with files of others."""
    for others in (False, True):
        where = os.path.join(folder, "with others" if others else "alone")
        shutil.unpack_archive(os.path.join(os.path.dirname(__file__), "old_store.tar.gz"), where)
        db, store = where + "/x.db", where + "/x.db.snapshots"
        wanted, at_first = state(db), set(os.listdir(store))
        if others:
            for name, text in OTHERS.items():
                write(os.path.join(store, name), text)
        what = f"an old store, files of others {others}"
        alike = {"backup-0123456789abcdef.dbfixture.db": "my backup", ".dbfixture-notes.tmp": "my notes"} if others else {}
        for name, text in alike.items():
            write(os.path.join(store, name), text)
        for name in ("default", "rows"):
            c = sqlite3.connect(db)
            c.execute("delete from t")
            c.commit()
            c.close()
            done = tool("restore", name, "-d", db)
            check(f"{what}: {name} is restored", done.returncode == 0 and state(db) == wanted, done)
        done = tool("snapshots", "verify", "-d", db)
        check(f"{what}: its snapshots are good, and nothing else is one", done.stdout == "default: good\nrows: good\n", done)
        write(os.path.join(store, "orphan-0123456789abcdef.db"), "an orphan, or somebody's")
        done = tool("snapshot", "new", "-d", db)
        check(f"{what}: a new one lies beside them", done.returncode == 0, done)
        left = set(os.listdir(store))
        check(f"{what}: nothing went", at_first <= left and "orphan-0123456789abcdef.db" in left, left)
        check(f"{what}: nothing is cleaned up while it is not marked", all(read(os.path.join(store, n)) == t for n, t in alike.items()), left)
        check(f"{what}: it is marked if all is dbfixture's", (MARKER in left) != others, left)
        check(f"{what}: replaced", tool("snapshot", "--force", "-d", db).returncode == 0)
        check(f"{what}: the old data goes with it", not any(n.startswith("default-") and ".dbfixture." not in n for n in os.listdir(store)),
              os.listdir(store))
        done = tool("snapshots", "delete", "default", "rows", "new", "-d", db)
        left = sorted(os.listdir(store))
        check(f"{what}: all are deleted", done.returncode == 0 and not any(n.endswith(".zst") for n in left), left)
        check(f"{what}: files of others stay", not others or set(OTHERS) <= set(left), left)


def modes(folder):
    for mode in (0o600, 0o640, 0o664, 0o444):
        db = database(folder, f"{mode:o}.db")
        os.chmod(db, mode)
        for kind in ([],):
            check("snapshot", tool("snapshot", "-d", db, *kind).returncode == 0)
        os.unlink(db)
        old = os.umask(0o022)
        done = tool("restore", "-d", db)
        os.umask(old)
        check(f"a database that is made anew has mode {mode:o}", done.returncode == 0 and stat.S_IMODE(os.stat(db).st_mode) == mode,
              oct(os.stat(db).st_mode))


def another_folder_of_that_name(folder):
    """Whoever waited for a store that is then moved away does not write into it."""
    db, store = database(folder), folder + "/s"
    check("snapshot", tool("snapshot", "-d", db, "--store", store).returncode == 0)
    held = os.open(store, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    waiting = subprocess.Popen([PROGRAM, "snapshot", "new", "-q", "-d", db, "--store", store, "--busy-timeout", "20000"], stderr=subprocess.PIPE, text=True)
    time.sleep(0.3)
    os.rename(store, folder + "/moved")
    os.mkdir(store)
    other = os.open(store, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    os.close(held)
    time.sleep(0.5)
    check("a store that was moved away meanwhile: the new one is waited for, too", waiting.poll() is None)
    os.close(other)
    said = waiting.communicate()[1]
    check("a store that was moved away meanwhile: done in the new one", waiting.returncode == 0 and os.path.exists(store + "/new.json"), said)
    check("which is marked, and the old one as it was", os.path.exists(store + "/" + MARKER) and "new.json" not in os.listdir(folder + "/moved"))


def new_names(folder):
    """Where there is nothing to lose, a snapshot of another database needs no --force."""
    db = database(folder)
    store = folder + "/s"
    check("snapshot", tool("snapshot", "-d", db, "--store", store).returncode == 0)
    wanted = state(db)
    write(folder + "/empty.db", "")
    for name in ("new.db", "empty.db", "sub dir/new.db"):
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        done = tool("restore", "-d", os.path.join(folder, name), "--store", store)
        check(f"{name}: restored", done.returncode == 0 and state(os.path.join(folder, name)) == wanted, done)
    other = database(folder, "other.db", 7)
    before = state(other)
    done = tool("restore", "-d", other, "--store", store)
    check("a database with rows is refused", done.returncode == 3 and state(other) == before, done)
    done = tool("restore", "-d", folder + "/nowhere/new.db", "--store", store)
    check("a folder that is not there is said to be missing", done.returncode == 4 and "its folder does not exist" in done.stderr, done)


def main():
    with tempfile.TemporaryDirectory() as folder:
        peoples_folder(folder, lambda project: ["--store", "."], lambda project: project)
    with tempfile.TemporaryDirectory() as folder:
        peoples_folder(folder, lambda project: ["--store", project + "/"], lambda project: folder)
    with tempfile.TemporaryDirectory() as folder:
        def config(project):
            write(project + "/dbfixture.yaml", "store: .\n")
            return ["--config", project + "/dbfixture.yaml"]
        peoples_folder(folder, config, lambda project: project)
    for test in (empty_and_new_folders, begun, remains_and_damage, old_stores, modes, another_folder_of_that_name, new_names):
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
    finish("stores")


main()
