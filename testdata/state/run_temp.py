#!/usr/bin/env python3
"""run_temp.py PROGRAM: throwaway copies of `run --temp`: of databases in every journal mode and in use, eight at once, on full disks, and
what is left of runs that were killed."""
import glob
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from state_lab import PROGRAM, check, finish, in_this_part, make, nobody, program_for_all, folder_for_all, run, sidecars, state, tool

for variable in ("DATABASE_URL", "DBFIXTURE_DATABASE", "DBFIXTURE_RUN"):
    os.environ.pop(variable, None)
OWN = tempfile.mkdtemp(prefix="dbfixture-test-", dir="/tmp")  # on the disk, and a plain path
os.environ["TMPDIR"] = OWN
IN_MEMORY = "/dev/shm"


def temp(db, *words, options=(), **more):
    return tool("run", "-d", db, "--temp", *options, "--", *words, **more)


def python(text, *arguments):
    return (sys.executable, "-c", "import os, sqlite3, sys, time\npath = os.environ['DBFIXTURE_DATABASE']\n" + text, *arguments)


def copies(*folders):
    """Of runs of this script: those that say so in their mark."""
    found = []
    for folder in folders or (IN_MEMORY, OWN):
        for mark in glob.glob(folder + "/dbfixture-*/.dbfixture-temp"):
            with open(mark, encoding="utf-8") as file:
                if OWN in file.read():
                    found.append(os.path.dirname(mark))
    return found


SHOW = "print(os.path.dirname(path)); c = sqlite3.connect(path); print(c.execute('pragma journal_mode').fetchone()[0]); "


def kinds_of_databases(folder):
    """A copy equals its original, in the journal mode of the original, and the original stays."""
    for mode, page_size in (("delete", 4096), ("wal", 4096), ("truncate", 512), ("wal", 65536), ("delete", 1024)):
        db = f"{folder}/{mode}-{page_size}.db"
        make(db, mode, page_size)
        before, beside = state(db), sidecars(db)
        kept = temp(db, "true", options=["--keepdb"])
        where = kept.stderr.strip().removeprefix("Kept the copy ")
        check(f"{mode} {page_size}: the copy has all", kept.returncode == 0 and state(where) == before, kept)
        c = sqlite3.connect(where)
        mode_now = c.execute("pragma journal_mode").fetchone()[0]
        check(f"{mode} {page_size}: its journal mode", mode_now == ("wal" if mode == "wal" else "delete"), mode_now)
        c.execute("delete from t")
        c.commit()
        c.close()
        check(f"{mode} {page_size}: the original stays", (state(db), sidecars(db)) == (before, beside), sidecars(db))
        check(f"{mode} {page_size}: only its owner reads it", os.stat(os.path.dirname(where)).st_mode & 0o777 == 0o700)
        shutil.rmtree(os.path.dirname(where))


def databases_in_use(folder):
    count = python("print(sqlite3.connect(path).execute('select count(*) from u').fetchone()[0])")
    for mode in ("delete", "wal"):
        db = f"{folder}/used-{mode}.db"
        make(db, mode)
        c = sqlite3.connect(db, isolation_level=None)
        c.execute("pragma wal_autocheckpoint=0")
        c.execute("delete from u where x < 50")
        c.execute("begin immediate")
        c.execute("delete from u")
        done = temp(db, *count)
        check(f"{mode}: beside a writer, what is committed counts", done.stdout == "150\n", done)
        c.execute("rollback")
        if mode == "delete":
            c.execute("begin exclusive")
            done = temp(db, *count, options=["--busy-timeout", "50"])
            check("beside an exclusive lock: busy, and nothing is started", (done.returncode, done.stdout) == (5, ""), done)
            c.execute("rollback")
        c.close()

    crashed = f"{folder}/crashed.db"
    make(crashed, "delete")
    before = state(crashed)
    text = ("import os, sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\nc.execute('pragma cache_size=2')\n"
            "c.execute('begin')\nc.execute(\"update t set b = zeroblob(300)\")\nos.kill(os.getpid(), 9)")
    subprocess.run([sys.executable, "-c", text, crashed], check=False)
    check("a writer that crashed leaves a journal", os.path.getsize(crashed + "-journal") > 0)
    kept = temp(crashed, "true", options=["--keepdb"])
    where = kept.stderr.strip().removeprefix("Kept the copy ")
    check("a copy of it has what was committed", kept.returncode == 0 and state(where) == before, kept)
    shutil.rmtree(os.path.dirname(where))


def read_only_folder(folder):
    public = folder_for_all()
    if os.geteuid() != 0 or public is None:
        return
    with tempfile.TemporaryDirectory(dir=public) as place:
        program = program_for_all(place)
        for mode in ("delete", "wal"):
            db = f"{place}/{mode}.db"
            make(db, mode)
            os.chmod(db, 0o444)
            done = run(program, "run", "-d", db, "--temp", "--", "sqlite3", "-version", preexec_fn=nobody,
                       env={**os.environ, "TMPDIR": "/tmp"})
            check(f"{mode}: a database that may only be read is copied", done.returncode == 0, done)


def sparse(folder):
    """A hole of 4 GB in the file is none in the copy's way."""
    db = folder + "/sparse.db"
    make(db, "delete")
    with open(db, "r+b") as file:
        file.truncate(os.path.getsize(db) + (4 << 30))
    done = temp(db, *python("c = sqlite3.connect(path); print(c.execute('select count(*) from u').fetchone()[0], "
                            "os.stat(path).st_blocks * 512 < 10 << 20)"))
    check("a file with a hole", done.stdout == "200 True\n", done)


def eight_at_once(folder):
    db = folder + "/eight.db"
    make(db, "wal")
    before = state(db)
    text = ("c = sqlite3.connect(path, isolation_level=None)\n"
            "for i in range(50):\n    c.execute('insert into u values (?, ?)', (sys.argv[1], i)); c.execute('update account set v = v + 1')\n"
            "print(c.execute(\"select count(*), count(distinct x) from u where typeof(x) = 'text'\").fetchone(),"
            " c.execute('select min(v), max(v) from account').fetchone())")
    running = [subprocess.Popen([PROGRAM, "run", "-d", db, "--temp", "--", *python(text, f"run {i}")], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True) for i in range(8)]
    for i, process in enumerate(running):
        said, _ = process.communicate()
        check(f"run {i} of eight sees its own rows only", (process.returncode, said) == (0, "(50, 1) (50, 50)\n"), said)
    check("the original is unchanged", state(db) == before)
    check("no copy is left", copies() == [], copies())


def killed(folder):
    """What is left of a killed run goes with the next one, once nobody works on it."""
    db = folder + "/killed.db"
    make(db, "delete")

    def start(*words):
        process = subprocess.Popen([PROGRAM, "run", "-d", db, "--temp", "--", *words], stdout=subprocess.PIPE, text=True)
        return process, process.stdout.readline().strip()

    def next_run():
        check("the next run", temp(db, "true").returncode == 0)

    def goes(what, gone):
        """A run leaves a copy to another run that looks at it at the same moment; so it may be the one after the next."""
        end = time.monotonic() + 60
        next_run()
        while not gone() and time.monotonic() < end:
            time.sleep(0.1)
            next_run()
        check(what, gone(), copies())

    def stop(number):
        os.kill(int(number), signal.SIGKILL)
        while os.path.exists(f"/proc/{number}"):
            time.sleep(0.01)

    sleeper = "print(os.getpid(), flush=True); time.sleep(1000)"
    process, command = start(*python(sleeper))
    process.kill()
    process.wait()
    left = copies()
    check("a killed run leaves its copy", len(left) == 1, left)
    next_run()
    check("which stays while its command goes on", copies() == left, copies())
    stop(command)
    goes("and goes when that has ended", lambda: copies() == [])

    closing = ("import subprocess\n" "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'], start_new_session=True,"
               " stdout=subprocess.DEVNULL, close_fds=True)\n" "print(child.pid, flush=True); time.sleep(1000)")
    process, grandchild = start(*python(closing))
    children = open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii").read().split()
    process.kill()
    process.wait()
    for child in children:
        stop(child)
    left = copies()
    next_run()
    check("it stays for a grandchild that has closed the lock", copies() == left and len(left) == 1, (copies(), left))
    stop(grandchild)
    goes("and goes with it", lambda: copies() == [])

    name = f"{OWN}/dbfixture-{os.geteuid()}-0123456789abcdef"
    os.mkdir(name)
    with open(name + "/precious.db", "w", encoding="ascii") as file:
        file.write("mine")
    next_run()
    os.utime(name, (0, 0))
    next_run()
    check("a folder of that name without the mark stays", os.listdir(name) == ["precious.db"])
    os.unlink(name + "/precious.db")
    next_run()
    check("also an empty one, for a minute", os.path.exists(name))
    os.utime(name, (0, 0))
    next_run()
    check("then it goes", not os.path.exists(name))
    os.mkdir(name)
    open(name + "/.dbfixture-temp", "w", encoding="ascii").close()
    next_run()
    check("one with an empty mark stays for a minute", os.path.exists(name))
    os.utime(name, (0, 0))
    next_run()
    check("then it goes, too", not os.path.exists(name))

    kept = temp(db, "false", options=["--keep-failed"])
    where = os.path.dirname(kept.stderr.strip().removeprefix("Kept the copy "))
    next_run()
    check("a copy that was kept stays", os.path.exists(where + "/killed.db"), kept)
    shutil.rmtree(where)


def random_kills(folder):
    """Killed at any moment, a run leaves the original as it was, and nothing that the next run does not remove."""
    db = folder + "/moments.db"
    make(db, "delete")
    before = state(db)
    for i in range(25):
        process = subprocess.Popen([PROGRAM, "run", "-d", db, "--temp", "--", "sqlite3", "-version"], stdout=subprocess.DEVNULL)
        time.sleep(i * 0.001)
        process.kill()
        process.wait()
    deadline = time.monotonic() + 20
    while copies() and time.monotonic() < deadline:
        temp(db, "true")
    check("killed at 25 moments: nothing is left", copies() == [], copies())
    check("and the original is as before", state(db) == before)


def ends(folder):
    """A signal while a copy is waited for, a command that removes the folder, a daemon that goes on writing."""
    db = folder + "/ends.db"
    make(db, "delete")
    c = sqlite3.connect(db, isolation_level=None)
    c.execute("begin exclusive")
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        process = subprocess.Popen([PROGRAM, "run", "-d", db, "--temp", "--busy-timeout", "60000", "--", "echo", "started"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        deadline = time.monotonic() + 20
        while not copies() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05)
        process.send_signal(number)
        said = process.communicate()[0]
        check(f"{number.name} before the command starts", (process.returncode, said, copies()) == (status, "", []),
              (process.returncode, said, copies()))
    c.close()
    done = temp(db, "sh", "-c", 'rm -r "$(dirname "$DBFIXTURE_DATABASE")"')
    check("a command that removes the folder itself", (done.returncode, done.stderr) == (0, ""), done)
    done = temp(db, "sh", "-c", 'mkdir -p "$DBFIXTURE_DATABASE.media/a"; echo x >"$DBFIXTURE_DATABASE.media/a/b"; ln -s / "$DBFIXTURE_DATABASE.all"')
    check("files of its own go with the copy, what a link leads to stays",
          (done.returncode, copies()) == (0, []) and os.path.exists(db), done)
    daemon = ("import subprocess\nsubprocess.Popen([sys.executable, '-c', 'import os, sys, time\\nfor i in range(100):\\n"
              " try: open(sys.argv[1] + str(i), \"w\")\\n except OSError: os._exit(0)\\n time.sleep(0.01)', path],"
              " start_new_session=True, stdout=subprocess.DEVNULL)\ntime.sleep(0.1)")
    done = temp(db, *python(daemon))
    check("a daemon that makes files meanwhile does not matter", done.returncode == 0, done)
    deadline = time.monotonic() + 20
    while copies() and time.monotonic() < deadline:
        temp(db, "true")
    check("and nothing stays", copies() == [], copies())


def can_mount():
    return os.geteuid() == 0 and run("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/dev/shm").returncode == 0


def full_disks(folder):
    if not can_mount():
        print("SKIPPED: full disks of run --temp: no tmpfs can be mounted here")
        return
    db = folder + "/full.db"
    make(db, "delete")
    c = sqlite3.connect(db)
    c.execute("insert into u select randomblob(4000000), 1")
    c.commit()
    c.close()
    before = state(db)
    where = python("os.write(1, os.path.dirname(os.path.dirname(path)).encode() + b'\\n'); c = sqlite3.connect(path); c.execute('delete from t'); c.commit()")

    def beside(memory, disk, *words):
        """With file systems of these sizes in memory and for $TMPDIR (None: as it is)."""
        lines = [f"mount -t tmpfs -o size={memory} tmpfs /dev/shm"]
        if disk:
            lines += [f"mount -t tmpfs -o size={disk} tmpfs {OWN}/small", f"export TMPDIR={OWN}/small"]
        os.makedirs(OWN + "/small", exist_ok=True)
        script = " && ".join(lines + ['"$@"; status=$?; echo left: $(ls -A /dev/shm ${TMPDIR:-/tmp} | grep -c dbfixture-0-0*); exit $status'])
        return run("unshare", "-m", "sh", "-c", script, "sh", *words)

    one = (PROGRAM, "run", "-d", db, "--temp", "--", *where)
    done = beside("64m", None, *one)
    check("with room in memory", done.stdout == "/dev/shm\nleft: 0\n", done)
    for size in ("1m", "5m", "8m"):
        done = beside(size, None, *one)
        check(f"{size} in memory: the disk is taken", (done.returncode, done.stdout) == (0, f"{OWN}\nleft: 0\n"), done)
    done = beside("1m", "3m", *one)
    check("room nowhere: refused before the command starts, and said", (done.returncode, done.stdout) == (125, "left: 0\n"), done)
    check("naming both", "/dev/shm" in done.stderr and OWN + "/small" in done.stderr and "TMPDIR" in done.stderr, done.stderr)
    done = beside("8m", "3m", "sh", "-c", "head -c 7000000 /dev/zero >/dev/shm/other; \"$@\"", "sh", *one)
    check("memory taken by others, and no disk", done.returncode == 125, done)
    eight = "for i in 1 2 3 4 5 6 7 8; do \"$@\" & done; wait"
    done = beside("24m", None, "sh", "-c", eight, "sh", *one)
    places = done.stdout.split("\n")
    check("eight at once where three have room: some here, some there",
          places.count("/dev/shm") >= 1 and places.count("/dev/shm") + places.count(OWN) == 8 and "left: 0" in places, done)
    check("the original is unchanged", state(db) == before)


def syncs(folder):
    """Nobody needs a copy after a power cut, nor its layers."""
    db = folder + "/x.db"
    make(db, "delete")
    if run("strace", "-o", "/dev/null", "true").returncode != 0:
        return
    change = python("c = sqlite3.connect(path); c.execute('pragma synchronous=off'); c.execute('delete from t'); c.commit()")
    script = '"$0" push a && "$@" && "$0" push b && "$@" && "$0" reset && "$0" pop --all'
    trace = folder + "/trace"
    done = run("strace", "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync", PROGRAM, "run", "-d", db, "--temp", "--", "sh", "-c", script,
               PROGRAM, *change)
    with open(trace, encoding="utf-8") as file:
        calls = [line for line in file if "sync(" in line]
    check("layers of a copy are pushed, reset and popped without a sync", done.returncode == 0 and calls == [], (done, calls))


def odd_places(folder):
    db = folder + "/x.db"
    make(db, "delete")
    odd = OWN + "/with blank"
    os.mkdir(odd)
    if can_mount():
        done = run("unshare", "-m", "sh", "-c", f'mount --bind {OWN} /dev/shm && "$@"', "sh", PROGRAM, "run", "-d", db, "--temp", "--", *python("print(path)"),
                   env={**os.environ, "TMPDIR": odd})
        check("a folder whose path a URL would change is not used", done.stdout.startswith("/tmp/dbfixture-"), done)
    done = temp(db, *python("print(path)"), env={**os.environ, "TMPDIR": OWN + "/missing"})
    check("a $TMPDIR that is not there does not matter", done.returncode == 0, done)
    link = folder + "/link.db"
    os.symlink(db, link)
    done = temp(link, *python("print(os.path.basename(path), os.path.islink(path))"))
    check("a copy has the name that was given", done.stdout == "link.db False\n", done)
    nested = temp(db, PROGRAM, "run", "--temp", "--", *python("print(len(os.environ['DBFIXTURE_RUN'].split(':')), os.path.basename(path))"))
    check("a run within a run copies the copy, and belongs to both", nested.stdout == "2 x.db\n", nested)


try:
    for piece in (kinds_of_databases, databases_in_use, read_only_folder, sparse, eight_at_once, killed, random_kills, ends, full_disks,
                  syncs, odd_places):
        if in_this_part():
            with tempfile.TemporaryDirectory(dir=OWN) as work:
                piece(work)
finally:
    shutil.rmtree(OWN, ignore_errors=True)
finish("run_temp")
