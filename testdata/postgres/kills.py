#!/usr/bin/env python3
"""kills.py PROGRAM [--all] [--times N]: kill -9 of dbfixture, `pg_ctl stop -m immediate` of the server, and Ctrl-C, at random moments of snapshot, restore,
push, reset and pop; with DBFIXTURE_PART=K/12 of one of its twelve combinations of kind, victim and user alone. The database is as before or as after, a
snapshot's name leads to the old state or to the new one, and nothing of ours is left but what the next call names and clears; after Ctrl-C nothing at
all. Prints how often the moment came before, within and after the work."""
import collections
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from pg_lab import ALL, PROGRAM, Server, check, difference, finish, good, in_this_part, option, tool, wait_for

TIMES = option("--times", 100 if ALL else 3)
KINDS = ("copy", "template") if ALL else ("copy",)
ROWS = 30000 if ALL else 6000
TABLES = f"""
CREATE TABLE account (id int PRIMARY KEY, v int NOT NULL, filler text DEFAULT repeat('x', 60));
CREATE TABLE entry (id serial PRIMARY KEY, account int REFERENCES account ON DELETE CASCADE, v int);
CREATE TABLE bag (x int);
INSERT INTO account SELECT g, 0 FROM generate_series(1, {ROWS}) g;
INSERT INTO entry (account, v) SELECT g % 99 + 1, g FROM generate_series(1, {ROWS}) g;
DO $$ BEGIN FOR i IN 1..20 LOOP EXECUTE format('CREATE TABLE small_%s (id int PRIMARY KEY, v text)', i);
  EXECUTE format('INSERT INTO small_%s SELECT g, repeat(''y'', g) FROM generate_series(1, 20) g', i); END LOOP; END $$;
"""
CHANGE = (f"UPDATE account SET v = v + 1 WHERE id %% 10 = %d; DELETE FROM account WHERE id BETWEEN 40 AND 60; INSERT INTO entry (account, v) SELECT 1, g FROM generate_series(1, {ROWS // 10}) g;"
          "DELETE FROM small_3; UPDATE small_5 SET v = 'z'; INSERT INTO bag VALUES (%d)")
FIXTURE = [{"model": "account", "pk": 100000 + i, "fields": {"v": i}} for i in range(200)]


class Kills:
    def __init__(self, server, user, kind, victim):
        self.server, self.user, self.kind, self.victim = server, user, kind, victim
        self.r, self.seen = random.Random(f"{user} {kind} {victim}"), collections.Counter()
        self.name = f"kills_{user}_{kind}_{victim}_test"
        server.make(self.name, TABLES, user)
        server.keep("postgres", *([self.name] if kind == "copy" else []))  # a template waits for sessions of its source
        self.original = server.whole(self.name)
        self.longest = {}
        self.options = ["--template"] if kind == "template" else []
        self.fixture = server.home + "/../" + os.path.basename(server.home) + ".rows.json"
        with open(self.fixture, "w", encoding="utf-8") as file:
            json.dump(FIXTURE, file)
        good("snapshot", self.do("snapshot", "base", *self.options))

    def do(self, command, *words):
        return tool(command, "-d", self.server.url(self.name, self.user), *words)

    def change(self, number):
        return self.server.whole(self.name, first=f"SET SESSION AUTHORIZATION {self.user};" + CHANGE % (number % 10, number) + "; RESET SESSION AUTHORIZATION;")

    def kept(self):
        """What bears our name on the server; and of that, what no file of the store names."""
        schemas, databases = self.server.ours(self.name)
        texts = []
        for name in self.server.files():
            with open(os.path.join(self.server.home, name), "rb") as file:
                texts.append(file.read().decode("utf-8", "replace"))
        named = set(re.findall(r"dbf[A-Za-z0-9_.-]+", "\n".join(texts)))
        return [name for name in schemas + databases if name not in named]

    def strike(self, what, words):
        """Runs `words` and kills one side at a random moment; of the first run the time is taken."""
        if self.victim == "server":  # which skips some numbers of its sequences where they were taken since the last one
            self.server.psql("postgres", "CHECKPOINT")
        process = subprocess.Popen([PROGRAM, words[0], "-d", self.server.url(self.name, self.user), *words[1:]], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        began = time.monotonic()
        if len(self.longest.setdefault(words[0], [])) < 1:
            said = process.communicate()
            self.longest[words[0]].append(time.monotonic() - began)
            check(f"{what}: undisturbed", process.returncode == 0, said[1])
        else:
            time.sleep(self.r.random() * 1.1 * max(self.longest[words[0]]))
        within = process.poll() is None
        if self.victim == "client":
            process.kill()
            process.wait()
        elif self.victim == "nobody":
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)
            check(f"{what}: the program ends as interrupted or as done", process.returncode in (0, 130), f"{process.returncode} {said}")
            check(f"{what}: nothing is left of what was interrupted", self.kept() == [], str(self.kept()))
        else:
            check(f"{what}: the server stops", self.server.stop_at_once())
            try:
                said = process.communicate(timeout=60)
                check(f"{what}: the program ends with a clear word", process.returncode in (0, 7, 125) and (process.returncode == 0 or "error: " in said[1]), f"{process.returncode} {said}")
            except subprocess.TimeoutExpired:
                process.kill()
                check(f"{what}: the program ends", False)
            self.server.start()
        if not wait_for(lambda: self.server.backends() == "0"):
            check(f"{what}: no session stays on", False, self.server.psql("postgres", "SELECT * FROM pg_stat_activity"))
        self.seen[f"{words[0]} {'within' if within else 'when done'}"] += 1

    def one_of(self, what, *states):
        found = self.server.whole(self.name)
        check(f"{what}: as before or as after", found in states, " | ".join(difference(state, found) for state in states))
        self.seen[f"{what.split()[0]}: {'as before' if found == states[0] else 'as after'}"] += 1

    def next_call(self, what, *words, statuses=(0,)):
        """Names and clears what is left."""
        left = self.kept()
        done = self.do(*words)
        check(f"{what}: the next call", done.returncode in statuses, done)
        for name in left:
            self.seen["left and cleared"] += 1
            check(f"{what}: what was left is named: {name}", name in done.stdout + done.stderr, done)
        check(f"{what}: nothing is left of it", self.kept() == [], str(self.kept()))
        return done

    def snapshot(self, what, number):
        replaces = number % 2 == 0
        old = self.original
        if replaces:
            old = self.change(number)
            good(f"{what}: an older one", self.do("snapshot", "target", "--force", *self.options))
        now = self.change(number + 1)
        self.strike(what, ["snapshot", "target", *self.options] + ["--force"] * replaces)
        self.one_of(what, now)
        done = self.do("restore", "target")
        if done.returncode == 4 and not replaces:
            self.seen["snapshot: not there"] += 1
        else:
            good(f"{what}: the name leads to a state", done)
            self.one_of(what + ": what it leads to", *([old] if replaces else []), now)
        self.next_call(what, "snapshot", "next", "--force", *self.options)
        done = self.do("snapshots", "delete", "target")
        check(f"{what}: delete", done.returncode in (0, 4), done)

    def restore(self, what, number):
        now = self.change(number)
        self.strike(what, ["restore", "base"])
        self.one_of(what, now, self.original)
        self.next_call(what, "restore", "base")
        self.one_of(what + ": the next", self.original)

    def push(self, what, number):
        below = self.change(number)
        self.strike(what, ["push", "layer", self.fixture])
        found = self.server.whole(self.name)
        rows = self.server.psql(self.name, "SELECT count(*) FROM account WHERE id >= 100000").strip()
        check(f"{what}: as before or as after", found == below if rows == "0" else rows == str(len(FIXTURE)), rows)
        self.next_call(what, ("reset", "pop", "push")[number % 3], *(["again"] if number % 3 == 2 else []), statuses=(0, 4))
        self.closed(what, below)

    def reset(self, what, number):
        good(f"{what}: push", self.do("push", "layer", self.fixture))
        above = self.server.whole(self.name)
        now = self.change(number)
        self.strike(what, ["reset"])
        self.one_of(what, now, above)
        self.next_call(what, "reset")
        self.one_of(what + ": the next", above)
        good(f"{what}: pop", self.do("pop"))

    def pop(self, what, number):
        below = self.change(number)
        good(f"{what}: push", self.do("push", "layer", self.fixture))
        now = self.change(number + 1)
        self.strike(what, ["pop"])
        self.one_of(what, now, below)
        self.next_call(what, "pop", statuses=(0, 4))
        self.closed(what, below)

    def closed(self, what, below):
        done = self.do("pop", "--all")
        check(f"{what}: all is popped", done.returncode in (0, 4), done)
        self.one_of(what + ": popped", below)
        check(f"{what}: no schema is left of layers", self.kept() == [], str(self.kept()))

    def run(self):
        for piece in (self.snapshot, self.restore, self.push, self.reset, self.pop):
            if self.kind != "copy" and piece not in (self.snapshot, self.restore):
                continue
            began, seen = time.monotonic(), self.seen.copy()
            for number in range(TIMES):
                piece(f"{piece.__name__} {number} ({self.user}, {self.kind}, {self.victim})", number)
                if piece != self.restore:  # which ends so
                    good("restore", self.do("restore", "base"))
            if ALL:
                said = ", ".join(f"{what} {count}" for what, count in sorted((self.seen - seen).items()))
                print(f"{self.user}, {self.kind}, {self.victim}, {piece.__name__}: {said}; {time.monotonic() - began:.0f} s", flush=True)
        done = self.do("snapshots", "delete", "base", "next")
        good("snapshots delete", done)
        left = self.server.ours(self.name)
        check(f"{self.name}: nothing of ours is left", left == ([], []), str(left))
        check(f"{self.name}: no file is left", self.server.files() == [], str(self.server.files()))
        os.unlink(self.fixture)
        self.server.drop(self.name)


def main():
    with Server("synchronous_commit = on") as server:
        server.psql("postgres", "CREATE ROLE owner LOGIN CREATEDB")
        for number, (kind, victim) in enumerate((kind, victim) for kind in KINDS for victim in ("client", "server", "nobody")):
            for user in ("postgres", "owner") if ALL else (("postgres", "owner")[number % 2],):
                if not in_this_part():
                    continue
                kills = Kills(server, user, kind, victim)
                kills.run()
                print(f"{user}, {kind}, {'interrupted' if victim == 'nobody' else victim + ' killed'}, in all:", ", ".join(f"{what} {count}" for what, count in sorted(kills.seen.items())), flush=True)
    finish("kills")


if __name__ == "__main__":
    main()
