#!/usr/bin/env python3
"""state_kills.py PROGRAM [--times N] [--rounds N] [--seed N] [--victim client|server] [--only NAME]: kill -9 of dbfixture and of a MariaDB server of its own
at random moments of snapshot, restore, push, pop and loaddata (of one of them with --only). The rows are as before or as after, a snapshot's name leads to the
old state or to the new one, nothing of ours is left but what the next call names and clears, and the next call has counters right, too. Then so many
rounds of snapshot, restore, push and pop beside an application that locks rows in an order of its own: exit status 0 is done, 5 is not begun. Prints how
often the moment came within the work; exits 1 if anything is wrong."""
import collections
import glob
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PROGRAM = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else sys.exit(__doc__)


def option(name, default):
    return type(default)(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


TIMES, ROUNDS, SEED = option("--times", 3), option("--rounds", 30), option("--seed", random.randrange(1 << 30))
VICTIM, ONLY = option("--victim", ""), option("--only", "")
ROWS = 3000
TABLES = f"""
CREATE TABLE account (id INT AUTO_INCREMENT PRIMARY KEY, v INT NOT NULL, filler VARCHAR(60) DEFAULT 'x');
CREATE TABLE entry (id INT AUTO_INCREMENT PRIMARY KEY, account INT, v INT, FOREIGN KEY (account) REFERENCES account (id) ON DELETE CASCADE);
CREATE TABLE bag (x INT);
INSERT INTO account (id, v) SELECT seq, 0 FROM seq_1_to_{ROWS};
INSERT INTO entry (id, account, v) SELECT seq, seq % 99 + 1, seq FROM seq_1_to_{ROWS};
""" + "".join(f"CREATE TABLE small_{i} (id INT PRIMARY KEY, v TEXT); INSERT INTO small_{i} SELECT seq, REPEAT('y', seq) FROM seq_1_to_20;" for i in range(6))
CHANGE = (f"UPDATE account SET v = v + 1 WHERE id %% 10 = %d; DELETE FROM account WHERE id BETWEEN 40 AND 60; INSERT INTO entry (account, v) SELECT 1, seq FROM seq_1_to_{ROWS // 10};"
          "DELETE FROM small_3; UPDATE small_5 SET v = 'z'; INSERT INTO bag VALUES (%d)")
COLUMNS = {"account": "id, v, filler", "entry": "id, account, v", "bag": "x", **{f"small_{i}": "id, v" for i in range(6)}}
FAILED = []


def check(what, good, more=""):
    if not good:
        FAILED.append(what)
        print(f"seed {SEED}: {what}: {more}", flush=True)


class Server:
    def __init__(self):
        self.folder = subprocess.run([os.path.join(ROOT, ".ci/mariadb"), "start", str(os.getpid()), "/dev/shm"], check=True, capture_output=True, text=True).stdout.strip()
        self.socket = os.path.join(self.folder, "socket")

    def client(self, database, sql, wants=True):
        done = subprocess.run(["mariadb", "--no-defaults", "-u", "root", "-S", self.socket, "-B", "-N", database], input=sql, capture_output=True, text=True)
        if wants and done.returncode != 0:
            sys.exit(f"state_kills: {sql[:200]}: {done.stderr}")
        return done.stdout

    def stay(self, database):
        """A session that goes on: what is written to its stdin is run, errors are passed over."""
        return subprocess.Popen(["mariadb", "--no-defaults", "-u", "root", "-S", self.socket, "--force", "--unbuffered", database],
                                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)

    def pid(self):
        with open(os.path.join(self.folder, "pid"), encoding="utf-8") as file:
            return int(file.read())

    def kill(self):
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        while os.path.exists(f"/proc/{pid}") and "State:\tZ" not in open(f"/proc/{pid}/status", encoding="utf-8").read():
            time.sleep(0.02)

    def start(self):
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] if os.getuid() == 0 else []
        with open(os.path.join(self.folder, "log.err"), "ab") as log:
            self.process = subprocess.Popen([*as_user, "/usr/sbin/mariadbd", f"--defaults-file={self.folder}/settings"], cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        for _ in range(1200):
            if self.client("mysql", "SELECT 1", False).strip() == "1":
                return
            time.sleep(0.1)
        sys.exit("state_kills: the server does not start again")

    def stop(self):
        subprocess.run([os.path.join(ROOT, ".ci/mariadb"), "stop", self.folder], check=True)


class Kills:
    def __init__(self, server, victim, home):
        self.server, self.victim, self.home = server, victim, home
        self.r, self.seen, self.longest = random.Random(f"{SEED} {victim}"), collections.Counter(), {}
        self.name = f"kills_{victim}_test"
        self.url = f"mysql://root@/{self.name}?socket={server.socket}"
        server.client("mysql", f"CREATE DATABASE {self.name}")
        server.client(self.name, TABLES)
        self.original = self.whole()
        self.good("snapshot", self.do("snapshot", "base"))
        self.fixture = os.path.join(home, f"{victim}.json")
        self.good("dumpdata", self.do("dumpdata", "account", "-o", self.fixture))
        self.server.client(self.name, "DELETE FROM entry; UPDATE account SET v = 7; DELETE FROM account WHERE id > 2000")
        self.other = os.path.join(home, f"{victim}.other.json")
        self.good("dumpdata", self.do("dumpdata", "account", "-o", self.other))
        self.good("restore", self.do("restore", "base"))

    def whole(self):
        """Rows by HEX and length; counters."""
        rows = "; ".join("SELECT '{0}:', CONCAT_WS(' ', {1}) AS x FROM {0} ORDER BY x".format(table, ", ".join(
            f"IFNULL(CONCAT(LENGTH({column}), ':', HEX({column})), '-')" for column in columns.split(", "))) for table, columns in COLUMNS.items())
        counters = f"SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = '{self.name}' AND auto_increment IS NOT NULL ORDER BY 1"
        said = self.server.client(self.name, f"{rows}; SELECT 'counters:'; {counters}").partition("counters:\n")
        return said[0], said[2]

    def do(self, command, *words):
        return subprocess.run([PROGRAM, command, "-d", self.url, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def good(self, what, done):
        check(what, done.returncode == 0, f"{done.returncode} {done.stdout}{done.stderr}")

    def change(self, number):
        """Whole, also where the application is met crosswise."""
        sql = f"START TRANSACTION; {CHANGE % (number % 10, number)}; COMMIT; SELECT 'done'"
        if not any(self.server.client(self.name, sql, False) == "done\n" for _ in range(100)):
            self.server.client(self.name, sql)
        return self.whole()

    def kept(self):
        """What bears our name on the server; of that, what no file of the store names."""
        names = self.server.client("mysql", f"SELECT schema_name FROM information_schema.schemata WHERE schema_comment LIKE '%dbfixture%' OR schema_name LIKE '{self.name}\\_\\_%'").split()
        texts = "\n".join(open(path, "rb").read().decode("utf-8", "replace") for path in glob.glob(os.path.join(self.home, "**"), recursive=True) if os.path.isfile(path))
        return [name for name in names if name not in texts]

    def strike(self, what, words):
        process = subprocess.Popen([PROGRAM, words[0], "-d", self.url, *words[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        began = time.monotonic()
        if words[0] not in self.longest:
            said = process.communicate()
            self.longest[words[0]] = time.monotonic() - began
            check(f"{what}: undisturbed", process.returncode == 0, str(said))
            return
        time.sleep(self.r.random() * 1.1 * self.longest[words[0]])
        within = process.poll() is None
        if self.victim == "client":
            process.kill()
            process.communicate()
        else:
            self.server.kill()
            said = process.communicate(timeout=60)
            check(f"{what}: the program ends with a clear word", process.returncode in (0, 1, 7, 125) and (process.returncode == 0 or "error: " in said[1]), f"{process.returncode} {said}")
            self.server.start()
        for _ in range(200):
            if self.server.client("mysql", f"SELECT COUNT(*) FROM information_schema.processlist WHERE db LIKE '{self.name}%'").strip() == "0":
                break
            time.sleep(0.05)
        else:
            check(f"{what}: no session stays on", False)
        self.seen[f"{words[0]} {'within' if within else 'when done'}"] += 1

    def one_of(self, what, *states, counters=False):
        found = self.whole()
        good = any(found == state if counters else found[0] == state[0] for state in states)
        check(f"{what}: as before or as after", good, "counters" if any(found[0] == state[0] for state in states) else "rows")
        self.seen[f"{what.split()[0]}: {'as before' if found[0] == states[0][0] else 'as after'}"] += 1
        return found

    def next_call(self, what, *words, statuses=(0,)):
        left = self.kept()
        done = self.do(*words)
        said = done.stdout + done.stderr
        check(f"{what}: the next call", done.returncode in statuses, f"{done.returncode} {said}")
        if done.returncode == 4:  # there was nothing to do: the next call that changes states clears it
            done = self.do("snapshot", "next", "--force")
            self.good(f"{what}: the next snapshot", done)
            said += done.stdout + done.stderr
        for name in left:
            self.seen["left and cleared"] += 1
            check(f"{what}: what was left is named: {name}", name in said, said)
        check(f"{what}: nothing is left of it", self.kept() == [], str(self.kept()))

    def snapshot(self, what, number):
        replaces = number % 2 == 0
        old = self.original
        if replaces:
            old = self.change(number)
            self.good(f"{what}: an older one", self.do("snapshot", "target", "--force"))
        now = self.change(number + 1)
        self.strike(what, ["snapshot", "target"] + ["--force"] * replaces)
        # A server that starts again forgets numbers that it had set aside for one statement.
        self.one_of(what, now, counters=self.victim == "client")
        done = self.do("restore", "target")
        if done.returncode == 4 and not replaces:
            self.seen["snapshot: not there"] += 1
        else:
            self.good(f"{what}: the name leads to a state", done)
            self.one_of(what + ": what it leads to", *([old] if replaces else []), now, counters=True)
        self.next_call(what, "snapshot", "next", "--force")
        check(f"{what}: delete", self.do("snapshots", "delete", "target").returncode in (0, 4))

    def restore(self, what, number):
        now = self.change(number)
        self.strike(what, ["restore", "base"])
        found = self.one_of(what, now, self.original)
        if found[0] == self.original[0] and found[1] != self.original[1]:
            # Any call that changes states finishes it.
            self.seen["counters were pending"] += 1
            self.next_call(what, "snapshot", "next", "--force")
            self.one_of(what + ": the counters", self.original, counters=True)
        self.next_call(what, "restore", "base")
        self.one_of(what + ": the next", self.original, counters=True)

    def push(self, what, number):
        below = self.change(number)
        self.strike(what, ["push", "layer", self.fixture, "--replace=account"] if number % 2 else ["push", "layer"])
        found = self.whole()[0]
        self.seen[f"push: {'as before' if found == below[0] else 'changed'}"] += 1
        self.next_call(what, ("reset", "pop", "push")[number % 3], *(["again"] if number % 3 == 2 else []), statuses=(0, 4))
        self.closed(what, below)

    def pop(self, what, number):
        below = self.change(number)
        self.good(f"{what}: push", self.do("push", "layer"))
        now = self.change(number + 1)
        self.strike(what, ["pop"])
        self.one_of(what, now, below)
        self.next_call(what, "pop", statuses=(0, 4))
        self.closed(what, below)

    def load(self, what, number):
        self.good(f"{what}: first", self.do("loaddata", "--replace=all", self.fixture))
        before = self.whole()
        self.good(f"{what}: other", self.do("loaddata", "--replace=all", self.other))
        after = self.whole()
        self.good(f"{what}: first", self.do("loaddata", "--replace=all", self.fixture))
        self.strike(what, ["loaddata", "--replace=all", self.other])
        self.one_of(what, before, after)
        self.good(f"{what}: the next", self.do("loaddata", "--replace=all", self.other))
        self.one_of(what + ": the next", after, counters=True)

    # Commands whose COMMIT is followed by counters that it lowers, each with one that makes all as if it had not been killed.
    LOWER = (("flush", "--no-input", "account", "entry"), ("loaddata", "--replace=all", "OTHER"), ("resetsequences",))

    def counters(self, what, number):
        """Killed between COMMIT and the counters, where a reader holds it: numbers may be left out then, but none is given twice."""
        words = [self.other if word == "OTHER" else word for word in self.LOWER[number % len(self.LOWER)]]
        self.server.client(self.name, "INSERT INTO account (id, v) VALUES (9000, 1); INSERT INTO entry (id, v) VALUES (9000, 1); DELETE FROM account WHERE id = 9000")
        reader = self.server.stay(self.name)
        reader.stdin.write("START TRANSACTION; SELECT 1 FROM account LIMIT 1; SELECT 1 FROM entry LIMIT 1;\n")
        reader.stdin.flush()
        self.waits(lambda: self.server.client("mysql", "SELECT COUNT(*) FROM information_schema.innodb_trx") == "1\n")
        process = subprocess.Popen([PROGRAM, words[0], "-d", self.url, "--busy-timeout", "60000", *words[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        waiting = f"SELECT COUNT(*) FROM information_schema.processlist WHERE db = '{self.name}' AND state LIKE 'Waiting for table metadata lock' AND info LIKE 'ALTER%'"
        there = self.waits(lambda: self.server.client("mysql", waiting) == "1\n")
        check(f"{what}: it is held up behind its COMMIT", there, str(process.poll()))
        self.seen[f"{words[0]} behind its COMMIT"] += there
        process.kill() if self.victim == "client" else self.server.kill()
        process.communicate(timeout=60)
        reader.kill()
        reader.communicate()
        if self.victim == "server":
            self.server.start()
        self.waits(lambda: self.server.client("mysql", f"SELECT COUNT(*) FROM information_schema.processlist WHERE db = '{self.name}'") == "0\n")
        killed = self.whole()
        for table in ("account", "entry"):
            said = self.server.client(self.name, f"SET @most = (SELECT IFNULL(MAX(id), 0) FROM {table}); INSERT INTO {table} (v) VALUES (0); SELECT LAST_INSERT_ID() > @most; DELETE FROM {table} WHERE id > @most")
            check(f"{what}: {table} numbers on", said == "1\n", said)
        check(f"{what}: that has changed no row", self.whole()[0] == killed[0])
        self.good(f"{what}: the same again", self.do(*words))
        again = self.whole()
        check(f"{what}: the rows are as after", again[0] == killed[0])
        self.good(f"{what}: from the beginning", self.do("restore", "base"))
        if words[0] != "resetsequences":
            self.good(f"{what}: undisturbed", self.do(*words))
            check(f"{what}: as if it had not been killed", self.whole() == again, str(again[1]))

    def told(self):
        """What was counted since it was last told."""
        said = ", ".join(f"{what} {count}" for what, count in sorted(self.seen.items()))
        self.seen.clear()
        return said

    def waits(self, there):
        for _ in range(600):
            if there():
                return True
            time.sleep(0.05)
        return False

    def closed(self, what, below):
        done = self.do("pop", "--all")
        check(f"{what}: all is popped", done.returncode in (0, 4), f"{done.returncode} {done.stderr}")
        self.one_of(what + ": popped", below)
        check(f"{what}: nothing is left of layers", self.kept() == [], str(self.kept()))

    def run(self):
        for piece in (self.restore, self.snapshot, self.push, self.pop, self.load, self.counters):
            if ONLY not in ("", piece.__name__):
                continue
            for number in range(TIMES + 1):
                piece(f"{piece.__name__} {number} ({self.victim})", number)
                self.good(f"{piece.__name__} {number}: restore", self.do("restore", "base"))
            print(f"{self.victim} killed, {piece.__name__}:", self.told(), flush=True)
        for name in ("base", "next"):
            check(f"snapshots delete {name}", self.do("snapshots", "delete", name).returncode in (0, 4 if name == "next" else 0))
        left = self.server.client("mysql", "SELECT schema_name FROM information_schema.schemata WHERE schema_comment LIKE '%dbfixture%'").split()
        check(f"{self.name}: nothing of ours is left", left == [], str(left))


class Rounds(Kills):
    """Beside an application whose transactions lock rows, write some, wait, and roll back."""

    def application(self, stop, number):
        """Its pauses are now and then longer than the program waits, and mostly so short that most of it is done."""
        rng = random.Random(f"{SEED} application {number}")
        client = self.server.stay(self.name)
        client.stdin.write("SET innodb_lock_wait_timeout = 2, autocommit = 0;\n")  # what follows an error is rolled back, too
        while not stop.is_set():
            picks, length = [], 0
            for _ in range(4):
                table, key = rng.choice((("account", "id"), ("entry", "id"), ("small_1", "id"), ("small_5", "id")))
                where = f"{key} = {rng.randrange(1, 20 if table.startswith('small') else ROWS)}"
                write = f"UPDATE {table} SET v = v WHERE {where}" if rng.random() < 0.5 else f"DELETE FROM {table} WHERE {where}"
                pause = 1.2 if rng.random() < 0.01 else rng.random() / 30
                length += pause
                picks.append(f"{write}; DO SLEEP({pause});")
            client.stdin.write("START TRANSACTION;" + "".join(picks) + "ROLLBACK;\n")
            client.stdin.flush()
            time.sleep(length)
        client.communicate()

    def attempt(self, what, states, *words):
        """`states`: the rows after success, and after nothing was done; None: any."""
        done = self.do(words[0], "--busy-timeout", "500", *words[1:])
        check(f"{what}: done or busy", done.returncode in (0, 5), f"{done.returncode} {done.stdout}{done.stderr}")
        self.seen[f"{words[0]} {'done' if done.returncode == 0 else 'busy'}"] += 1
        found, wanted = self.whole()[0], states[0 if done.returncode == 0 else 1]
        check(f"{what}: the rows are what the status says", found == wanted[0], f"status {done.returncode}")
        return done.returncode == 0

    def rounds(self):
        stop = threading.Event()
        threads = [threading.Thread(target=self.application, args=(stop, number)) for number in range(2)]
        for number in range(ROUNDS):
            before = self.change(number)
            if number == 0:
                for thread in threads:
                    thread.start()
            kind = number % 3
            what = f"round {number}"
            if kind == 0:
                self.attempt(what, (self.original, before), "restore", "base")
            elif kind == 1:
                self.attempt(what, (before, before), "snapshot", "target", "--force")
                self.attempt(what, (self.original, before), "restore", "base")
            elif self.attempt(what, (before, before), "push", "layer"):
                self.attempt(what, (before, before), "pop")
            while kind == 2 and self.do("pop", "--all", "--busy-timeout", "3000").returncode == 5:
                pass
            while self.whole()[0] != self.original[0] and self.do("restore", "base", "--busy-timeout", "3000").returncode == 5:
                pass
            check(f"{what}: restored", self.whole()[0] == self.original[0])
        stop.set()
        for thread in threads:
            thread.join()
        self.good("restore", self.do("restore", "base"))
        self.one_of("counters, once nobody has tables open", self.original, counters=True)


def main():
    for variable in [name for name in os.environ if name.startswith("DBFIXTURE_RUN")] + ["DATABASE_URL", "DBFIXTURE_DATABASE"]:
        os.environ.pop(variable, None)
    server = Server()
    try:
        with tempfile.TemporaryDirectory(prefix="dbfixture-kills-") as home:
            os.environ["XDG_STATE_HOME"] = home
            for victim in [one for one in ("client", "server") if TIMES > 0 and VICTIM in ("", one)]:
                kills = Kills(server, victim, home)
                kills.run()
            if ROUNDS > 0:
                beside, began = Rounds(server, "nobody", home), time.monotonic()
                beside.rounds()
                print(f"{ROUNDS} rounds beside an application in {time.monotonic() - began:.0f} s:", beside.told(), flush=True)
    finally:
        server.stop()
    print(f"{len(FAILED)} differences")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
