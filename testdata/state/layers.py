#!/usr/bin/env python3
"""layers.py PROGRAM [--all]: push, pop, reset and layers beside an application that has the database open, with owners that live and die,
damaged stacks, kills at any moment, and stores of every kind."""
import glob
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from state_lab import PROGRAM, change, check, copy, finish, folder_for_all, in_this_part, make, nobody, program_for_all, run, sidecars, state, tool

for variable in ("DATABASE_URL", "DBFIXTURE_DATABASE", "DBFIXTURE_RUN"):
    os.environ.pop(variable, None)
ALL = "--all" in sys.argv
MODES = ("delete", "wal")
ROWS = [{"model": "account", "pk": 1000 + i, "fields": {"v": i}} for i in range(50)]


def fixture(folder, rows=None, name="rows.json"):
    path = f"{folder}/{name}"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(ROWS if rows is None else rows, file)
    return path


def app(path):
    return sqlite3.connect(path, isolation_level=None, timeout=2)


def do(db, command, *words, **options):
    return tool(command, "-d", db, *words, **options)


def good(what, done, *texts):
    check(what, done.returncode == 0 and all(text in done.stdout + done.stderr for text in texts), done)


def fails(what, done, status, *texts):
    check(what, done.returncode == status and all(text in done.stderr for text in texts), done)


def stack(db, *words):
    return json.loads(do(db, "layers", "--json", *words).stdout)["layers"]


def nothing_left(what, db):
    """The folder of layers alone goes with the last of them."""
    check(f"{what}: the store is gone", not os.path.exists(db + ".snapshots"), glob.glob(db + ".snapshots/.*") + glob.glob(db + ".snapshots/*"))


def sleeper():
    return subprocess.Popen(["sleep", "1000"])


def end(process):
    process.kill()
    process.wait()


def beside_an_application(folder):
    """Its connection stays valid throughout, with the statements that it has prepared, and sees each state."""
    rows = fixture(folder)
    for mode in MODES:
        db = f"{folder}/app-{mode}.db"
        make(db, mode)
        before = state(db)
        c = app(db)
        count, insert = "select count(*), sum(v) from account", "insert into account(v) values(7)"

        def counted(expected, what):
            seen = c.execute(count).fetchone()
            check(f"{mode}: the application sees {what}", seen == expected, seen)

        counted((100, 0), "its rows")
        good(f"{mode}: push", do(db, "push", "testrun"))
        good(f"{mode}: push with a fixture", do(db, "push", "feature", rows), "Pushed layer", "2 deep")
        feature = state(db)
        counted((150, 1225), "the fixture")
        for i in range(3):
            c.execute(insert)
            c.execute("delete from t where id < 100")
            counted((151, 1232), "what it wrote")
            good(f"{mode}: reset {i}", do(db, "reset"), "Reset to layer")
            counted((150, 1225), "the reset")
            check(f"{mode}: reset {i} is exact", state(db) == feature)
        c.execute("create table extra(x)")
        c.execute("drop table u")
        c.execute("alter table account add column w")
        c.execute("pragma user_version = 12")
        good(f"{mode}: reset of a changed schema", do(db, "reset"))
        counted((150, 1225), "the schema of before")
        check(f"{mode}: and it is exact", state(db) == feature)
        c.execute(insert)
        check(f"{mode}: sequences go back", c.execute("insert into t(a) values('x') returning id").fetchone() == (601,))
        good(f"{mode}: push of what is there", do(db, "push", "scenario"), "3 deep")
        scenario = state(db)
        c.execute("delete from account")
        good(f"{mode}: reset of the third", do(db, "reset"))
        check(f"{mode}: it is as it was pushed", state(db) == scenario)
        good(f"{mode}: pop by name", do(db, "pop", "feature"), '"scenario"', '"feature"')
        counted((100, 0), "the pop")
        c.execute(insert)
        check(f"{mode}: one layer is left", [one["name"] for one in stack(db)] == ["testrun"])
        good(f"{mode}: push again", do(db, "push", "next", rows))
        counted((151, 1232), "the next layer over what was written to the first")
        good(f"{mode}: pop", do(db, "pop"))
        good(f"{mode}: reset of the lowest", do(db, "reset"))
        counted((100, 0), "the lowest layer")
        c.execute(insert)
        good(f"{mode}: pop --all", do(db, "pop", "--all"))
        check(f"{mode}: all is as before", state(db) == before)
        fails(f"{mode}: no layer is open", do(db, "reset"), 4, "push NAME")
        c.execute(insert)
        counted((101, 7), "its own rows afterwards")
        c.close()
        nothing_left(mode, db)


def shapes(folder):
    """Layers over changes of every shape: grown, cut off, vacuumed, with other pages; by file and by log."""
    for mode in MODES:
        for page_size in (512, 4096, 65536):
            db = f"{folder}/{mode}-{page_size}.db"
            make(db, mode, page_size)
            states = [state(db)]
            for name, kind in (("one", "rows"), ("two", "shrink"), ("three", "page_size"), ("four", "rows")):
                good(f"{mode} {page_size}: push {name}", do(db, "push", name))
                change(db, kind)
                states.append(state(db))
            good(f"{mode} {page_size}: push five", do(db, "push", "five"))
            change(db, "grow")
            good(f"{mode} {page_size}: reset", do(db, "reset"))
            check(f"{mode} {page_size}: reset is exact", state(db) == states[-1])
            for name in ("five", "four", "three", "two", "one"):
                good(f"{mode} {page_size}: pop {name}", do(db, "pop"))
                check(f"{mode} {page_size}: as before {name}", state(db) == states.pop())
            nothing_left(f"{mode} {page_size}", db)


def owners(folder):
    """A layer is popped by its owner and what that started; by others once it is dead, or by force."""
    db = folder + "/owners.db"
    make(db, "delete")
    before = state(db)
    owner = sleeper()
    good("push for another", do(db, "push", "a", "--owner", str(owner.pid)))
    listed = stack(db)[0]
    check("layers tells the owner", listed["owner"] == {"pid": owner.pid, "alive": True}, listed)
    good("in words", do(db, "layers"), f"process {owner.pid} (sleep)")
    change(db, "rows")
    changed = state(db)
    for words in (["pop"], ["pop", "a"], ["pop", "--all"], ["push", "--anew", "a"], ["layers", "--clear"]):
        fails(f"{words} of a living owner", do(db, *words), 5, f"process {owner.pid} (sleep)", "--force")
        check(f"{words}: nothing changed", state(db) == changed and len(stack(db)) == 1)
    fails("restore of a snapshot beside a living owner", do(db, "restore", "none"), 4)
    good("reset is anybody's", do(db, "reset"))
    check("and done", state(db) == before)
    good("pop --force", do(db, "pop", "--force"))
    nothing_left("popped by force", db)

    good("push for another", do(db, "push", "a", "--owner", str(owner.pid)))
    good("and one of our own above it", do(db, "push", "b"))
    good("our own is popped", do(db, "pop"))
    fails("but not the one below", do(db, "pop"), 5, "sleep")
    good("push --anew --force", do(db, "push", "--anew", "--force", "a", "--owner", str(owner.pid)))
    change(db, "rows")
    end(owner)
    good("the owner is dead", do(db, "layers"), f"process {owner.pid}, ended")
    good("push --anew after it was killed", do(db, "push", "--anew", "a"))
    check("what it wrote is gone", state(db) == before)
    good("our grandchildren pop what is ours", run("sh", "-c", f'sh -c "{PROGRAM} pop -d {db}; exit \\$?"; exit $?'))
    good("push by a shell that ends", run("sh", "-c", f"{PROGRAM} push -d {db} ci; true"))
    change(db, "rows")
    good("its layer still answers reset", do(db, "reset"))
    check("which works", state(db) == before)
    good("and pop, by anybody", do(db, "pop"))
    gone = sleeper()
    end(gone)
    fails("an owner that is not there", do(db, "push", "a", "--owner", str(gone.pid)), 2, str(gone.pid))
    nothing_left("owners", db)
    if run("unshare", "--pid", "--fork", "--mount-proc", "true").returncode == 0:
        good("push in another container", run("unshare", "--pid", "--fork", "--mount-proc", PROGRAM, "push", "-d", db, "far"))
        fails("whether its owner lives cannot be told here", do(db, "pop"), 5, "container", "--force")
        good("by force", do(db, "pop", "--force"))


def way_out(what, db, *words):
    good(f"{what}: the way out", do(db, "layers", "--clear", *words))
    good(f"{what}: a new layer", do(db, "push", "new"))
    good(f"{what}: which works", do(db, "pop"))
    nothing_left(what, db)


def stale(folder):
    """Refused with a way out: a database that was replaced, a store that has lost or damaged its files."""
    db = folder + "/stale.db"
    for name, spoil in (
            ("replaced", lambda files: (os.rename(db, db + ".old"), make(db, "delete"))),
            ("copied over", lambda files: (copy(db, db + ".new"), os.rename(db + ".new", db))),
            ("lost one", lambda files: os.unlink(files[0])),
            ("lost all", lambda files: [os.unlink(file) for file in files])):
        make(db, "delete")
        good(f"{name}: push", do(db, "push", "a"))
        change(db, "rows")
        good(f"{name}: push", do(db, "push", "b"))
        spoil(sorted(glob.glob(db + ".snapshots/layer*")))
        now = state(db)
        for words in (["reset"], ["pop"], ["push", "c"], ["layers", "--recover"]):
            fails(f"{name}: {words}", do(db, *words), 3, "layers --clear")
        good(f"{name}: layers says so", do(db, "layers"), "layers --clear")
        check(f"{name}: the database stays", state(db) == now)
        if name == "copied over":
            other = subprocess.Popen(["sleep", "100"])
            make(db + ".other", "delete")
            do(db + ".other", "push", "--owner", str(other.pid), "a")
            copy(db + ".other", db + ".new")
            os.rename(db + ".new", db + ".other")
            fails("push --anew over a stale stack of others who live", do(db + ".other", "push", "--anew", "a"), 3, "layers --clear")
            other.kill()
            other.wait()
            good("and once they have ended", do(db + ".other", "push", "--anew", "a"), "forgotten")
            good("pop", do(db + ".other", "pop"))
            os.unlink(db + ".other")
            good("push --anew over a stale stack of one's own", do(db, "push", "--anew", "a"), "forgotten")
            now = state(db)
        way_out(name, db)
        check(f"{name}: the database stays", state(db) == now)
        os.unlink(db)

    for name, at in (("begin", 0), ("middle", 0.5), ("end", -1)):
        make(db, "delete")
        good(f"damaged at the {name}: push", do(db, "push", "a"))
        change(db, "rows")
        good(f"damaged at the {name}: push", do(db, "push", "b"))
        change(db, "rows")
        now = state(db)
        for file in glob.glob(db + ".snapshots/layer*"):
            size = os.path.getsize(file)
            with open(file, "r+b") as damaged:
                damaged.seek(int(size * at) if at >= 0 else size - 1)
                byte = damaged.read(1)
                damaged.seek(-1, os.SEEK_CUR)
                damaged.write(bytes([byte[0] ^ 0x55]))
        for words in (["reset"], ["pop"], ["pop", "--all"]):
            fails(f"damaged at the {name}: {words}", do(db, *words), 6, "layers --clear")
            check(f"damaged at the {name}: {words}: the database stays", state(db) == now)
        way_out(f"damaged at the {name}", db)
        os.unlink(db)

    for name, spoil in (("cut", lambda text: text[:len(text) // 2]), ("empty", lambda text: ""), ("not JSON", lambda text: "{" + text),
                        ("another", lambda text: text.replace('"layers"', '"players"')), ("a list", lambda text: "[]")):
        make(db, "delete")
        good(f"record {name}: push", do(db, "push", "a"))
        record = glob.glob(db + ".snapshots/.dbfixture-layers-*.json")[0]
        with open(record, encoding="utf-8") as file:
            text = file.read()
        with open(record, "w", encoding="utf-8") as file:
            file.write(spoil(text))
        now = state(db)
        for words in (["reset"], ["pop"], ["push", "c"], ["layers"], ["run", "--", "true"]):
            done = do(db, *words)
            check(f"record {name}: {words}", done.returncode in (6, 125) and record in done.stderr and "layers --clear" in done.stderr, done)
        good(f"record {name}: loaddata does not mind", do(db, "loaddata", fixture(folder)))
        good(f"record {name}: flush does not mind", do(db, "flush", "account", "--no-input"))
        way_out(f"record {name}", db)
        os.unlink(db)


def beside_readers(folder):
    for mode in MODES:
        db = f"{folder}/readers-{mode}.db"
        make(db, mode)
        good(f"{mode}: push", do(db, "push", "a"))
        before = state(db)
        reader = app(db)
        reader.execute("begin")
        reader.execute("select count(*) from u").fetchone()
        for i in range(3):
            good(f"{mode}: reset of an untouched database beside an open reader", do(db, "reset"), "nothing had changed")
        time.sleep(0.05)
        reader.execute("rollback")
        change(db, "rows")
        reader.execute("begin")
        seen = reader.execute("select count(*) from u").fetchone()
        done = do(db, "reset", "--busy-timeout", "100")
        if mode == "delete":
            fails("delete: something to write beside an open reader", done, 5, f"process {os.getpid()}")
        else:
            good("wal: done beside an open reader", done)
            check("wal: the process that still sees the old rows is named", f"process {os.getpid()} (" in done.stderr, done)
            check("wal: it still sees them", reader.execute("select count(*) from u").fetchone() == seen)
        reader.execute("rollback")
        good(f"{mode}: once it has ended", do(db, "reset"))
        check(f"{mode}: all is back", state(db) == before)
        check(f"{mode}: for the reader, too", reader.execute("select count(*) from u").fetchone() == (200,))

        reader.execute("begin immediate")
        reader.execute("delete from u")
        for words in (["reset"], ["pop"]):
            fails(f"{mode}: {words} inside the caller's own transaction", do(db, *words, "--busy-timeout", "100"), 5, "process")
        reader.execute("rollback")
        check(f"{mode}: the transaction did not matter", state(db) == before)
        good(f"{mode}: pop", do(db, "pop", "--all"))
        reader.close()
        nothing_left(f"{mode} readers", db)


def failed_loads(folder):
    bad = fixture(folder, ROWS + [{"model": "account", "pk": 1, "fields": {"nov": 1}}], "bad.json")
    for mode in MODES:
        db = f"{folder}/failed-{mode}.db"
        make(db, mode)
        c = app(db)
        for depth in (0, 1):
            before = state(db)
            for words, status in (([bad], 6), ([fixture(folder), bad], 6), (["missing"], 4), ([bad, "--replace"], 6),
                                  ([fixture(folder), "--only", "nothing"], None)):
                done = do(db, "push", "a", *words)
                check(f"{mode} {depth}: push {words} fails", done.returncode == status or (status is None and done.returncode != 0), done)
                check(f"{mode} {depth}: and changes nothing", state(db) == before)
                check(f"{mode} {depth}: no layer is left", len(stack(db)) == depth, stack(db))
            if depth == 0:
                nothing_left(f"{mode} failed loads", db)
                good(f"{mode}: push", do(db, "push", "below", fixture(folder)))
        good(f"{mode}: pop", do(db, "pop"))
        c.close()

        large = fixture(folder, [{"model": "account", "pk": 1000 + i, "fields": {"v": i}} for i in range(60000)], "large.json")
        before = state(db)
        ended = 0
        for i, number in enumerate((signal.SIGINT, signal.SIGTERM, signal.SIGHUP) * 5):
            process = subprocess.Popen([PROGRAM, "push", "-d", db, "a", large], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            deadline = time.monotonic() + 10
            while not glob.glob(db + ".snapshots/.dbfixture-layers-*.json") and time.monotonic() < deadline:
                time.sleep(0.002)
            time.sleep(0.01 * (i % 6))
            process.send_signal(number)
            said = process.communicate()[1]
            if process.returncode == 0:  # it was faster
                good(f"{mode}: pop", do(db, "pop"))
                continue
            ended += 1
            check(f"{mode}: a push that {number.name} ends", process.returncode == 128 + number, (process.returncode, said))
            check(f"{mode}: {number.name} leaves no layer and the database", (stack(db), state(db)) == ([], before), stack(db))
        check(f"{mode}: signals came in time", ended > 0)
        nothing_left(f"{mode} interrupted", db)


def killed(folder):
    """kill -9 at any moment: the next call finishes or undoes it, and says so."""
    chance = random.Random(12)
    times = 200 if ALL else 50
    rows = fixture(folder)
    for command in ("push", "pop", "reset"):
        seen = {"done": 0, "undone": 0, "not begun": 0}
        most = 0.03
        for i in range(times):
            mode = MODES[i % 2]
            db = f"{folder}/{command}-{mode}.db"
            if not os.path.exists(db):
                make(db, mode)
            below = state(db)
            deep = i % 3 == 0
            if deep:
                do(db, "push", "below")
            words = ["push", "layer", rows] if command == "push" else [command]
            if command != "push":
                do(db, "push", "layer", rows)
                after = state(db)
                change(db, "rows")
            c = app(db) if i % 4 < 2 else None
            if c:
                c.execute("select count(*) from t").fetchone()
            process = subprocess.Popen([PROGRAM, *words[:1], "-d", db, *words[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            begun = time.monotonic()
            if i < 3:
                process.wait()
                most = max(most, 1.1 * (time.monotonic() - begun))
            else:
                time.sleep(chance.random() * most)
            process.kill()
            process.wait()
            left = stack(db)
            unfinished = bool(left) and not left[-1]["open"]
            what = f"{command} {i} ({mode}, deep {deep}) killed"
            if command == "push":
                mended = do(db, ("reset", "pop", "push")[i % 3], *(["again"] if i % 3 == 2 else []))
                check(f"{what}: the undoing is said", unfinished == ("The push of layer" in mended.stdout + mended.stderr), (left, mended))
                check(f"{what}: mended", mended.returncode in (0, 4), mended)
                seen["undone" if unfinished else "done" if len(left) > deep else "not begun"] += 1
            elif command == "reset":
                mended = do(db, "reset")
                check(f"{what}: the next is done", mended.returncode == 0 and state(db) == after, mended)
            else:
                mended = do(db, "pop") if len(left) > deep else None
                seen["not begun" if mended else "done"] += 1
                check(f"{what}: the next is done", mended is None or mended.returncode == 0, mended)
            closed = do(db, "pop", "--all")
            check(f"{what}: all is popped", closed.returncode == 0 or "no layer is open" in closed.stderr, closed)
            check(f"{what}: all is as before", state(db) == below)
            if c:
                check(f"{what}: and for the application", c.execute("select count(*) from account").fetchone() == (100,))
                c.close()
            do(db, "push", "sweep")
            do(db, "pop")
            nothing_left(what, db)
        if ALL:
            print(command, seen)


def sizes(folder):
    """Layers that change little take little, whatever the database's size."""
    for mode, page_size in (("delete", 4096), ("wal", 512), ("wal", 65536)):
        db = f"{folder}/size-{mode}-{page_size}.db"
        make(db, mode, page_size)
        c = app(db)
        c.execute("insert into u with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) select i, randomblob(6000) from n")
        good("push", do(db, "push", "one"))
        for i in range(8):
            good("push", do(db, "push", f"unchanged{i}"))
            c.execute("update account set v = v + 1 where id = 5")
        listed = stack(db)
        check(f"{mode} {page_size}: the lowest is as large as the database", listed[0]["bytes"] > 12_000_000, listed[0])
        check(f"{mode} {page_size}: others take below 1 MB", all(one["bytes"] < 1_000_000 for one in listed[1:]), [one["bytes"] for one in listed])
        used = int(run("du", "-sk", db + ".snapshots").stdout.split()[0])
        check(f"{mode} {page_size}: also on the disk", used < listed[0]["bytes"] // 1024 + 3000, used)
        good("pop", do(db, "pop", "--all"))
        check(f"{mode} {page_size}: popped", c.execute("select v from account where id = 5").fetchone() == (0,))
        c.close()
        nothing_left(f"{mode} {page_size}", db)


def stores(folder):
    """Databases that share a store do not disturb one another; nobody's files are touched."""
    store = folder + "/shared"
    names = [f"{folder}/{name}.db" for name in ("a", "b", "c")]
    for db in names:
        make(db, "wal")
    before = [state(db) for db in names]
    for db in names:
        good("push", do(db, "push", "x", fixture(folder), "--store", store))
        good("push", do(db, "push", "y", "--store", store))
    for db in names:
        check("each has its own layers", [one["name"] for one in stack(db, "--store", store)] == ["x", "y"])
    good("one is cleared", do(names[0], "layers", "--clear", "--store", store), "2 layers")
    change(names[1], "rows")
    for db, was in list(zip(names, before))[1:]:
        good("others pop", do(db, "pop", "--all", "--store", store))
        check("and are as before", state(db) == was)
    check("the shared store is gone", not os.path.exists(store), os.path.exists(store) and os.listdir(store))
    os.mkdir(store)
    with open(store + "/mine.txt", "w", encoding="ascii") as file:
        file.write("mine")
    good("in a folder of others", do(names[0], "push", "x", "--store", store))
    good("pop", do(names[0], "pop", "--store", store))
    check("only its files stay", os.listdir(store) == ["mine.txt"], os.listdir(store))

    db = names[2]
    good("a snapshot", do(db, "snapshot", "kept"))
    good("push", do(db, "push", "x"))
    good("another", do(db, "snapshot", "other"))
    good("snapshots list no layer", do(db, "snapshots"), "kept", "other")
    good("a deleted snapshot is no layer's", do(db, "snapshots", "delete", "kept", "other"))
    change(db, "rows")
    good("reset", do(db, "reset"))
    check("works", state(db) == before[2])
    good("pop", do(db, "pop"))
    nothing_left("with the last of both", db)
    good("push of a database", do(db, "push", "x"))
    os.unlink(db)
    check("that is gone: its layers are cleared", do(db, "layers", "--clear").returncode == 0)
    nothing_left("a database that is gone", db)


def no_locks(folder):
    """A file system without locks, and one that may only be read: refused, with nothing changed."""
    db = folder + "/locks.db"
    make(db, "delete")
    before = state(db)
    if run("strace", "-o", "/dev/null", "true").returncode == 0:
        def without(command, *words):
            return run("strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=flock", "-e", "inject=flock:error=ENOLCK",
                       PROGRAM, command, "-d", db, *words)

        for words in (["push", "a"], ["run", "--", "sh", "-c", "echo started"]):
            done = without(*words)
            check(f"{words} without locks", done.returncode in (7, 125) and "no locks" in done.stderr and "--store" in done.stderr
                  and "started" not in done.stdout, done)
        nothing_left("no locks", db)
        good("push", do(db, "push", "a"))
        for words in (["pop"], ["reset"]):
            fails(f"{words} without locks", without(*words), 7, "no locks", "--store")
        good("pop", do(db, "pop"))
        check("nothing changed", state(db) == before)
    public = folder_for_all()
    if os.geteuid() != 0 or public is None:
        return
    with tempfile.TemporaryDirectory(dir=public) as place:
        program = program_for_all(place)
        db = place + "/x.db"
        make(db, "delete")
        os.chmod(db, 0o666)
        before = sorted(os.listdir(place))
        for words in (["push", "a"], ["reset"], ["pop"], ["run", "--", "echo", "started"]):
            done = run(program, words[0], "-d", db, *words[1:], preexec_fn=nobody, env={**os.environ, "TMPDIR": "/tmp"})
            status = {"push": (7,), "run": (7, 125)}.get(words[0], (4,))
            check(f"{words} in a folder that may only be read", done.returncode in status and "started" not in done.stdout, done)
            check(f"{words} leaves nothing there", sorted(os.listdir(place)) == before, os.listdir(place))


def restores(folder):
    """`restore NAME` with layers open, and tables that are kept."""
    db = folder + "/restores.db"
    make(db, "delete")
    good("snapshot", do(db, "snapshot", "first"))
    first = state(db)
    good("push", do(db, "push", "a"))
    change(db, "rows")
    now = state(db)
    fails("restore beside a layer of the living", do(db, "restore", "first"), 3, "pop --all", "--force")
    check("nothing changed", state(db) == now and len(stack(db)) == 1)
    good("restore --force", do(db, "restore", "first", "--force"), "forgotten")
    check("is done, and the layers are gone", state(db) == first and stack(db) == [])
    good("push of one that ends", run("sh", "-c", f"{PROGRAM} push -d {db} a; true"))
    change(db, "rows")
    good("restore drops layers of the dead, and says so", do(db, "restore", "first"), "forgotten")
    check("is done", state(db) == first and stack(db) == [])

    good("push", do(db, "push", "a", fixture(folder)))
    c = app(db)
    for words in (["reset"], ["pop"]):
        c.execute("delete from u where x < 150")
        c.execute("delete from account")
        good(f"{words} --keep", do(db, *words, "--keep", "u"))
        check(f"{words} --keep: kept and put back", c.execute("select (select count(*) from u), (select count(*) from account)").fetchone()
              == (50, 150 if words == ["reset"] else 100))
    c.close()
    good("push", do(db, "push", "a"))
    fails("--keep of a table that is not there", do(db, "reset", "--keep", "nothing"), 4, "nothing")
    good("the stack goes on", do(db, "pop"))


if __name__ == "__main__":
    for piece in (beside_an_application, shapes, owners, stale, beside_readers, failed_loads, killed, sizes, stores, no_locks, restores):
        if len(sys.argv) > 2 and sys.argv[2] != "--all" and piece.__name__ not in sys.argv[2:]:
            continue
        if in_this_part():
            with tempfile.TemporaryDirectory() as work:
                piece(work)
    finish("layers")
