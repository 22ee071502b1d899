#!/usr/bin/env python3
"""run_recovery.py PROGRAM [--all]: `run` on the database itself, and how it is put back: however the command ends, whoever is killed, while
something of the run goes on, and with what a person did in between."""
import glob
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from state_lab import PROGRAM, change, check, finish, in_this_part, make, run, state, tool

for variable in ("DATABASE_URL", "DBFIXTURE_DATABASE", "DBFIXTURE_RUN"):
    os.environ.pop(variable, None)
ALL = "--all" in sys.argv
MODES = ("delete", "wal")
SPOIL = 'sqlite3 -cmd ".timeout 5000" "$DBFIXTURE_DATABASE" "DELETE FROM u; UPDATE t SET a = 1; CREATE TABLE left_over (x); PRAGMA user_version = 7"'


def do(db, command, *words, **options):
    return tool(command, "-d", db, *words, **options)


def during(db, *words, options=(), **more):
    return do(db, "run", *options, "--", *words, **more)


def good(what, done, *texts):
    check(what, done.returncode == 0 and all(text in done.stdout + done.stderr for text in texts), done)


def fails(what, done, status, *texts):
    check(what, done.returncode == status and all(text in done.stderr for text in texts), done)


def nothing_left(what, db):
    check(f"{what}: the store is gone", not os.path.exists(db + ".snapshots"), glob.glob(db + ".snapshots/.*") + glob.glob(db + ".snapshots/*"))


def ended(number):
    """Whether the process is gone, or only waits for a parent that does not ask."""
    try:
        with open(f"/proc/{number}/stat", encoding="latin-1") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def stop(number):
    try:
        os.kill(int(number), signal.SIGKILL)
    except ProcessLookupError:
        return
    while not ended(number):
        time.sleep(0.005)


def python(text, *arguments):
    return (sys.executable, "-c", "import os, sqlite3, subprocess, sys, time\npath = os.environ['DBFIXTURE_DATABASE']\n" + text, *arguments)


def fixture(folder):
    path = folder + "/rows.json"
    with open(path, "w", encoding="utf-8") as file:
        json.dump([{"model": "account", "pk": 1000 + i, "fields": {"v": i}} for i in range(20)], file)
    return path


def statuses(folder):
    """However the command ends, its status is ours and the database is as before, with an application beside."""
    rows = fixture(folder)
    for mode in MODES:
        db = f"{folder}/{mode}.db"
        make(db, mode)
        before = state(db)
        c = sqlite3.connect(db, isolation_level=None)
        count = "select count(*) from account"
        c.execute(count).fetchone()
        for end, status in (("true", 0), ("exit 3", 3), ("exit 125", 125), ("kill -9 $$", 137), ("kill -TERM $$", 143), ("kill -SEGV $$", 139)):
            done = during(db, "sh", "-c", f"ulimit -c 0; {SPOIL}; {end}", options=["--fixture", rows])
            check(f"{mode}: {end}", (done.returncode, done.stderr) == (status, ""), done)
            check(f"{mode}: {end}: the database is as before", state(db) == before)
            check(f"{mode}: {end}: for the application, too", c.execute(count).fetchone() == (100,))
        for words, status in ((["/none/such"], 127), ([folder], 126)):
            done = during(db, *words)
            check(f"{mode}: {words} cannot be run", done.returncode == status and state(db) == before, done)
        for options, status in ((["--fixture", "missing"], 125), (["--restore", "missing"], 125)):
            done = during(db, "echo", "started", options=options)
            check(f"{mode}: {options}", (done.returncode, done.stdout) == (status, "") and state(db) == before, done)
        good("a snapshot", do(db, "snapshot", "first"))
        c.execute("delete from account where id < 50")
        now = state(db)
        done = during(db, "sh", "-c", 'sqlite3 "$DBFIXTURE_DATABASE" "SELECT count(*) FROM account"', options=["--restore", "first", "--fixture", rows])
        check(f"{mode}: a snapshot and a fixture", (done.returncode, done.stdout) == (0, "120\n"), done)
        check(f"{mode}: and back to before the snapshot", state(db) == now)
        c.close()
        good("the snapshot goes", do(db, "snapshots", "delete", "first"))
        nothing_left(mode, db)


def inside(folder):
    """A run is a layer: nothing inside goes below its floor, and what it leaves open closes with it."""
    db = folder + "/inside.db"
    make(db, "wal")
    good("a snapshot", do(db, "snapshot", "first"))
    good("a layer below", do(db, "push", "outer"))
    change(db, "rows")
    before = state(db)
    count = f'sqlite3 "$DBFIXTURE_DATABASE" "SELECT count(*), (SELECT count(*) FROM u) FROM account"'
    dbf = PROGRAM
    script = f"""
{count}
sqlite3 "$DBFIXTURE_DATABASE" 'DELETE FROM account'
{dbf} reset -q; {count}
{dbf} pop -q 2>&1; echo pop $?
{dbf} pop --all --force -q 2>&1; echo pop --all $?
{dbf} pop outer --force -q 2>&1; echo pop outer $?
{dbf} layers --clear --force -q; echo clear $?
{dbf} push -q a; sqlite3 "$DBFIXTURE_DATABASE" 'DELETE FROM account'; {dbf} push -q b
{dbf} reset -q; {count}
{dbf} pop --all -q; {count}
{dbf} push -q c
{dbf} restore first -q --no-input --force 2>&1; echo restore $?; {count}
{dbf} reset -q; {count}
{dbf} run -- sh -c '{dbf} reset -q; sqlite3 "$DBFIXTURE_DATABASE" "DELETE FROM u"; {dbf} push -q deep; echo "$DBFIXTURE_RUN" | tr -cd :; echo'; {count}
{dbf} push -q left; {dbf} layers | wc -l
"""
    done = during(db, "sh", "-c", script, options=["--fixture", fixture(folder)])
    wanted = ["120|133", "120|133", *['dbfixture: error: no layer is open', '  hint: open one with "dbfixture push NAME"', "pop 4"],
              *['dbfixture: error: no layer is open', '  hint: open one with "dbfixture push NAME"', "pop --all 4"]]
    lines = done.stdout.split("\n")
    check("reset leads to the start of the command, and pop not below", lines[:len(wanted)] == wanted, done)
    check("nor by name, nor by forgetting", "pop outer 4" in lines and "clear 0" in lines, done)
    rest = lines[lines.index("clear 0") + 1:] if "clear 0" in lines else []
    check("layers inside, restores inside and runs inside", [line for line in rest if "forgotten" not in line]
          == ["0|133", "120|133", "restore 0", "100|200", "120|133", ":", "120|133", "3", ""], rest)
    check("all is as before", state(db) == before)
    check("the layer below is there", [one["name"] for one in json.loads(do(db, "layers", "--json").stdout)["layers"]] == ["outer"])
    good("and is popped", do(db, "pop"))
    check("as the snapshot was", [do(db, "restore", "first").stdout.startswith("Nothing to restore")] == [True])

    copied = do(db, "run", "--temp", "--", "sh", "-c",
                f'sqlite3 "$DBFIXTURE_DATABASE" "DELETE FROM account"; {dbf} restore first -q; {count}; {dbf} reset -q; {count}')
    check("a throwaway copy reads the snapshots of its original", copied.stdout == "100|200\n100|200\n", copied)


class Run:
    """A run whose command says what it is and goes on."""

    def __init__(self, db, words, **more):
        self.process = subprocess.Popen([PROGRAM, "run", "-d", db, "--", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **more)
        self.numbers = [int(word) for word in self.process.stdout.readline().split()]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def becomes(self, name):
        """Waits until its last process is the program of that name, and no longer the shell that starts it."""
        while open(f"/proc/{self.numbers[-1]}/comm", encoding="latin-1").read().strip() != name:
            time.sleep(0.005)


SLEEPER = ("c = sqlite3.connect(path, isolation_level=None); c.execute('delete from u'); c.close()\n"
           "print(os.getpid(), flush=True); time.sleep(1000)")
# A grandchild under another parent, whose own has ended: with what it inherited, or with that closed.
ORPHAN = ("c = sqlite3.connect(path, isolation_level=None); c.execute('delete from u'); c.close()\n"
          "child = subprocess.Popen(['sh', '-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'], start_new_session=True, stdout=subprocess.PIPE,"
          " close_fds=sys.argv[1] == 'closed', text=True)\n"
          "print(os.getpid(), child.stdout.readline().strip(), flush=True); time.sleep(1000)")


def refuses_others(db, what, text, rows):
    """What writes is refused, what reads is not; nothing changes."""
    now = state(db)
    for words in (["loaddata", rows], ["flush", "--no-input"], ["resetsequences"], ["push", "a"], ["pop"], ["reset"], ["push", "--anew", "a"],
                  ["run", "--", "echo", "started"], ["layers", "--recover"], ["layers", "--clear"], ["layers", "--clear", "--force"],
                  ["restore", "first", "--no-input"], ["restore", "first", "--no-input", "--force"]):
        done = do(db, *words)
        fails(f"{what}: {words}", done, 5, text)
    check(f"{what}: nothing changed", state(db) == now)
    good(f"{what}: dumpdata", do(db, "dumpdata", "account"))
    good(f"{what}: layers", do(db, "layers"))
    good(f"{what}: run --temp", do(db, "run", "--temp", "--", "true"))


def while_it_lives(folder):
    db = folder + "/lives.db"
    make(db, "delete")
    good("a snapshot", do(db, "snapshot", "first"))
    before = state(db)
    one = Run(db, python(SLEEPER))
    refuses_others(db, "while a run lives", f"process {one.process.pid} (dbfixture)", fixture(folder))
    check("a copy is the way round", "--temp" in do(db, "run", "--", "true").stderr)
    os.kill(one.numbers[0], signal.SIGTERM)
    check("it ends as its command did", one.process.wait() == 143)
    check("and puts the database back", state(db) == before)


def unrecovered(db, what, rows):
    """What is not put back yet is not saved as if it were the database's own."""
    for words in (["snapshot", "second"], ["push", "a"]):
        fails(f"{what}: {words}", do(db, *words), 3, "was killed", "layers --recover")
    fails(f"{what}: pop", do(db, "pop"), 3, "layers --recover")
    for words in (["loaddata", rows], ["dumpdata", "account"], ["layers"]):
        good(f"{what}: {words} warns", do(db, *words), "was killed", "layers --recover")


MENDERS = (["reset"], ["run", "--", "true"], ["push", "--anew", "a"], ["layers", "--recover"], ["restore", "first", "--no-input"])


def killed(folder):
    """What a killed run left is put back by the next call, which says so, once nothing of the run is left."""
    rows = fixture(folder)
    for i, mender in enumerate(MENDERS):
        for kind in ("child", "inherits", "closed"):
            mode = MODES[i % 2]
            what = f"{mode} {mender[0]} {kind}"
            db = f"{folder}/{mender[0]}-{kind}.db"
            make(db, mode)
            good(f"{what}: a snapshot", do(db, "snapshot", "first"))
            before = state(db)
            one = Run(db, python(SLEEPER) if kind == "child" else python(ORPHAN, kind))
            name = "python3" if kind == "child" else "sleep"
            one.becomes(name)
            one.kill()
            if i == 0:
                if kind != "child":
                    stop(one.numbers[0])
                refuses_others(db, f"{what}: an orphan lives", f"process {one.numbers[-1]} ({name}", rows)
                fails(f"{what}: snapshot while an orphan lives", do(db, "snapshot", "second"), 5, f"process {one.numbers[-1]}")
            for number in one.numbers:
                fails(f"{what}: refused while {number} lives", do(db, *mender), 5, f"process {one.numbers[-1]}")
                stop(number)
            if i == 0:
                unrecovered(db, what, rows)
            c = sqlite3.connect(db, isolation_level=None)
            c.execute("create table by_hand(x)")
            c.execute("insert into by_hand values('precious')")
            c.close()
            worked_on = state(db)
            good(f"{what}: mended, and said", do(db, *mender), "was killed", "before-recovery")
            check(f"{what}: the database is as before", state(db) == before)
            good(f"{what}: what a person did", do(db, "restore", "before-recovery", "--no-input", "--force"))
            check(f"{what}: is in the snapshot", state(db) == worked_on)
            good(f"{what}: and back", do(db, "restore", "first", "--no-input", "--force"))
            check(f"{what}: only snapshots are left", sorted(name for name in os.listdir(db + ".snapshots") if not name.startswith("."))
                  == sorted(os.path.basename(name) for part in ("first", "before-recovery") for name in glob.glob(f"{db}.snapshots/{part}*")))


def latest(folder):
    """`restore --latest` means the newest as it was asked, not the one that recovery takes."""
    db = folder + "/latest.db"
    make(db, "delete")
    before = state(db)
    good("a snapshot", do(db, "snapshot", "first"))
    one = Run(db, python(SLEEPER))
    one.kill()
    stop(one.numbers[0])
    good("restore --latest", do(db, "restore", "--latest"), "before-recovery")
    check("restores that snapshot", state(db) == before)


def moments(folder):
    """kill -9 of the program at any moment; also of the command, then; the next call mends it."""
    chance = random.Random(7)
    for kind in ("goes on", "dies too"):
        recovered = 0
        most = 0.05
        for i in range(100 if ALL else 25):
            mode = MODES[i % 2]
            db = f"{folder}/{kind}-{mode}.db"
            if not os.path.exists(db):
                make(db, mode)
            before = state(db)
            begun = time.monotonic()
            process = subprocess.Popen([PROGRAM, "run", "-d", db, "--", "sh", "-c", SPOIL + "; sleep 0.02"], start_new_session=True,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if i < 2:
                process.wait()
                most = max(most, 1.1 * (time.monotonic() - begun))
            time.sleep(chance.random() * most)
            process.kill()
            if kind == "dies too":
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.wait()
            deadline = time.monotonic() + 20
            done = do(db, "layers", "--recover")
            while done.returncode == 5 and time.monotonic() < deadline:
                check(f"{kind} {i}: busy with an orphan, which is named", "process " in done.stderr, done)
                time.sleep(0.02)
                done = do(db, "layers", "--recover")
            check(f"{kind} {i}: mended", done.returncode == 0, done)
            recovered += "was killed" in done.stdout + done.stderr
            check(f"{kind} {i} ({mode}): the database is as before", state(db) == before)
            good(f"{kind} {i}: the next run", during(db, "true"))
            if os.path.exists(db + ".snapshots"):
                do(db, "snapshots", "delete", "before-recovery")
            nothing_left(f"{kind} {i}", db)
        if ALL:
            print(kind, recovered)
        check(f"{kind}: some were killed in the middle", recovered > 0, recovered)


def nested(folder):
    """A run inside a run that was killed: the outer one's end puts all back; both killed, the next call does."""
    for both in (False, True):
        db = f"{folder}/nested-{both}.db"
        make(db, "delete")
        before = state(db)
        inner = (f"p = subprocess.Popen(['{PROGRAM}', 'run', '--', sys.executable, '-c', 'import os, time; print(os.getpid(), flush=True); time.sleep(1000)'],"
                 " stdout=subprocess.PIPE, text=True)\n"
                 "child = int(p.stdout.readline())\n"
                 "c = sqlite3.connect(path, isolation_level=None); c.execute('delete from u'); c.close()\n"
                 "p.kill(); p.wait(); os.kill(child, 9)\nprint(os.getpid(), flush=True)\n")
        if not both:
            done = during(db, *python(inner + f"time.sleep(0.1); sys.exit(subprocess.run(['{PROGRAM}', 'reset']).returncode)"))
            check("reset after an inner run was killed says so", done.returncode == 0 and "was killed" in done.stdout + done.stderr, done)
            done = during(db, *python(inner))
            check("the end of the outer run closes the inner", done.returncode == 0, done)
        else:
            one = Run(db, python(inner + "time.sleep(1000)"))
            one.kill()
            stop(one.numbers[0])
            good("both are put back", do(db, "layers", "--recover"), "was killed")
        check(f"nested, both {both}: the database is as before", state(db) == before)


def daemons(folder):
    """A daemon that keeps the database after the command: waited for, then 125 naming it; the record stays, and the next call mends it."""
    daemon = ("child = subprocess.Popen([sys.executable, '-c', 'import sqlite3, sys, time\\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\\n"
              "c.execute(\"begin immediate\"); c.execute(\"delete from u\"); print(1, flush=True); time.sleep(float(sys.argv[2]))', path, sys.argv[1]],"
              " start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)\nchild.stdout.readline()\n"
              "open(path + '.pid', 'w').write(str(child.pid))")
    for mode in MODES:
        db = f"{folder}/{mode}.db"
        make(db, mode)
        before = state(db)
        done = during(db, *python(daemon, "0.5"))
        check(f"{mode}: a daemon that ends in time is waited for", (done.returncode, state(db)) == (0, before), done)
        done = during(db, *python(daemon, "1000"), options=["--busy-timeout", "300"])
        with open(db + ".pid", encoding="ascii") as file:
            number = int(file.read())
        check(f"{mode}: one that stays is named", done.returncode == 125 and f"process {number} (" in done.stderr, done)
        fails(f"{mode}: it is in the way", do(db, "layers", "--recover"), 5, f"process {number} (")
        stop(number)
        good(f"{mode}: then it is put back", do(db, "reset"), "was killed")
        check(f"{mode}: and the database is as before", state(db) == before)


if __name__ == "__main__":
    for piece in (statuses, inside, while_it_lives, killed, latest, moments, nested, daemons):
        if len(sys.argv) > 2 and sys.argv[2] != "--all" and piece.__name__ not in sys.argv[2:]:
            continue
        if in_this_part():
            with tempfile.TemporaryDirectory() as work:
                piece(work)
    finish("run_recovery")
