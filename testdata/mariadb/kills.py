#!/usr/bin/env python3
"""Loads that are killed, and loads beside an application: kills.py PROGRAM SERVER-FOLDER ROUNDS [SEED]

Two states of one database are loaded by turns in place of each other. Meanwhile an application locks rows in
an order of its own, so that loads wait and meet it crosswise. In every other round the program is killed at some moment. Afterwards the database must be what it
was or what the fixture says, whole, as the server itself tells it; and it must be what the exit status says: 0 is the fixture, 5 (busy) is as before. Counters
never stand before the largest number. Prints what differs; exits 1 if anything does.
"""
import os, random, signal, subprocess, sys, tempfile, threading, time

TABLES = """CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, u INT UNIQUE, x VARCHAR(40));
CREATE TABLE c (id INT PRIMARY KEY, p INT NOT NULL, y BLOB, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE s (a INT, b VARCHAR(10), up INT, PRIMARY KEY (a, b), KEY (up));"""
STATE = "SELECT 'p', id, u, HEX(x), LENGTH(x) FROM p UNION ALL SELECT 'c', id, p, HEX(y), LENGTH(y) FROM c UNION ALL SELECT 's', a, up, HEX(b), LENGTH(b) FROM s ORDER BY 1, 2, 3, 4"


def main(program, folder, rounds, seed=None):
    seed = int(seed or random.randrange(1 << 30))
    dice = random.Random(seed)
    name, socket, work = f"kills_{os.getpid()}_test", os.path.join(folder, "socket"), tempfile.mkdtemp()
    url = f"mysql://root@/{name}?socket={socket}"

    def client(database, sql):
        run = subprocess.run(["mariadb", "--no-defaults", "-u", "root", "-S", socket, "-B", "-N", database], input=sql, capture_output=True, text=True)
        return run.stdout

    def state():
        return client(name, STATE)

    def rows(count):
        unique = dice.sample(range(10 * count), count)
        sql = ["DELETE FROM c; DELETE FROM p; DELETE FROM s;"]
        for i in range(1, count + 1):
            sql.append(f"INSERT INTO p VALUES ({i}, {unique[i - 1]}, '{'x' * dice.randrange(30)}'); INSERT INTO s VALUES ({i}, 'b{i % 7}', {dice.randrange(9)});")
        for i in range(1, count + 1):
            sql.append(f"INSERT INTO c VALUES ({i}, {dice.randrange(count) + 1}, x'{dice.randbytes(dice.randrange(20)).hex()}');")
        return "\n".join(["BEGIN;", *sql, "COMMIT;"])

    stop = threading.Event()

    def application():
        rng = random.Random(seed + 1)
        while not stop.is_set():
            picks = []
            for _ in range(4):
                table = rng.choice("pcs")
                key = "a" if table == "s" else "id"
                picks.append(f"SELECT COUNT(*) FROM (SELECT {key} FROM {table} WHERE {key} = {rng.randrange(300)} FOR UPDATE) q; SELECT SLEEP({2 if rng.random() < 0.03 else rng.random() / 50});")
            client(name, "SET innodb_lock_wait_timeout = 2; START TRANSACTION;" + "".join(picks) + "ROLLBACK;")

    wrong, seen = [], {"loaded": 0, "busy": 0, "killed before": 0, "killed after": 0}
    client("mysql", f"CREATE DATABASE {name}")
    try:
        client(name, TABLES)
        states = []
        for number, count in enumerate((300, 250)):
            client(name, rows(count))
            fixture = os.path.join(work, f"{number}.json")
            subprocess.run([program, "dumpdata", "-q", "-d", url, "-o", fixture], check=True)
            states.append((fixture, state()))
        threads = [threading.Thread(target=application) for _ in range(2)]
        for thread in threads:
            thread.start()
        now = 1
        for number in range(int(rounds)):
            fixture, wanted = states[1 - now]
            before = states[now][1]
            load = subprocess.Popen([program, "loaddata", "--busy-timeout", "1000", "--replace=all", "-d", url, fixture], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if number % 2:
                time.sleep(dice.random() * 0.4)
                load.send_signal(signal.SIGKILL)
            said, status = load.communicate()[0], load.returncode
            # The server rolls back by itself once it sees that the client is gone.
            for _ in range(100):
                if client("mysql", f"SELECT COUNT(*) FROM information_schema.processlist WHERE db = '{name}' AND info LIKE 'INSERT%'").strip() == "0":
                    break
                time.sleep(0.05)
            found = state()
            if status == -signal.SIGKILL:
                time.sleep(0.05)
                found = state()
                seen["killed after" if found == wanted else "killed before"] += 1
                good = found in (before, wanted)
            else:
                seen["loaded" if status == 0 else "busy"] += 1
                good = found == (wanted if status == 0 else before) and status in (0, 5)
            if not good:
                wrong.append(f"round {number}: status {status}: {said}the database is {'as before' if found == before else 'as the fixture' if found == wanted else 'neither'}")
            if found == wanted:
                now = 1 - now
            counter = client(name, f"SELECT auto_increment > (SELECT COALESCE(MAX(id), 0) FROM p) FROM information_schema.tables WHERE table_schema = '{name}' AND table_name = 'p'")
            if counter.strip() != "1":
                wrong.append(f"round {number}: the counter stands before the largest number")
        stop.set()
        for thread in threads:
            thread.join()
    finally:
        stop.set()
        client("mysql", f"DROP DATABASE {name}")
    print(f"{rounds} rounds ({', '.join(f'{count} {what}' for what, count in seen.items())}): {len(wrong)} differences")
    for line in wrong:
        print(f"seed {seed}: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
