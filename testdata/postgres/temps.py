#!/usr/bin/env python3
"""temps.py PROGRAM [--all]: `run --temp` on a PostgreSQL server: eight at once, each writing; killed ones; and what is left afterwards."""
import os
import random
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from pg_lab import ALL, PROGRAM, Server, check, difference, fails, finish, good, tool, wait_for

TABLES = ("CREATE TABLE t (id serial PRIMARY KEY, who text); INSERT INTO t (who) SELECT 'original' FROM generate_series(1, 500); CREATE TABLE u (x int);"
          "CREATE SCHEMA other; CREATE TABLE other.t (x text)")
WRITER = """
psql -X -q -v ON_ERROR_STOP=1 -A -t "$DATABASE_URL" <<END
INSERT INTO t (who) SELECT '$1' FROM generate_series(1, 20);
DELETE FROM t WHERE id = $2;
CREATE TABLE own_$2 (x int);
SELECT pg_sleep($3);
SELECT count(*) FILTER (WHERE who = '$1'), count(DISTINCT who), count(*), max(id), (SELECT count(*) FROM pg_class WHERE relname LIKE 'own_%'), current_database() <> '$4' FROM t;
END
"""


class Temps:
    def __init__(self, server, user):
        self.server, self.user, self.name = server, user, f"temps_{user}_test"
        server.make(self.name, TABLES, user)
        self.url = server.url(self.name, user)
        self.before, self.databases = server.whole(self.name), self.all_databases()

    def all_databases(self):
        return self.server.psql("postgres", "SELECT datname FROM pg_database ORDER BY 1").split()

    def unchanged(self, what):
        found = self.server.whole(self.name)
        check(f"{self.user}: {what}: the original is unchanged", found == self.before, difference(self.before, found))

    def nothing_left(self, what):
        left = [name for name in self.all_databases() if name not in self.databases]
        check(f"{self.user}: {what}: no database is left", left == [], str(left))
        check(f"{self.user}: {what}: no schema is left", self.server.ours(self.name)[0] == [], str(self.server.ours(self.name)))
        check(f"{self.user}: {what}: no file is left", self.server.files() == [], str(self.server.files()))

    def start(self, *words, **options):
        return subprocess.Popen([PROGRAM, "run", "-d", self.url, "--temp", "--", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, **options)

    def eight_at_once(self):
        running = [self.start("sh", "-c", WRITER, "sh", f"run {i}", str(i + 1), "0.5", self.name) for i in range(8)]
        for i, process in enumerate(running):
            said, _ = process.communicate()
            check(f"{self.user}: run {i} of eight sees its own rows only", (process.returncode, said) == (0, "\n20|2|519|520|1|t\n"), f"{process.returncode} {said}")
        self.unchanged("eight at once")
        self.nothing_left("eight at once")

    def beside_others(self):
        """The original is in use, as it is where an application runs."""
        app = self.server.session(self.name, self.user, "busy-application")
        app("BEGIN; SELECT count(*) FROM t")
        done = tool("run", "-d", self.url, "--temp", "--", "true")
        if done.returncode != 0:
            check(f"{self.user}: a session in the way of a copy is named", done.returncode in (5, 125) and ("busy-application" in done.stderr or str(app.pid) in done.stderr), done)
        check(f"{self.user}: the session stayed", app("SELECT 1") == "1")
        app("COMMIT")
        app.close()
        self.nothing_left("beside a session")

    def ends_of_commands(self):
        done = tool("run", "-d", self.url, "--temp", "--", "sh", "-c", "exit 3")
        check(f"{self.user}: the command's status", done.returncode == 3, done)
        for options in (["--keepdb"], ["--keep-failed"]):
            done = tool("run", "-d", self.url, "--temp", *options, "--", "sh", "-c", "echo $DATABASE_URL; exit 1")
            kept = [name for name in self.all_databases() if name not in self.databases]
            check(f"{self.user}: {options[0]} keeps the copy and names it", len(kept) == 1 and kept[0] in done.stderr, done)
            good(f"{self.user}: the next run", tool("run", "-d", self.url, "--temp", "--", "true"))
            check(f"{self.user}: one that is kept stays", [name for name in self.all_databases() if name not in self.databases] == kept)
            for name in kept:
                self.server.drop(name)
        command = self.start("sh", "-c", "psql -X -q \"$DATABASE_URL\" -c 'SELECT pg_sleep(100)' & echo started; wait")
        command.stdout.readline()
        command.send_signal(signal.SIGTERM)
        check(f"{self.user}: SIGTERM is passed on", command.wait(60) == 143, str(command.returncode))
        self.nothing_left("after SIGTERM with a session open")

    def killed(self):
        """Neither while its command goes on nor of others: what a killed run left goes with the next one."""
        process = self.start("sh", "-c", "echo $$; sleep 1000", start_new_session=True)
        command = int(process.stdout.readline())
        process.kill()
        process.wait()
        left = [name for name in self.all_databases() if name not in self.databases]
        check(f"{self.user}: a killed run leaves its copy", len(left) >= 1, str(left))
        self.server.psql("postgres", "CREATE DATABASE dbf_precious_0_test; CREATE DATABASE dbfixture_mine_0_test")
        good(f"{self.user}: the next run while the command goes on", tool("run", "-d", self.url, "--temp", "--", "true"))
        check(f"{self.user}: the copy stays while its command goes on", set(left) & set(self.all_databases()), str(self.all_databases()))
        os.killpg(process.pid, signal.SIGKILL)
        wait_for(lambda: not os.path.exists(f"/proc/{command}"))
        said = []

        def gone():
            done = tool("run", "-d", self.url, "--temp", "--", "true")
            said.append(done)
            return done.returncode == 0 and not set(left) & set(self.all_databases())

        check(f"{self.user}: one killed with -9 is swept by the next", wait_for(gone), str(said[-1]))
        mine = [name for name in ("dbf_precious_0_test", "dbfixture_mine_0_test") if name in self.all_databases()]
        check(f"{self.user}: what only bears the name stays", len(mine) == 2, str(mine))
        for name in mine:
            self.server.drop(name)
        self.nothing_left("after a killed run")

    def killed_at_random(self):
        r = random.Random(7)
        for number in range(100 if ALL else 4):
            process = self.start("sh", "-c", WRITER, "sh", "killed", "1", "0", self.name, start_new_session=True)
            time.sleep(r.random() * 0.5)
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        self.unchanged("killed at random moments")

        def gone():
            return tool("run", "-d", self.url, "--temp", "--", "true").returncode == 0 and self.all_databases() == self.databases

        check(f"{self.user}: all of those are swept", wait_for(gone), str(self.all_databases()))
        self.nothing_left("after runs killed at random moments")


def main():
    with Server() as server:
        server.psql("postgres", "CREATE ROLE owner LOGIN CREATEDB; CREATE ROLE poor LOGIN")
        for user in ("postgres", "owner"):
            temps = Temps(server, user)
            for piece in (temps.eight_at_once, temps.beside_others, temps.ends_of_commands, temps.killed, temps.killed_at_random):
                piece()
            server.drop(temps.name)
        server.make("temps_poor_test", TABLES, "poor")
        done = tool("run", "-d", server.url("temps_poor_test", "poor"), "--temp", "--", "echo", "started")
        check("without CREATEDB it says so", done.returncode == 125 and "CREATEDB" in done.stderr and "started" not in done.stdout, done)
    finish("temps")


if __name__ == "__main__":
    main()
