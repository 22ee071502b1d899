"""The cases of states.py that are no matter of chance: each writes to a database that others have open, restores it, and compares it whole."""
import time

from pg_lab import PROGRAM, check, difference, fails, good, in_this_part, subprocess, tool, wait_for

TABLES = """
CREATE TABLE account (id int PRIMARY KEY, v int NOT NULL);
CREATE TABLE entry (id serial PRIMARY KEY, account int REFERENCES account ON DELETE CASCADE, v int);
CREATE TABLE bag (x int);
CREATE SEQUENCE ticket;
INSERT INTO account SELECT g, 0 FROM generate_series(1, 1000) g;
INSERT INTO entry (account, v) SELECT g, g FROM generate_series(1, 300) g;
INSERT INTO bag SELECT g % 7 FROM generate_series(1, 50) g;
"""
CHANGE = ("UPDATE account SET v = v + 1 WHERE id % 50 = 0; DELETE FROM account WHERE id < 4; INSERT INTO entry (account, v) VALUES (9, 9); "
          "INSERT INTO bag VALUES (1); DELETE FROM bag WHERE x = 2; SELECT nextval('ticket')")


class Case:
    def __init__(self, server, role):
        self.server, self.role = server, role
        self.user = "postgres" if role == "superuser" else role
        self.name = f"cases_{role}_test"
        server.make(self.name, TABLES, self.user)
        self.wanted = server.whole(self.name)
        good(f"{role}: snapshot", self.do("snapshot", "-v", "2"))

    def do(self, command, *words):
        return tool(command, "-d", self.server.url(self.name, self.user), *words)

    def session(self, name="application"):
        return self.server.session(self.name, self.user, name)

    def sql(self, text):
        return self.server.psql(self.name, text, self.user)

    def equal(self, what, wanted=None):
        found = self.server.whole(self.name)
        check(f"{self.role}: {what}", found == (wanted or self.wanted), difference(wanted or self.wanted, found))

    def restored(self, what, *words):
        good(f"{self.role}: {what}: restore", self.do("restore", *words))
        self.equal(what)


def prepared_statements(case):
    app = case.session()
    app("PREPARE look AS SELECT count(*), sum(v), (SELECT count(*) FROM entry) FROM account; PREPARE change (int) AS UPDATE account SET v = v + 1 WHERE id = $1")
    seen = app("EXECUTE look")
    for number in range(8):  # from the sixth on the plan is a generic one
        app(f"EXECUTE change ({number + 1})")
        case.sql(CHANGE)
        case.restored(f"beside prepared statements, {number}")
        check(f"{case.role}: what a prepared statement sees", app("EXECUTE look") == seen, app("EXECUTE look"))
    check(f"{case.role}: the session stayed", app("SELECT pg_backend_pid()") == str(app.pid))
    app.close()


def open_reader(case):
    count = "SELECT count(*), sum(v), (SELECT count(*) FROM entry) FROM account"
    for isolation in ("READ COMMITTED", "REPEATABLE READ"):
        app = case.session("reader-of-old")
        original = app(count)
        case.sql(CHANGE)
        app(f"BEGIN ISOLATION LEVEL {isolation}")
        changed, before = app(count), case.server.whole(case.name)
        done = case.do("restore", "--busy-timeout", "500")
        if case.role == "owner" and done.returncode == 5:  # its foreign keys go and come back, which waits for readers
            check(f"{case.role}: a reader in the way is named", "reader-of-old" in done.stderr or str(app.pid) in done.stderr, done)
            case.equal("nothing is changed beside a reader", before)
        else:
            good(f"{case.role}: beside an open reader", done)
            seen = app(count)
            check(f"{case.role}: {isolation} reader sees what it may", seen == (changed if isolation == "REPEATABLE READ" else original), seen)
        app("COMMIT")
        case.restored(f"after a reader, {isolation}")
        check(f"{case.role}: {isolation} reader sees the restored rows", app(count) == original)
        app.close()


def open_writer(case):
    for way in ("idle", "prepared", "busy"):
        case.sql(CHANGE)
        app = case.session("shop-worker")
        app("BEGIN; UPDATE account SET v = 77 WHERE id = 8")
        if way == "prepared":
            app("PREPARE TRANSACTION 'half-done'")
        if way == "busy":
            app.begin("SELECT pg_sleep(6)")
        before, began = case.server.whole(case.name), time.monotonic()
        for words in (("restore",), ("push", "x")):
            done = case.do(*words, "--busy-timeout", "1500")
            fails(f"{case.role}: {words[0]} beside a writer ({way})", done, 5)
            named = "half-done" in done.stderr if way == "prepared" else str(app.pid) in done.stderr or "shop-worker" in done.stderr
            check(f"{case.role}: the writer ({way}) is named by {words[0]}", named, done)
        check(f"{case.role}: in time", time.monotonic() - began < 30, str(time.monotonic() - began))
        case.equal(f"a writer ({way}) leaves all as it was", before)
        if way == "busy":
            app.end()
        app("COMMIT PREPARED 'half-done'" if way == "prepared" else "COMMIT")
        case.restored(f"once the writer ({way}) is done")
        app.close()
    app = case.session()
    app("BEGIN; DELETE FROM bag")
    waiting = subprocess.Popen([PROGRAM, "restore", "-q", "-d", case.server.url(case.name, case.user), "--busy-timeout", "60000"], stderr=subprocess.PIPE, text=True)
    check(f"{case.role}: a restore waits", wait_for(lambda: case.server.psql("postgres", "SELECT count(*) FROM pg_locks WHERE NOT granted").strip() != "0"))
    app("COMMIT")
    check(f"{case.role}: and goes on", waiting.wait(60) == 0, waiting.stderr.read())
    case.equal("a restore that waited for a writer")
    app.close()


def vacuums(case):
    counts = "SELECT coalesce(sum(autovacuum_count), 0) FROM pg_stat_user_tables WHERE relname IN ('account', 'bag')"
    for way in ("VACUUM", "VACUUM FREEZE", "VACUUM FULL", "VACUUM (FULL, FREEZE) account", "ANALYZE", "CLUSTER account USING account_pkey", "REINDEX TABLE account", "autovacuum"):
        case.sql(CHANGE)
        if way == "autovacuum":
            many = int(case.sql(counts))
            case.sql("DELETE FROM account WHERE id % 2 = 0; UPDATE bag SET x = x")
            check(f"{case.role}: autovacuum came", wait_for(lambda: int(case.sql(counts)) > many, 60))
        else:
            case.sql(way + ("; ALTER TABLE account SET WITHOUT CLUSTER" if way.startswith("CLUSTER") else ""))  # a mark, which no restore takes off
        case.restored(f"after {way}")
        if way != "autovacuum":
            case.sql(way + ("; ALTER TABLE account SET WITHOUT CLUSTER" if way.startswith("CLUSTER") else ""))  # of restored rows
            case.sql("INSERT INTO bag VALUES (1)")
            case.restored(f"after {way} of what was restored")


def older_transactions(case):
    """That got their number before the snapshot and write after it: in themselves, in a subtransaction, in one that was open across it."""
    for number, (before, after) in enumerate((("SELECT pg_current_xact_id()", ""), ("SELECT pg_current_xact_id(); SAVEPOINT s", "RELEASE s"),
                                              ("SAVEPOINT s; SELECT pg_current_xact_id()", "RELEASE s"), ("CREATE TEMP TABLE own (x int)", ""),
                                              ("SAVEPOINT s; INSERT INTO pg_temp.mine VALUES (1); SAVEPOINT s2", "RELEASE s2; RELEASE s"))):
        app = case.session()
        app("CREATE TEMP TABLE mine (x int)")
        app("BEGIN; " + before)
        saved = case.do("snapshot", f"beside{number}")
        if not good(f"{case.role}: snapshot beside an older transaction", saved):
            app.close()
            continue
        case.sql("SELECT pg_current_xact_id()")
        app("INSERT INTO bag VALUES (99); UPDATE account SET v = 99 WHERE id = 500; DELETE FROM entry WHERE id = 7;" + after)
        app("COMMIT")
        check(f"{case.role}: it wrote", case.sql("SELECT count(*) FROM bag WHERE x = 99") == "1\n")
        case.restored(f"a transaction older than the snapshot ({before})", f"beside{number}")
        good(f"{case.role}: delete", case.do("snapshots", "delete", f"beside{number}"))
        app.close()


def subtransactions(case):
    deep = "BEGIN; " + "".join(f"SAVEPOINT s{i}; UPDATE account SET v = {i} WHERE id = {i + 10}; {'ROLLBACK TO' if i % 3 else 'RELEASE'} s{i}; " for i in range(200)) + "COMMIT"
    nested = "BEGIN; " + "".join(f"SAVEPOINT s{i}; INSERT INTO bag VALUES ({i}); " for i in range(90)) + "ROLLBACK TO s80; COMMIT"
    caught = ("DO $$ BEGIN FOR i IN 1..150 LOOP BEGIN DELETE FROM entry WHERE id = i; INSERT INTO account VALUES (i, 1); EXCEPTION WHEN unique_violation THEN "
              "UPDATE account SET v = 5 WHERE id = i; END; END LOOP; END $$")
    for what, text in (("many", deep), ("nested", nested), ("caught", caught)):
        case.sql(text)
        check(f"{case.role}: {what} subtransactions change something", case.server.whole(case.name) != case.wanted)
        case.restored(f"{what} subtransactions")


def sequences(case):
    for text in ("SELECT nextval('ticket')", "BEGIN; SELECT nextval('ticket'), nextval('entry_id_seq'); ROLLBACK", "SELECT setval('ticket', 500, false)",
                 "ALTER SEQUENCE ticket RESTART WITH 9", "TRUNCATE entry RESTART IDENTITY", "DO $$ BEGIN FOR i IN 1..100 LOOP PERFORM nextval('ticket'); END LOOP; END $$"):
        case.sql(text)
        case.restored(f"sequences after {text[:40]}")
        check(f"{case.role}: the next number after {text[:40]}", case.sql("BEGIN; SELECT nextval('ticket'); SELECT nextval('entry_id_seq'); ROLLBACK") == "1\n301\n")
        case.restored("its own numbers")


def layers(case):
    app = case.session()
    app("PREPARE look AS SELECT count(*), sum(v) FROM account")
    good(f"{case.role}: push", case.do("push", "a"))
    app("UPDATE account SET v = 1")
    level = case.server.whole(case.name)
    seen = app("EXECUTE look")
    good(f"{case.role}: push", case.do("push", "b"))
    for number in range(3):
        case.sql(CHANGE)
        good(f"{case.role}: reset", case.do("reset"))
        case.equal("a reset", level)
        check(f"{case.role}: what a prepared statement sees after a reset", app("EXECUTE look") == seen)
    case.sql(CHANGE)
    good(f"{case.role}: pop", case.do("pop"))
    case.equal("a pop", level)
    good(f"{case.role}: pop", case.do("pop"))
    case.equal("the last pop")
    app.close()


def run(server):
    for role in filter(lambda _: in_this_part(), ("superuser", "owner", "granted")):
        case = Case(server, role)
        for piece in (prepared_statements, open_reader, open_writer, vacuums, older_transactions, subtransactions, sequences, layers):
            piece(case)
        good(f"{role}: snapshots delete", case.do("snapshots", "delete", "default"))
        left = server.ours(case.name)
        check(f"{role}: nothing of ours is left", left == ([], []), left)
        server.drop(case.name)
