#!/usr/bin/env python3
"""Commands that drop triggers for the while, killed before each message to the server: trigger_kills.py PROGRAM SERVER-FOLDER STEP [SEED]

A load, a flush and a restore with --drop-triggers are killed (by strace) before their Nth message to the server, for every STEPth N, and at some moments
between. Afterwards the rows must be as before or as wanted, and the next command must put back what is missing, by name: then information_schema.TRIGGERS must be
as it was, row by row, and nothing of the program's be left. No trigger ever fires. Prints what differs; exits 1 if anything does.
"""
import os, random, signal, subprocess, sys, tempfile, time

TABLES = [
    "CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, u INT UNIQUE, x VARCHAR(40))",
    "CREATE TABLE c (id INT PRIMARY KEY, p INT NOT NULL, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE)",
    "CREATE TABLE log (n INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(40))",
    "SET timestamp = 1700000000.25",
    "CREATE TRIGGER p_second BEFORE INSERT ON p FOR EACH ROW SET NEW.x = 'changed'",
    "CREATE TRIGGER p_first BEFORE INSERT ON p FOR EACH ROW PRECEDES p_second SET NEW.u = NEW.u + 1",
    "SET timestamp = 1600000000.5, sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'",
    """CREATE DEFINER = "nobody"@"nowhere" TRIGGER "p ""after" AFTER INSERT ON p FOR EACH ROW INSERT INTO log (what) VALUES ('a' || 'b')""",
    "SET timestamp = DEFAULT, sql_mode = ''",
    "CREATE TRIGGER p_update BEFORE UPDATE ON p FOR EACH ROW BEGIN SET NEW.x = 'updated'; INSERT INTO log (what) VALUES ('updated'); END",
    "SET NAMES latin1",
    "CREATE TRIGGER c_gone AFTER DELETE ON c FOR EACH ROW INSERT INTO log (what) VALUES ('\xe4\xf6')",
    "CREATE TRIGGER c_new AFTER INSERT ON c FOR EACH ROW INSERT INTO log (what) VALUES ('new')"]
STATE = "SELECT 'p', id, u, HEX(x) FROM p UNION ALL SELECT 'c', id, p, '' FROM c UNION ALL SELECT 'log', n, 0, HEX(what) FROM log ORDER BY 1, 2"
TRIGGERS = "SELECT * FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY trigger_name"
LEFT = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'dbfixture%'"
FIXTURE = '{"model": "p", "pk": %d, "fields": {"u": %d, "x": "%s"}}'


class Place:
    def __init__(self, program, folder):
        self.program, self.socket, self.work = program, os.path.join(folder, "socket"), tempfile.mkdtemp()
        self.name = f"trigger_kills_{os.getpid()}_test"
        self.url = f"mysql://root@/{self.name}?socket={self.socket}"

    def sql(self, text, database=None):
        run = subprocess.run(["mariadb", "--no-defaults", "-u", "root", "-S", self.socket, "-B", "-N", "--delimiter=;;", database or self.name],
                             input=text.encode("latin1"), capture_output=True)
        if run.returncode != 0:
            raise SystemExit(run.stderr.decode("latin1"))
        return run.stdout

    def run(self, words, before=()):
        return subprocess.run([*before, self.program, *words, "-d", self.url], capture_output=True, text=True, env={**os.environ, "XDG_STATE_HOME": self.work})

    # Until the server has noticed that clients are gone.
    def wait_for_nobody(self):
        for _ in range(200):
            if self.sql(f"SELECT COUNT(*) FROM information_schema.processlist WHERE db = '{self.name}'", "mysql").strip() == b"0":
                return
            time.sleep(0.02)


def names_of(triggers):
    return {line.split(b"\t")[2].decode() for line in triggers.splitlines()}


def fixture(path, count, shift):
    lines = [FIXTURE % (i, i + shift, "x" * (i % 30)) for i in range(1, count + 1)]
    lines += ['{"model": "c", "pk": %d, "fields": {"p": %d}}' % (i, i) for i in range(1, count // 2)]
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    return path


def main(program, folder, step, seed=None):
    step, seed = int(step), int(seed or random.randrange(1 << 30))
    dice, place = random.Random(seed), Place(program, folder)
    place.sql(f"CREATE DATABASE {place.name}", "mysql")
    wrong, seen = [], {"killed": 0, "put back": 0}
    try:
        place.sql(";;\n".join(TABLES))
        triggers = place.sql(TRIGGERS)
        one, two = fixture(f"{place.work}/one.jsonl", 40, 100), fixture(f"{place.work}/two.jsonl", 30, 500)
        load = ["loaddata", "-q", "--drop-triggers", "--replace=all"]
        empty = place.sql(STATE)
        states = {}
        for path in (two, one):
            done = place.run([*load, path])
            states[path] = place.sql(STATE)
            if done.returncode != 0 or place.sql(TRIGGERS) != triggers:
                raise SystemExit(f"a load that nobody killed: {done.stderr}")
        place.run(["snapshot", "-q"])
        commands = {"load": ([*load, one], two, states[one]), "flush": (["flush", "-q", "--no-input", "--drop-triggers"], one, empty),
                    "restore": (["restore", "-q", "--drop-triggers"], two, states[one])}
        for what, (words, start, wanted) in commands.items():
            number = dice.randrange(step) + 1
            while True:
                if place.sql(STATE) != states[start] and place.run([*load, start]).returncode != 0:
                    raise SystemExit("the start could not be loaded")
                before = states[start]
                if dice.randrange(4) == 0:  # at some moment
                    process = subprocess.Popen([program, *words, "-d", place.url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "XDG_STATE_HOME": place.work})
                    time.sleep(dice.random() * 0.2)
                    process.send_signal(signal.SIGKILL)
                    process.communicate()
                done = place.run(words, ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=sendto", "-e", f"inject=sendto:signal=KILL:when={number}"])
                moment = f"message {number}"
                place.wait_for_nobody()
                found, names = place.sql(STATE), sorted(names_of(triggers) - names_of(place.sql(TRIGGERS)))
                complain = lambda text: wrong.append(f"{what} killed before {moment}: {text}")
                if found not in (before, wanted):
                    complain("the rows are neither as before nor as wanted")
                again = place.run(["resetsequences"])
                if again.returncode != 0 or place.sql(TRIGGERS) != triggers:
                    complain(f"the next command ends with {again.returncode}, and triggers differ: {again.stderr}")
                if any(f'"{name}"' not in again.stderr for name in names) or (not names and "trigger" in again.stderr):
                    complain(f"missing were {names}, said was {again.stderr!r}")
                if place.sql(LEFT) or place.sql(STATE) != found:
                    complain("the next command leaves something, or changes rows")
                seen["put back"] += bool(names)
                if done.returncode == 0:
                    break
                seen["killed"] += 1
                number += step
    finally:
        place.run(["snapshots", "delete", "-q", "default"])
        place.sql(f"DROP DATABASE {place.name}", "mysql")
    print(f"{seen['killed']} kills, {seen['put back']} times triggers were put back: {len(wrong)} differences")
    for line in wrong:
        print(f"seed {seed}: {line}")
    return 1 if wrong or seen["put back"] == 0 else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
