#!/usr/bin/env python3
"""states.py PROGRAM [--all] [--seed N] [--databases N] [--rounds N] [--random]: saved states of PostgreSQL beside whatever an application does.

First each case by itself: prepared statements, readers, writers, vacuums, transactions older than the snapshot. Then random databases, each
written to in random ways, restored, and compared whole by what psql reads. Prints what differs, with its seed; exits 1 if anything does."""
import collections
import json
import random
import sys
import time

sys.dont_write_bytecode = True
import states_cases
from pg_lab import ALL, FAILED, Server, check, difference, finish, good, in_this_part, option, tool
from random_tables import Database
from random_writes import script

SEED = option("--seed", 1)
DATABASES = option("--databases", 50 if ALL else 3)
ROUNDS = option("--rounds", 20 if ALL else 5)
ROLES = ("superuser", "owner", "granted")
KINDS = ("copy", "layers", "copy", "layers", "copy", "template", "layers", "serialized") if ALL else ("copy", "layers", "copy")
# Sequences that number no column, outside of extensions.
LONE = r"""SELECT c.oid::regclass FROM pg_class c WHERE c.relkind = 'S' AND c.relnamespace::regnamespace::text !~ '^(pg_|dbfixture_)' AND NOT EXISTS (SELECT FROM pg_depend d
  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')) AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_attrdef'::regclass
  AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)"""
AUTOVACUUM = ("autovacuum = on", "autovacuum_naptime = 1", "autovacuum_vacuum_threshold = 1", "autovacuum_vacuum_scale_factor = 0", "autovacuum_analyze_threshold = 1",
              "autovacuum_freeze_max_age = 100000", "vacuum_freeze_min_age = 0", "autovacuum_vacuum_cost_delay = 0")
counts = collections.Counter()


class Random:
    """One database, a role, a way to save and put back; `wanted` holds what each name must lead back to."""

    def __init__(self, server, seed):
        self.server, self.seed, self.r = server, seed, random.Random(seed)
        self.role, self.kind = ROLES[seed % 3], KINDS[seed % len(KINDS)]
        self.name, self.user = f"states_{seed}_test", "postgres" if self.role == "superuser" else self.role
        self.random = Database(self.r, self.r.randint(20, 45) if ALL else 25)
        server.make(self.name, self.random.sql, self.user)
        self.url, self.wanted = server.url(self.name, self.user), {}
        self.what = f"seed {seed} ({self.kind}, {self.role})"

    def do(self, *words):
        return tool(words[0], "-d", self.url, *words[1:])

    def write(self):
        """By a session of its own, or by one that was there before the snapshot."""
        text = script(self.r, self.random, self.server.home, redefines=self.kind == "copy")
        self.said = self.server.psql(self.name, text, self.user, must=False)
        counts["statements"] += text.count(";\n")

    def compare(self, what, wanted):
        found = self.server.whole(self.name)
        counts["compared"] += 1
        if found != wanted:
            check(f"{self.what}, {what}", False, difference(wanted, found))
            return False
        return True

    def changed(self, wanted):
        """A test that changes nothing proves nothing."""
        if ALL and self.r.random() > 0.1:
            return
        counts["looked at before"] += 1
        counts["changed then"] += self.server.whole(self.name) != wanted

    def save(self, name):
        kinds = {"template": ["--template"], "serialized": ["--serialized"]}.get(self.kind, [])
        fine = good(f"{self.what}: snapshot {name}", self.do("snapshot", name, "--force", *kinds))
        self.wanted[name] = self.server.whole(self.name)
        return fine

    def without_lone_sequences(self):
        """What records cannot hold is refused; after that it is not there."""
        lone = self.server.psql(self.name, LONE, self.user).split()
        if lone:
            done = self.do("snapshot", "one", "--serialized")
            check(f"{self.what}: a sequence of no column is refused", done.returncode == 7 and "cannot be in a serialized snapshot" in done.stderr, done)
            self.server.psql(self.name, "".join(f"DROP SEQUENCE {name};" for name in lone), self.user)

    def snapshots(self):
        """Two of them, put back in turn; now and then one is saved anew."""
        for name in ("one", "two"):
            if not self.save(name):
                return
            self.write()
        for number in range(ROUNDS):
            early = self.early() if self.r.random() < 0.3 else None
            name = self.r.choice(("one", "one", "one", "two"))
            if self.r.random() < 0.1 and not early and not self.save(name):
                return
            self.write()
            if early:
                self.late(early, number)
            self.changed(self.wanted[name])
            if not self.back(f"round {number}", ["restore", name], self.wanted[name]):
                return

    def early(self):
        """A session whose transaction has its number before the next snapshot, and writes after it."""
        session = self.server.session(self.name, self.user)
        session("BEGIN; SELECT pg_current_xact_id(); SAVEPOINT a")
        self.early_saved = self.save(self.r.choice(("one", "two"))) if self.kind != "template" else True
        return session

    def late(self, session, number):
        session(f"INSERT INTO share_b VALUES (-{number + 1}, 'late'); DELETE FROM share_b WHERE id = 5; INSERT INTO empty_row DEFAULT VALUES")
        session("COMMIT")
        session.close()

    def layers(self):
        """A stack of up to three, which writes, resets and pops go through at random."""
        stack = []
        for number in range(ROUNDS):
            while not stack or (len(stack) < 3 and self.r.random() < 0.3):
                before = self.server.whole(self.name)
                if not good(f"{self.what}: push", self.do("push", f"layer{len(stack)}")):
                    return
                stack.append(before)
                self.write()
            self.changed(stack[-1])
            pops = self.r.random() < 0.3
            if not self.back(f"round {number}", ["pop"] if pops else ["reset"], stack[-1]):
                return
            if pops:
                stack.pop()
            self.write()
        if stack:
            self.back("the end", ["pop", "--all"], stack[0])

    def back(self, what, words, wanted):
        began = time.monotonic()
        done = self.do(*words, "--json")
        counts["milliseconds"] += int((time.monotonic() - began) * 1000)
        counts["rounds"] += 1
        if not good(f"{self.what}, {what}: {words[0]}", done):
            return False
        counts["way " + str(json.loads(done.stdout).get("way"))] += 1
        return self.compare(f"{what}: {' '.join(words)}", wanted)

    def run(self):
        try:
            if self.kind == "serialized":
                self.without_lone_sequences()
            (self.layers if self.kind == "layers" else self.snapshots)()
            for words in (["layers", "--clear"], ["snapshots", "delete", *self.wanted]):
                if words[0] == "layers" or self.wanted:
                    good(f"{self.what}: {' '.join(words)}", self.do(*words))
            left = self.server.ours(self.name)
            check(f"{self.what}: nothing of ours is left", left == ([], []), left)
        finally:
            self.server.drop(self.name)


def main():
    with Server(*AUTOVACUUM) as server:
        server.psql("postgres", "CREATE ROLE owner LOGIN CREATEDB; CREATE ROLE granted LOGIN CREATEDB; GRANT SET ON PARAMETER session_replication_role TO granted")
        if "--random" not in sys.argv:
            states_cases.run(server)
        cases = len(FAILED)
        for seed in filter(lambda _: in_this_part(), range(SEED, SEED + DATABASES)):
            Random(server, seed).run()
    print(", ".join(f"{what} {count}" for what, count in sorted(counts.items())))
    print(f"{counts['rounds']} rounds of random databases, {len(FAILED) - cases} differences")
    check("rounds change the database", counts["looked at before"] < 10 or counts["changed then"] * 2 > counts["looked at before"], str(counts))
    finish("states")


if __name__ == "__main__":
    main()
