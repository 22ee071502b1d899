"""What bench, bench-state and bench-django share: running a program, timing it beside another, printing the ratio against its goal. PROGRAM is the
dbfixture of the build folder that is the first argument."""
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
TOOLS = os.environ.get("DBFIXTURE_TOOLS", os.path.join(ROOT, "../shared/tools"))
PROGRAM = os.path.join(os.path.abspath(sys.argv[1]), "dbfixture")
ROUNDS = 3
for name in ("DATABASE_URL", "DBFIXTURE_DATABASE"):
    os.environ.pop(name, None)


def run(command, stdin=os.devnull, stdout=os.devnull, memory=True, pipe=False, status=0):
    """Seconds and peak memory in MB of one run. A process counts the memory it had before exec, so not ours but time's is before it.
    With `pipe` stdout is one, and what comes out of it is read and forgotten. `status`: what it ends with."""
    with tempfile.NamedTemporaryFile("r") as usage, open(stdin, "rb") as source, open(stdout, "wb") as target:
        wrapped = ["/usr/bin/time", "-q", "-f", "%M", "-o", usage.name] + command if memory else command
        begin = time.perf_counter()
        with subprocess.Popen(wrapped, stdin=source, stdout=subprocess.PIPE if pipe else target) as process:
            while pipe and os.read(process.stdout.fileno(), 1 << 20):
                pass
        seconds = time.perf_counter() - begin
        if process.returncode != status:
            sys.exit(f"bench: {' '.join(command)} ended with {process.returncode}")
        return seconds, int(usage.read()) / 1024 if memory else 0


class Job:
    """One thing to time: `prepare` runs before each round and is not timed."""

    def __init__(self, name, command, prepare=None, **options):
        self.name, self.command, self.prepare, self.options = name, command, prepare or (lambda: None), options
        self.seconds, self.memory = [], 0

    def round(self):
        self.prepare()
        seconds, memory = run(self.command, **self.options)
        self.seconds.append(seconds)
        self.memory = max(self.memory, memory)

    @property
    def best(self):
        return min(self.seconds)


def race(*jobs, rounds=ROUNDS):
    for _ in range(rounds):
        for job in jobs:
            job.round()


def show(job, base=None, most=None, most_memory=None):
    ratio = f"{job.best / base.best:6.2f}" if base else "      "
    goal = f"<= {most}" if most else ""
    memory_goal = f"< {most_memory}" if most_memory else ""
    missed = (most and job.best / base.best > most) or (most_memory and job.memory >= most_memory)
    memory = f"{job.memory:7.1f} MB {memory_goal:5}" if job.memory else ""
    print(f"{job.name:42} {job.best:8.4f} s {ratio} {goal:8} {memory} {'MISSED' if missed else ''}".rstrip())


def make_database(folder, rows):
    database = os.path.join(folder, f"shop-{rows}.db")
    maker = os.path.join(TOOLS, "shop_db.py")
    if not os.path.exists(maker):
        print(f"SKIPPED: bench needs {maker}; set DBFIXTURE_TOOLS")
        sys.exit(0)
    subprocess.run([sys.executable, maker, database, str(rows)], check=True, stdout=subprocess.DEVNULL)
    return database


def show_median(base, ours, most, rounds=51):
    """For runs that are too short for one to say much."""
    race(base, ours, rounds=rounds)
    for job in (base, ours):
        job.seconds = [statistics.median(job.seconds)]
    show(base)
    show(ours, base, most)
