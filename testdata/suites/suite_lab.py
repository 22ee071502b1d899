"""What run_suites.py and .ci/bench-suites share: a suite in a folder of its own with dbfixture on the PATH, its runner run, killed half way, and
run with the line taken out that resets the database."""
import contextlib
import glob
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"  # Debian's packages belong to Debian's
LIMIT = 1200  # seconds, of one run
OURS = ("DATABASE_URL", "DBFIXTURE_DATABASE", "DBFIXTURE_RUN", "SUITE_KILL_AT")

# Stands for dbfixture on the PATH: before the reset of that number it kills the runner, which cannot clean up then.
PROXY = """#!/bin/sh
count() {
    echo >>%(folder)s/resets
    if [ "$(wc -l <%(folder)s/resets)" -ge "$SUITE_KILL_AT" ]; then
        kill -KILL "$(cat %(folder)s/runner)"
        exit 1
    fi
}
case ${SUITE_KILL_AT:+$1} in
reset) count ;;
serve)
    pipe=%(folder)s/pipe.$$
    mkfifo "$pipe"
    exec 9<&0
    while IFS= read -r line; do
        case $line in *'"reset"'*) count ;; esac
        printf '%%s\\n' "$line"
    done <&9 >"$pipe" &
    exec 9<&- <"$pipe"
    ;;
esac
exec %(program)s "$@"
"""

signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # and clean up


def state(database):
    """Everything in it, sequences too."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


def can_import(*modules):
    return subprocess.run([PYTHON, "-c", "import " + ", ".join(modules)], stderr=subprocess.DEVNULL, check=False).returncode == 0


class Result:
    def __init__(self, status, output):
        self.status, self.output = status, output


class Lab:
    def __init__(self, name, program, place=None):
        self.name, self.problems = name, []
        self.top = tempfile.mkdtemp(prefix="dbfixture-suite-", dir=place)
        self.folder = os.path.join(self.top, name)
        self.tools = os.path.join(self.top, "bin")
        self.project = os.path.join(FOLDER, name)
        shutil.copytree(self.project, self.folder)
        os.mkdir(self.tools)
        with open(os.path.join(self.tools, "dbfixture"), "w", encoding="utf-8") as file:
            file.write(PROXY % {"folder": self.tools, "program": os.path.abspath(program)})
        os.symlink(PYTHON, os.path.join(self.tools, "python3"))
        with open(os.path.join(self.tools, "pytest"), "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {PYTHON} -m pytest "$@"\n')
        for name in ("dbfixture", "pytest"):
            os.chmod(os.path.join(self.tools, name), 0o755)
        self.environment = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environment.update(PATH=self.tools + ":" + os.environ["PATH"], PYTHONDONTWRITEBYTECODE="1", NO_COLOR="1",
                                PYTHONPATH=FOLDER)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.top, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def sqlite(self, database, sql):
        with contextlib.closing(sqlite3.connect(self.path(database))) as connection:
            connection.executescript(sql)

    def database(self, name, script):
        with open(self.path(script), encoding="utf-8") as file:
            self.sqlite(name, file.read())

    def state(self, name):
        return state(self.path(name))

    def switch(self, name, mode):
        """The journal mode of a database."""
        self.sqlite(name, f"PRAGMA journal_mode={mode}")

    def files(self, databases):
        """What a run could leave behind."""
        return sorted(os.listdir(self.folder))

    def check(self, what, fine, seen=""):
        if not fine:
            self.problems.append(f"{self.name}: {what}\n{getattr(seen, 'output', seen)}")

    def run(self, *words, **variables):
        """In a process group of its own, whose number is the runner's."""
        with tempfile.TemporaryFile("w+") as output:
            starter = ["sh", "-c", f"echo $$ >'{self.tools}/runner'; exec \"$@\"", "sh", *words]
            with subprocess.Popen(starter, cwd=self.folder, env={**self.environment, **variables}, stdin=subprocess.DEVNULL,
                                  stdout=output, stderr=output, start_new_session=True) as runner:
                try:
                    status = runner.wait(timeout=LIMIT)
                finally:
                    with contextlib.suppress(ProcessLookupError):  # also workers of a runner that was killed
                        os.killpg(runner.pid, signal.SIGKILL)
            output.seek(0)
            return Result(status, output.read())

    def numbers(self, words, **variables):
        """What the suite leaves in $BENCH_SECONDS."""
        target = os.path.join(self.top, "seconds")
        done = self.run(*words, BENCH_SECONDS=target, **variables)
        if done.status != 0:
            sys.exit(f"{' '.join(words)} ended with {done.status}:\n{done.output}")
        with open(target, encoding="utf-8") as file:
            return [float(line) for line in file]

    def no_copies(self):
        """Whether soon no throwaway copy of this folder's databases is there: workers whose runner was killed end by themselves."""
        for _ in range(100):
            marks = [mark for folder in ("/dev/shm", tempfile.gettempdir()) for mark in glob.glob(folder + "/dbfixture-*/.dbfixture-temp")]
            texts = []
            for mark in marks:
                with contextlib.suppress(FileNotFoundError), open(mark, encoding="utf-8") as file:
                    texts.append(file.read())
            if not any(self.top in text for text in texts):
                return True
            time.sleep(0.1)
        return False

    def without_reset(self, file, line):
        """The suite as it would be without the one line that resets; the rest stays."""
        with open(self.path(file), encoding="utf-8") as source:
            lines = source.read().split("\n")
        found = [number for number, text in enumerate(lines) if text.strip() == line]
        self.check(f"{file} has one line {line!r}", len(found) == 1)
        for number in found:
            lines[number] = lines[number].replace(line, "pass" if file.endswith(".py") else "")
        with open(self.path(file), "w", encoding="utf-8") as target:
            target.write("\n".join(lines))

    def hold(self, command, passed, failed, reset, databases=(), kill_at=3, modes=("delete", "wal"), leaves=True):
        """command(order): the runner's words, order 1, 2 ... being different orders of the tests where the runner has such. `passed`
        and `failed` are what it prints then; `reset` is (file, line); `databases` are as before after every run that was not killed, which leaves a
        store unless `leaves` is false."""
        before = {name: self.state(name) for name in databases}
        files = self.files(databases)

        def as_before(what):
            for name in databases:
                self.check(f"{what}: {name} is as before", self.state(name) == before[name])
            left = self.files(databases)
            self.check(f"{what}: nothing is left", left == files, left)

        def passes(what, order):
            seen = self.run(*command(order))
            self.check(f"{what}: passes", seen.status == 0 and re.search(passed, seen.output) is not None, seen)
            as_before(what)

        passes("the first time", 1)
        for name in databases:
            self.switch(name, modes[-1])
        passes("again, in another order", 2)
        for name in databases:
            self.switch(name, modes[0])
        seen = self.run(*command(3), SUITE_KILL_AT=str(kill_at))
        self.check("the runner is killed", seen.status == -signal.SIGKILL, seen)
        self.check("it could not clean up", not leaves or self.files(databases) != files)
        passes("after the runner was killed", 3)
        self.without_reset(*reset)
        seen = self.run(*command(1))
        self.check("without the reset it fails", seen.status != 0 and re.search(failed, seen.output) is not None, seen)
