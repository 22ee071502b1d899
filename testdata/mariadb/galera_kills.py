#!/usr/bin/env python3
"""galera_kills.py PROGRAM [--times N] [--seed N]: kill -9 of a node of a Galera cluster of its own at random moments of restores and loads that go through it. The
other two are equal then, with the rows as before or as after, and the program says that it failed unless it was done; the node that comes back has the
same, and the next restore is right on all. Prints what was met how often; exits 1 if anything is wrong."""
import collections
import os
import random
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PROGRAM = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else sys.exit(__doc__)


def option(name, default):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


TIMES, SEED = option("--times", 6), option("--seed", random.randrange(1 << 30))
NAME = "kills_test"
TABLES = """
CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(60));
CREATE TABLE b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a (id));
CREATE TABLE bag (x INT, w TEXT);
INSERT INTO a SELECT seq, CONCAT('v', seq) FROM seq_1_to_2000; INSERT INTO b SELECT seq, seq FROM seq_1_to_500; INSERT INTO bag SELECT seq % 7, 'w' FROM seq_1_to_40;
"""
CHANGE = "SET wsrep_sync_wait = 15; UPDATE a SET v = CONCAT(v, 'x') WHERE id % 3 = 0; DELETE FROM b WHERE id % 7 = 0; INSERT INTO a (v) VALUES (UUID()); INSERT INTO bag VALUES (1, '')"
ROWS = "SET wsrep_sync_wait = 15; SELECT id, HEX(v) FROM a ORDER BY id; SELECT id, a FROM b ORDER BY id; SELECT x, HEX(w) FROM bag ORDER BY x, w"
SOON_LOST = "SET GLOBAL wsrep_provider_options = 'evs.suspect_timeout=PT5S'"
FAILED = []


def check(what, good, more=""):
    if not good:
        FAILED.append(what)
        print(f"seed {SEED}: {what}: {more}", flush=True)


class Cluster:
    def __init__(self):
        self.folder = subprocess.run([os.path.join(ROOT, ".ci/galera"), "start", str(os.getpid())], check=True, capture_output=True, text=True).stdout.strip()
        self.url = f"mysql://root@/{NAME}?socket={self.folder}/n1/socket"

    def client(self, node, sql, database=NAME, wants=True):
        words = ["timeout", "60", "mariadb", "--no-defaults", "-u", "root", "-S", f"{self.folder}/n{node}/socket", "-BN", database]
        done = subprocess.run(words, input=sql, capture_output=True, text=True)
        if wants and done.returncode != 0:
            sys.exit(f"galera_kills: node {node}: {sql[:200]}: {done.stderr}")
        return done.stdout

    def rows(self, node):
        return self.client(node, ROWS)

    def wait(self, node, size):
        """Until the node is one of so many that have lost nobody."""
        wanted = ["Synced", "Primary", str(size)]
        ask = "SHOW STATUS WHERE variable_name IN ('wsrep_local_state_comment', 'wsrep_cluster_status', 'wsrep_cluster_size')"
        for _ in range(1200):
            found = self.client(node, ask, "mysql", False)
            if sorted(line.split("\t")[1] for line in found.splitlines()) == sorted(wanted):
                return
            time.sleep(0.1)
        sys.exit(f"galera_kills: node {node} is not one of {size}")

    def kill(self):
        with open(f"{self.folder}/n1/pid", encoding="utf-8") as file:
            os.kill(int(file.read()), 9)

    def start(self):
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] if os.getuid() == 0 else []
        with open(f"{self.folder}/n1/log.err", "ab") as log:
            words = [*as_user, "/usr/sbin/mariadbd", f"--defaults-file={self.folder}/n1/settings"]
            self.process = subprocess.Popen(words, cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.wait(1, 3)
        self.client(1, SOON_LOST, "mysql")

    def stop(self):
        subprocess.run([os.path.join(ROOT, ".ci/galera"), "stop", self.folder], check=True)


def do(cluster, command, *words):
    return subprocess.Popen([PROGRAM, command, "-q", "-d", cluster.url, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kills(cluster, fixture, seen):
    r = random.Random(SEED)
    before = cluster.rows(1)
    longest = {}
    for number in range(2 * TIMES + 2):
        words = ("restore", "base") if number % 2 == 0 else ("loaddata", "--replace=all", fixture)
        what = f"{words[0]} {number}"
        cluster.client(1 + number % 3, CHANGE)
        changed = cluster.rows(1)
        begun = time.monotonic()
        process = do(cluster, *words)
        if words[0] not in longest:
            said = process.communicate()
            longest[words[0]] = time.monotonic() - begun
            check(f"{what}: undisturbed", process.returncode == 0 and cluster.rows(2) == before, str(said))
            continue
        time.sleep(r.random() * 1.05 * longest[words[0]])
        cluster.kill()
        said = process.communicate(timeout=120)
        cluster.wait(2, 2)
        found = cluster.rows(2)
        check(f"{what}: the other nodes are equal", cluster.rows(3) == found)
        check(f"{what}: as before or as after", found in (before, changed))
        check(f"{what}: the program's word", found == before if process.returncode == 0 else "error: " in said[1], f"{process.returncode} {said}")
        seen[f"{words[0]} as {'after' if found == before else 'before'}, status {process.returncode}"] += 1
        cluster.start()
        check(f"{what}: the node that came back", cluster.rows(1) == found)
        process = do(cluster, "restore", "base")
        said = process.communicate()
        check(f"{what}: the next restore", process.returncode == 0 and all(cluster.rows(node) == before for node in (1, 2, 3)), str(said))


def main():
    for variable in [name for name in os.environ if name.startswith("DBFIXTURE_RUN")] + ["DATABASE_URL", "DBFIXTURE_DATABASE"]:
        os.environ.pop(variable, None)
    cluster, seen = Cluster(), collections.Counter()
    try:
        with tempfile.TemporaryDirectory(prefix="dbfixture-kills-") as home:
            os.environ["XDG_STATE_HOME"] = home
            for node in (1, 2, 3):
                cluster.client(node, SOON_LOST, "mysql")
            cluster.client(1, f"CREATE DATABASE {NAME}", "mysql")
            cluster.client(1, TABLES)
            fixture = os.path.join(home, "all.json")
            for words in (("snapshot", "base"), ("dumpdata", "-o", fixture)):
                process = do(cluster, *words)
                check(words[0], process.wait() == 0)
            kills(cluster, fixture, seen)
    finally:
        cluster.stop()
    print(f"{2 * TIMES} kills of a node:", ", ".join(f"{what}: {count}" for what, count in sorted(seen.items())))
    print(f"{len(FAILED)} differences")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
