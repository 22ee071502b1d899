#!/usr/bin/env python3
"""order.py PROGRAM: what is written, synced and removed, in which order. A kill cannot show a missing sync, since what was written is
still in memory: only the trace can. Needs strace."""
import os
import re
import sqlite3
import tempfile

from state_lab import change, check, copy, finish, in_this_part, make, run, state, tool, PROGRAM

os.environ["ASAN_OPTIONS"] = "detect_leaks=0"  # the leak checker of a sanitized build does not work under strace

if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"

CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename,renameat2,link,linkat,close,fcntl,mkdir"


def trace(words, name_of):
    """The calls on files that `name_of` gives a name, as "call name", runs of one call as one."""
    log = tempfile.mktemp()
    done = run("strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "16", "-o", log, "-e", "trace=" + CALLS, PROGRAM, *words)
    check(f"{words}", done.returncode == 0, done)
    with open(log, encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    os.unlink(log)
    steps = []
    for line in lines:
        match = re.match(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)", line)
        if not match or int(match[3]) < 0:
            continue
        call, arguments = match[1], match[2]
        described = re.match(r"\d+<([^>]*)>", arguments)
        paths = [described[1]] if described else re.findall(r'"([^"]*)"', arguments)
        names = [name for name in (name_of(path) for path in paths) if name]
        if not names or call in ("close",) or (call == "openat" and "O_CREAT" not in arguments):
            continue
        if call == "openat":
            call = "create"
        if call == "fcntl" and "F_UNLCK" not in arguments:
            continue
        if call == "pwrite64" and names == ["journal"]:  # the header comes last, at offset 0
            call = "write header of" if arguments.endswith(", 0") else "write records of"
        call = {"fdatasync": "sync", "fsync": "sync", "pwrite64": "write", "renameat2": "rename", "fcntl": "unlock"}.get(call, call)
        step = call + " " + " ".join(names)
        if not steps or steps[-1] != step:
            steps.append(step)
    return steps


def names_for(db):
    folder = os.path.dirname(db)
    known = {db: "database", db + "-journal": "journal", db + "-wal": "wal", folder: "folder"}

    def name_of(path):
        if path.startswith(folder + "/#"):  # without a name yet
            return "journal"
        return known.get(path.removesuffix(" (deleted)"))

    return name_of


PAGES = ["write records of journal", "write header of journal", "sync journal", "linkat journal", "sync folder", "write database", "sync database",
         "unlink journal", "sync folder", "unlock database"]


def restore_by_pages(folder, mode, kind):
    """The whole list, since one write of the database before the folder's sync is one too many."""
    db = folder + "/x.db"
    make(db, mode)
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    wanted = state(db)
    change(db, kind)
    for name in os.listdir(db + ".snapshots"):
        if name.startswith(".dbfixture-stamp"):
            os.unlink(os.path.join(db + ".snapshots", name))
    steps = [s for s in trace(["restore", "-d", db], names_for(db)) if "wal" not in s]
    first = steps.index(PAGES[0]) if PAGES[0] in steps else 0
    steps = steps[first:]
    expected = list(PAGES)
    if kind == "grow":  # the file becomes shorter: cut once its pages are safe
        expected[7:7] = ["ftruncate database", "sync database"]
    while steps and steps[-1] == "unlock database" and steps[-2] == "unlock database":
        steps.pop()
    seen = [s for s in steps if s != "ftruncate journal"]
    check(f"restore in mode {mode} after {kind}: exactly these calls, in this order", seen == expected, (seen, expected))
    check(f"restore in mode {mode} after {kind}: restored", state(db) == wanted)


def restore_by_log(folder):
    """Beside an application in WAL mode: the frames are synced before the index tells of them; the database is written after that."""
    db = folder + "/x.db"
    make(db, "wal")
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    change(db, "rows")
    application = sqlite3.connect(db)
    application.execute("select count(*) from t").fetchall()
    steps = trace(["restore", "-d", db], names_for(db))
    application.close()
    steps = [step for step in steps if not step.startswith(("unlock", "ftruncate"))]
    check("restore by the log: written, synced, its folder too, and only then copied into the database, which is synced before the log goes",
          steps == ["create wal", "write wal", "sync wal", "sync folder", "sync wal", "write database", "sync database"], steps)


def restore_of_nothing(folder):
    db, store = folder + "/d/x.db", folder + "/s"
    os.mkdir(folder + "/d")
    make(db, "delete")
    check("snapshot", tool("snapshot", "-d", db, "--store", store).returncode == 0)
    os.unlink(db)

    def name_of(path):
        if path.startswith((folder + "/d/#", "/proc/self/fd/")):  # without a name
            return "new"
        return {folder + "/d": "folder", db: "database"}.get(path)

    steps = trace(["restore", "-d", db, "--store", store], name_of)
    check("a new database: written, synced, named, its folder synced",
          steps == ["write new", "sync new", "linkat new database", "sync folder"], steps)


def snapshot(folder, kind):
    db, store = folder + "/x.db", folder + "/x.db.snapshots"
    make(db, "delete")
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)

    def name_of(path):
        name = os.path.basename(path)
        if path == store or path == os.path.relpath(store):
            return "store"
        if not path.startswith(store) or ".dbfixture-stamp" in path or name in (".gitignore", ".dbfixture-store"):
            return None
        if ".json" in name:
            return "temporary manifest" if name.endswith(".tmp") and not ".jsonl" in name else "data" if ".jsonl" in name else "manifest"
        return "data"

    steps = [step for step in trace(["snapshot", "--force", "-d", db, *kind], name_of) if step not in ("unlock data", "ftruncate data")]
    steps = [step for i, step in enumerate(steps) if i == 0 or steps[i - 1] != step]
    check(f"snapshot {kind}: the data is synced under its name before the manifest leads to it, and the old data goes last",
          steps == ["create data", "write data", "sync data", "rename data data", "sync store", "create temporary manifest",
                    "write temporary manifest", "sync temporary manifest", "rename temporary manifest manifest", "sync store", "unlink data"],
          steps)


def log_holds_the_commit(folder):
    """Database and log alone, as a backup program copies them right after a restore beside a reader: the restored state."""
    db = folder + "/x.db"
    for size in (0, 4000):  # more frames than one region of the index holds
        make(db, "wal") if not os.path.exists(db) else None
        c = sqlite3.connect(db)
        c.executemany("insert into t(a, b) values(?, ?)", [(str(i), bytes(3900)) for i in range(size)])
        c.commit()
        c.close()
        check("snapshot", tool("snapshot", "--force", "-d", db).returncode == 0)
        wanted = state(db)
        change(db, "rows")
        c = sqlite3.connect(db)
        c.execute("update t set a = a || 'x', b = zeroblob(length(b))")
        c.commit()
        c.close()
        changed = state(db)
        reader = sqlite3.connect(db, isolation_level=None)
        reader.execute("begin")
        reader.execute("select count(*) from t").fetchall()
        done = tool("restore", "-d", db, "--json")
        check(f"{size} more rows: only what differs was written", '"way": "pages"' in done.stdout, done)
        check(f"{size} more rows: it is still in the log", os.path.getsize(db + "-wal") > 4096)
        copied = folder + "/copied.db"
        copy(db, copied)
        check(f"{size} more rows: a copy of database and log is the restored state", state(copied) == wanted != changed)
        copy(db, copied)
        os.unlink(copied + "-wal")
        check(f"{size} more rows: and it is the log that says so", state(copied) == changed)
        reader.close()


def truncation(folder):
    for mode in ("delete", "wal"):
        db = folder + f"/{mode}.db"
        make(db, mode)
        check("snapshot", tool("snapshot", "-d", db).returncode == 0)
        size = os.path.getsize(db)
        change(db, "grow")
        check("the database has grown", os.path.getsize(db) > size or mode == "wal")
        check("restore", tool("restore", "-d", db).returncode == 0)
        check(f"{mode}: a restored file has its old length again", os.path.getsize(db) == size, (os.path.getsize(db), size))


def lock_page(folder):
    """The page at 1 GiB is nobody's: SQLite locks there. The file is sparse, so that it takes little room."""
    db = folder + "/x.db"
    page = 65536
    lock = 0x40000000 // page + 1
    c = sqlite3.connect(db)
    c.executescript(f"pragma page_size={page}; create table t(id integer primary key, x); insert into t values(1, 'before')")
    c.close()
    size = 0x40000000 + 4 * page

    def rows():
        """With what does not add up, but for the pages that were never used."""
        c = sqlite3.connect(db)
        found = c.execute("select count(*), sum(length(x)) from t").fetchone()
        wrong = [line for (text,) in c.execute("pragma quick_check(100000)") for line in text.splitlines()
                 if "never used" not in line and not line.startswith("***")]
        c.close()
        return found, wrong

    def execute(sql):
        c = sqlite3.connect(db)
        c.execute(sql)
        c.commit()
        c.close()

    def restored_and_killed(what, wanted, sync):
        changed = rows()
        if os.path.getsize(db) > lock * page:
            with open(db, "r+b") as file:  # what lies there is of no account
                file.seek((lock - 1) * page)
                file.write(b"lock" * 10)
        # Killed when all is written and cut: SQLite plays the journal back, up to its end.
        killed = run("strace", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", f"inject=fdatasync:signal=KILL:when={sync}", PROGRAM,
                     "restore", "-d", db)
        check(f"{what}: killed", killed.returncode in (137, -9) and os.path.exists(db + "-journal"), killed)
        check(f"{what}, killed: as before", rows() == changed, changed)
        done = tool("restore", "-d", db)
        check(f"{what}: restored", done.returncode == 0 and rows() == wanted, done)

    with open(db, "r+b") as file:  # by hand: the next rows will lie on both sides of the lock page
        file.truncate((lock - 3) * page)
        file.seek(24)
        counter = file.read(4)
        file.seek(28)
        file.write((lock - 3).to_bytes(4, "big"))
        file.seek(92)
        file.write(counter)
    execute("insert into t values(2, zeroblob(10))")
    below = rows()
    check("snapshot", tool("snapshot", "-d", db).returncode == 0)
    execute(f"insert into t values(3, zeroblob({6 * page}))")
    check("the file reaches beyond the lock page, and takes little room",
          os.path.getsize(db) > (lock + 2) * page and os.stat(db).st_blocks * 512 < 1 << 24, os.stat(db))
    above = rows()
    restored_and_killed("what lies beyond the lock page is cut off", below, 2)
    check("the file has its old length again", os.path.getsize(db) == (lock - 3) * page, os.path.getsize(db))
    execute(f"insert into t values(3, zeroblob({6 * page}))")
    check("snapshot", tool("snapshot", "--force", "-d", db).returncode == 0)
    execute("update t set x = x'01' || x where id = 3")
    restored_and_killed("a row beyond it is changed", above, 1)
    with open(db, "rb") as file:
        file.seek((lock - 1) * page)
        check("the lock page is left alone", file.read(40) == b"lock" * 10)


def main():
    pieces = [(restore_by_pages, mode, kind) for mode in ("delete", "wal") for kind in ("rows", "grow", "shrink")]
    pieces += [(restore_by_log,), (restore_of_nothing,), (snapshot, []), (snapshot, ["--serialized"]), (log_holds_the_commit,), (truncation,), (lock_page,)]
    for piece, *arguments in pieces:
        if in_this_part():
            with tempfile.TemporaryDirectory() as folder:
                piece(folder, *arguments)
    finish("order")


main()
