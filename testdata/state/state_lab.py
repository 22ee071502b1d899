"""What the process tests of snapshot and restore share: databases, changes, equality, running the program."""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv[1])
PART, PARTS = (int(number) for number in os.environ.get("DBFIXTURE_PART", "1/1").split("/"))
FAILED = []
pieces = 0


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, **options)


def tool(*words, **options):
    return run(PROGRAM, *words, **options)


def check(what, good, seen=""):
    if not good:
        FAILED.append(what)
        print("FAILED:", what, seen)


def finish(what):
    print(f"{what}: {len(FAILED)} failed")
    sys.exit(1 if FAILED else 0)


def in_this_part():
    """Asked before each piece of work: whether it is for this one of the processes that share the work (src/base/places_test.h)."""
    global pieces
    pieces += 1
    return (pieces - 1) % PARTS == PART - 1


def nobody():
    """For preexec_fn: root may write anything."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


def folder_for_all():
    """A folder for temporary ones that other users reach, since the usual one may stand where only its owner looks; or None."""
    for folder in (tempfile.gettempdir(), "/dev/shm", "/var/tmp", "/tmp"):
        child = os.fork()  # no other program: this Python may stand where they do not look
        if child == 0:
            nobody()
            os._exit(not os.access(folder, os.R_OK | os.W_OK | os.X_OK))
        if os.waitpid(child, 0)[1] == 0:
            return folder
    return None


def program_for_all(folder):
    """A copy of the program in `folder`, because the build may stand where other users do not look."""
    os.chmod(folder, 0o755)
    target = os.path.join(folder, "dbfixture")
    shutil.copy(PROGRAM, target)
    os.chmod(target, 0o755)
    return target


def make(path, mode, page_size=4096):
    c = sqlite3.connect(path)
    c.execute(f"pragma page_size={page_size}")
    c.execute(f"pragma journal_mode={mode}")
    c.executescript(
        "create table t(id integer primary key autoincrement, a text, b blob); create index i on t(a);"
        "create table u(x, y); create table account(id integer primary key, v int)")
    c.executemany("insert into t(a, b) values(?, ?)", [(str(i) * 5, os.urandom(300)) for i in range(600)])
    c.executemany("insert into u values(?, ?)", [(i, "x" * 50) for i in range(200)])
    c.executemany("insert into account values(?, 0)", [(i,) for i in range(100)])
    c.commit()
    c.close()


def change(path, kind):
    c = sqlite3.connect(path)
    if kind == "rows":
        c.execute("update t set a = 'changed' where id % 50 = 0")
        c.execute("delete from u where x % 3 = 0")
    if kind == "shrink":
        c.execute("delete from t where id > 50")
        c.commit()
        c.execute("vacuum")
    if kind == "grow":
        c.executemany("insert into t(a, b) values(?, ?)", [(str(i) * 5, os.urandom(900)) for i in range(900)])
        c.execute("create table w(q)")
        c.execute("drop table u")
        c.execute("pragma user_version = 9")
    if kind == "page_size":
        mode = c.execute("pragma journal_mode").fetchone()[0]
        c.execute("pragma journal_mode=delete")
        c.execute("pragma page_size=1024")
        c.execute("vacuum")
        c.execute(f"pragma journal_mode={mode}")
    c.commit()
    c.close()


def copy(source, target):
    """By another process: closing a file here would drop the locks of this process's connections (POSIX)."""
    for end in ("", "-wal", "-journal"):
        if os.path.exists(target + end):
            os.unlink(target + end)
        if os.path.exists(source + end):
            subprocess.run(["cp", source + end, target + end], check=True)
    if os.path.exists(target + "-shm"):
        os.unlink(target + "-shm")


def state(path):
    """Everything a client sees, read from a copy."""
    folder = path + ".look"
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    copy(path, folder + "/x.db")
    c = sqlite3.connect(folder + "/x.db")
    c.text_factory = bytes
    found = {"schema": c.execute("select type, name, sql from sqlite_master order by 1, 2").fetchall()}
    for pragma in ("user_version", "application_id", "encoding", "auto_vacuum", "integrity_check"):
        found[pragma] = c.execute("pragma " + pragma).fetchall()
    for (name,) in c.execute("select name from sqlite_master where type = 'table'").fetchall():
        quoted = '"' + name.decode().replace('"', '""') + '"'
        try:
            rows = c.execute(f"select rowid, * from {quoted} order by 1").fetchall()
        except sqlite3.Error:
            rows = c.execute(f"select * from {quoted} order by 1").fetchall()
        found[name] = [[(type(v), v) for v in row] for row in rows]
    c.close()
    shutil.rmtree(folder)
    return found


def sidecars(path):
    folder, name = os.path.split(path)
    return sorted(f for f in os.listdir(folder) if f.startswith(name + "-"))
