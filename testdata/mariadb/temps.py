#!/usr/bin/env python3
"""`run --temp` on a MariaDB server: temps.py PROGRAM SERVER-FOLDER ROUNDS [SEED]

Eight at once, each writing; a killed one that its command outlives; ROUNDS that are killed at random moments. None sees another's rows, the original stays as it is,
and in the end no database, no folder and no account is left. Databases are compared by mariadb-dump: rows, tables, views, programs, counters. Prints what differs; exits 1 if anything does.
"""
import glob, os, random, signal, subprocess, sys, tempfile, time

TABLES = """CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, who VARCHAR(30)) AUTO_INCREMENT = 901; INSERT INTO t (id, who) SELECT seq, 'original' FROM seq_1_to_500;
CREATE TABLE log (n INT AUTO_INCREMENT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE) ENGINE = InnoDB;
CREATE VIEW v AS SELECT COUNT(*) AS n FROM t; CREATE SEQUENCE s START WITH 7 NOCACHE;
CREATE TRIGGER logs AFTER INSERT ON t FOR EACH ROW INSERT INTO log (t) VALUES (NEW.id);
CREATE PROCEDURE add_some(IN who VARCHAR(30), IN some INT) INSERT INTO t (who) SELECT who FROM t LIMIT some;"""
WRITER = """
mariadb --no-defaults -B -N -u root -S "$SOCKET" "$NAME" <<END
CALL add_some('$1', 20);
DELETE FROM t WHERE id = $2;
CREATE TABLE own_$2 (x INT);
SELECT SLEEP($3);
SELECT SUM(who = '$1'), COUNT(DISTINCT who), COUNT(*), MIN(id), MAX(id), (SELECT COUNT(*) FROM log), NEXTVAL(s), (SELECT n FROM v),
  (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'own%'), DATABASE() <> '$4' FROM t;
END
"""


def main(program, folder, rounds, seed=None):
    seed = int(seed or random.randrange(1 << 30))
    dice = random.Random(seed)
    name, socket, home = f"temps_{os.getpid()}_test", os.path.join(folder, "socket"), tempfile.mkdtemp()
    url = f"mysql://root@/{name}?socket={socket}"
    os.environ.update(SOCKET=socket, XDG_STATE_HOME=home)
    wrong = []

    def check(what, good, seen=""):
        if not good:
            wrong.append(f"{what}: {seen}")

    def client(sql, database="mysql"):
        run = subprocess.run(["mariadb", "--no-defaults", "-u", "root", "-S", socket, "-B", "-N", database], input=sql, capture_output=True, text=True)
        return run.stdout + run.stderr

    def whole():
        run = subprocess.run(["mariadb-dump", "--no-defaults", "-u", "root", "-S", socket, "--skip-comments", "--routines", "--events", "--hex-blob", name], capture_output=True, check=True)
        return run.stdout

    runs = set()  # that have left something

    def left():
        """Copies, and the states of theirs, which have the run in their mark."""
        copies = client(f"SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'dbfixture%{name}%'").split()
        runs.update(copy.rsplit("_", 1)[1] for copy in copies)
        states = [client(f"SELECT schema_name FROM information_schema.schemata WHERE schema_comment LIKE '%-{run}/%'").split() for run in runs]
        return sorted(copies + sum(states, []))

    def start(*words, **options):
        return subprocess.Popen([program, "run", "-d", url, "--temp", "--env", "NAME=dbname", "--", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def swept(what):
        said = None
        for _ in range(100):
            said = subprocess.run([program, "run", "-d", url, "--temp", "--", "true"], capture_output=True, text=True)
            if said.returncode == 0 and not left():
                break
            time.sleep(0.1)
        check(f"{what}: all copies are swept", not left(), f"{left()} {said}")
        folders = [path for base in ("/dev/shm", os.environ.get("TMPDIR", "/tmp"), "/tmp") for path in glob.glob(f"{base}/dbfixture-{os.geteuid()}-*/.dbfixture-temp") if name in open(path, errors="replace").read()]
        check(f"{what}: no folder is left", not folders, str(folders))

    client(f"CREATE DATABASE {name}")
    try:
        client(TABLES, name)
        before = whole()
        running = [start("sh", "-c", WRITER, "sh", f"run {i}", str(i + 1), "0.5", name) for i in range(8)]
        for i, process in enumerate(running):
            said, complaints = process.communicate()
            lowest = 2 if i == 0 else 1
            check(f"run {i} of eight", (process.returncode, said) == (0, f"0\n20\t2\t519\t{lowest}\t920\t20\t7\t519\t1\t1\n"), f"{process.returncode} {said} {complaints}")
        check("eight at once: the original is unchanged", whole() == before)
        check("eight at once: no database is left", left() == [], str(left()))

        process = start("sh", "-c", "echo $$; sleep 1000", start_new_session=True)
        command = int(process.stdout.readline())
        process.kill()
        process.wait()
        copy = left()
        check("a killed run leaves its copy, and the state that reset would lead to", len(copy) == 2, str(copy))
        stranger = f"dbfixture_{name}_0123456789abcdef"
        client(f"CREATE DATABASE {stranger}")
        subprocess.run([program, "run", "-q", "-d", url, "--temp", "--", "true"])
        check("a copy stays while its command goes on, and what has only the name", left() == sorted([*copy, stranger]), str(left()))
        client(f"DROP DATABASE {stranger}")
        os.killpg(process.pid, signal.SIGKILL)
        while os.path.exists(f"/proc/{command}"):
            time.sleep(0.05)
        swept("a killed run")

        for _ in range(int(rounds)):
            process = start("sh", "-c", WRITER, "sh", "killed", "1", "0", name, start_new_session=True)
            time.sleep(dice.random() * 1.5)
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        swept("runs killed at random moments")
        check("killed at random moments: the original is unchanged", whole() == before)
    finally:
        for database in [name, *left()]:
            client(f"DROP DATABASE IF EXISTS {database}")
    print(f"{rounds} rounds: {len(wrong)} differences")
    for line in wrong:
        print(f"seed {seed}: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
