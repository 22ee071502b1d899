#!/usr/bin/env python3
"""serve.py PROGRAM [--all]: serve answers what the command line prints, for commands of all kinds at random; its memory stays; and it ends well,
killed, interrupted, left alone by its parent, beside applications and others of its kind."""
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from serve_commands import Commands, as_answered, as_typed
from state_lab import PROGRAM, check, finish, in_this_part, make, state, tool

for variable in ("DATABASE_URL", "DBFIXTURE_DATABASE", "DBFIXTURE_RUN"):
    os.environ.pop(variable, None)
ALL = "--all" in sys.argv
MODES = ("delete", "wal")


class Serve(subprocess.Popen):
    def __init__(self, *options, **more):
        super().__init__([PROGRAM, "serve", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def say(self, line):
        self.stdin.write(line if isinstance(line, bytes) else line.encode() + b"\n")
        self.stdin.flush()

    def ask(self, *words, stdin=None):
        self.say(json.dumps({"argv": words, "stdin": stdin}))
        return self.answer()

    def answer(self):
        line = self.stdout.readline()
        return json.loads(line) if line else None

    def good(self, *words, **more):
        answer = self.ask(*words, **more)
        check(f"{words[0]} is done", answer is not None and answer["status"] == 0, answer)
        return answer

    def end(self, status=0):
        self.stdin.close()
        seen = self.wait(timeout=60)
        check("it ends well, and was silent", (seen, self.stderr.read()) == (status, b""), seen)
        self.stdout.close()
        self.stderr.close()

    def memory(self):
        """kB."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(next(line for line in file if line.startswith("VmRSS")).split()[1])

    def files(self):
        return sorted(os.readlink(f"/proc/{self.pid}/fd/{number}") for number in os.listdir(f"/proc/{self.pid}/fd"))


def at_random(folder, count, seed):
    """The same commands by serve, as typed, and with --json, on three databases that are made alike."""
    places = [os.path.join(folder, name) for name in ("served", "typed", "json")]
    random.seed(seed)
    commands = Commands(random.Random(seed))
    for place in places:
        os.mkdir(place)
        commands.prepare(place)
    environment = {**os.environ, "DBFIXTURE_DATABASE": "x.db"}
    serve = Serve(cwd=places[0], env=environment)
    for number in range(count):
        words, stdin, sql = commands.choose()
        for place in places if sql else ():
            commands.change(place, sql)
        answer = json.loads(json.dumps(serve.ask(*words, stdin=stdin)).replace(places[0], "PLACE"))
        plain, document = (as_typed(PROGRAM, place, environment, words + more, stdin) for place, more in ((places[1], []), (places[2], ["--json"])))
        seen, expected = as_answered(answer, words), plain.expected(document, words)
        check(f"seed {seed}, command {number}: {words}", seen == expected, f"\nanswered {seen}\nexpected {expected}")
        if seen != expected or not commands.same(places):
            check(f"seed {seed}, command {number}: {words}: the databases are alike", commands.same(places))
            break
    serve.end()


def memory(folder, count):
    """What a thousand commands more leave behind."""
    db = f"{folder}/m.db"
    make(db, "delete")
    rows = json.dumps([{"model": "account", "pk": 1000 + i, "fields": {"v": i}} for i in range(500)])
    serve = Serve("-d", db)
    serve.good("push", "testrun")
    kinds = (["reset"], ["inspect"], ["dumpdata", "t"], ["loaddata", "-"], ["push", "one", "-"], ["layers"], ["pop"], ["nonsense"], ["check", "-"],
             ["loaddata", "missing"], ["flush", "u", "--no-input"], ["reset"], ["snapshot", "s", "--force"], ["convert", "-", "-", "--to", "yaml"])

    def some(number):
        for i in range(number):
            words = kinds[i % len(kinds)]
            answer = serve.ask(*words, stdin=rows)
            check(f"{words} ends as always", answer["status"] == {"nonsense": 2, "missing": 4}.get(words[-1], 0), answer)

    some(max(count // 5, 150))
    before, files = serve.memory(), serve.files()
    some(count)
    check(f"{count} commands take no memory", serve.memory() < before + 1024, (before, serve.memory()))
    check("nor descriptors", serve.files() == files, (files, serve.files()))
    check("the database is not open between two", not any(name.startswith(db) for name in serve.files()), serve.files())
    serve.end()


def long_lines(folder):
    db = f"{folder}/l.db"
    make(db, "delete")
    serve = Serve("-d", db)
    text = "x" * 1000
    rows = json.dumps([{"model": "u", "fields": {"x": i, "y": text}} for i in range(12_000)])
    check("the line has 10 MB", len(rows) > 10_000_000)
    check("a line of 10 MB is loaded", "12000 object" in serve.good("loaddata", "-", stdin=rows)["output"])
    answer = serve.good("dumpdata", "u", "-f", "jsonl")
    check("and comes back", answer["output"].count(text) == 12_000)
    serve.good("loaddata", "-", stdin=rows)
    for words in (["dumpdata", "u", "t"], ["convert", "-", "-", "--to", "yaml"]):
        answer = serve.ask(*words, stdin="[" + ",".join([rows[1:-1]] * 2) + "]")
        check(f"{words[0]} of more than 16 MB is refused", answer["status"] == 2 and answer["output"] == "" and "-o" in answer["result"]["error"]["hint"],
              str(answer)[:500])
    serve.good("dumpdata", "-o", f"{folder}/large.json")
    hostile = [b"\xff\xfe", b"\0", b"[" * 100_000, b'"' + b"x" * 10_000_000, b'["' + b"\\u0000" * 100_000 + b'"]', b'{"argv":' + b"[" * 2_000_000]
    for line in hostile + ([b"y" * 300_000_000] if ALL else []):
        serve.say(line + b"\n")
        answer = serve.answer()
        check(f"{line[:20]!r} of {len(line)} bytes is answered", answer is not None and answer["status"] == 2, str(answer)[:500])
    check("and it goes on", serve.good("layers")["result"]["layers"] == [])
    serve.say(b'["layers"]\n["layers"]\n\n["lay')
    check("lines that come together are answered in turn", [serve.answer()["status"] for _ in range(2)] == [0, 0])
    serve.say('ers"]')
    check("and one that comes in pieces", serve.answer()["status"] == 0)
    serve.end()


def killed(folder, rounds):
    """At any moment of a push, a load, a reset, a pop."""
    rows = json.dumps([{"model": "t", "fields": {"a": str(i), "b": {"$binary": ""}}} for i in range(3000)])
    for mode in MODES:
        db = f"{folder}/k-{mode}.db"
        make(db, mode)
        before = state(db)
        for number in range(rounds):
            serve = Serve("-d", db)
            serve.good("push", "--anew", "outer")
            outer = state(db)
            for words in (["push", "inner", "-"], ["loaddata", "-"], ["reset"], ["pop"], ["push", "third", "-"], ["pop", "outer"]):
                serve.say(json.dumps({"argv": words, "stdin": rows}))
            time.sleep(random.random() * 0.2)
            serve.kill()
            serve.communicate()
            with sqlite3.connect(db) as c:
                check(f"{mode} {number}: the database is whole", c.execute("pragma integrity_check").fetchall() == [("ok",)])
            c.close()
            done = tool("pop", "-d", db, "--all")
            check(f"{mode} {number}: the layers are popped, or were", done.returncode in (0, 4), done)
            check(f"{mode} {number}: and all is as before", state(db) == before == outer)


def ends(serve, what):
    for _ in range(1000):
        try:
            with open(f"/proc/{serve}/stat", encoding="ascii") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.01)
    check(what, False)


def left_alone(folder):
    """Its parent is killed; nobody reads its answers."""
    db = f"{folder}/p.db"
    make(db, "delete")
    starter = ("import subprocess, sys, time\n"
               "s = subprocess.Popen([sys.argv[1], 'serve', '-d', sys.argv[2]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)\n"
               "s.stdin.write(b'[\"push\", \"testrun\"]\\n')\ns.stdin.flush()\ns.stdout.readline()\nprint(s.pid, flush=True)\ntime.sleep(1000)")
    with subprocess.Popen([sys.executable, "-c", starter, PROGRAM, db], stdout=subprocess.PIPE, text=True) as parent:
        serve = int(parent.stdout.readline())
        layers = json.loads(tool("layers", "--json", "-d", db).stdout)["layers"]
        check("the layer belongs to the parent", layers[0]["owner"] == {"pid": parent.pid, "alive": True}, layers)
        refused = tool("pop", "-d", db)
        check("and is not popped by others", refused.returncode == 5, refused)
        parent.kill()
        parent.wait()
    ends(serve, "it ends with its parent")
    check("then anybody pops the layer", tool("pop", "-d", db).returncode == 0)
    unread = Serve("-d", db)
    unread.stdout.close()
    unread.say('["layers"]')
    check("it ends where nobody reads the answers", unread.wait(timeout=60) == 0)
    unread.communicate()


def interrupted(folder):
    db = f"{folder}/i.db"
    make(db, "delete")
    before = state(db)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        serve = Serve("-d", db)
        serve.good("layers")
        serve.send_signal(number)
        check(f"{number.name} ends it between two commands", serve.wait(timeout=60) == 128 + number, serve.returncode)
        serve.communicate()
        serve = Serve("-d", db, "--busy-timeout", "100000")
        holder = sqlite3.connect(db, isolation_level=None)
        holder.execute("begin exclusive")
        serve.say('["flush", "--no-input"]\n["layers"]')
        time.sleep(0.1)
        serve.send_signal(number)
        answer = serve.answer()
        check(f"{number.name} interrupts a command", answer["status"] == 128 + number and answer["result"]["error"]["kind"] == "interrupted", answer)
        check(f"{number.name} ends it then, without the next", serve.wait(timeout=60) == 128 + number and serve.answer() is None, serve.returncode)
        serve.communicate()
        holder.close()
        check("nothing is changed", state(db) == before)


def replaced(folder):
    """The database is deleted, and another one is moved over it."""
    db, other = f"{folder}/r.db", f"{folder}/other.db"
    make(db, "delete")
    make(other, "wal")
    serve = Serve("-d", db)
    serve.good("snapshot")
    serve.good("push", "testrun")
    os.unlink(db)
    check("a reset of what is deleted", serve.ask("reset")["status"] in (3, 4))
    check("a dump of what is deleted", serve.ask("dumpdata")["status"] == 4)
    os.rename(other, db)
    answer = serve.ask("reset")
    check("a reset of another database", answer["status"] == 3 and "replaced" in answer["result"]["error"]["detail"], answer)
    serve.good("layers", "--clear")
    serve.good("restore")
    serve.good("push", "--anew", "testrun")
    with sqlite3.connect(db) as c:
        c.execute("delete from t")
    c.close()
    check("and all goes on with that one", serve.good("reset")["result"]["way"] == "pages")
    serve.end()


def beside_others(folder, seconds):
    """An application that writes all the time, a second serve, and plain calls."""
    for mode in MODES:
        db = f"{folder}/b-{mode}.db"
        make(db, mode)
        first, second = Serve("-d", db, "--busy-timeout", "60000"), Serve("-d", db, "--busy-timeout", "60000")
        first.good("push", "testrun")
        pushed = state(db)
        idle = sqlite3.connect(db, timeout=0, isolation_level=None)
        idle.execute("begin exclusive")
        idle.execute("rollback")  # nobody held a lock
        idle.close()
        stop, statuses, written = threading.Event(), [], []

        def write():
            c = sqlite3.connect(db, timeout=60, isolation_level=None)
            while not stop.is_set():
                try:
                    c.execute("insert into account(v) values(7)")
                    c.execute("update t set a = a || 'x' where id = ?", (random.randrange(600),))
                    written.append(1)
                except sqlite3.OperationalError as problem:
                    if "locked" not in str(problem):
                        raise
            c.close()

        def ask(serve, *kinds):
            while not stop.is_set():
                for words in kinds:
                    statuses.append((words[0], serve.ask(*words)["status"]))

        def call():
            while not stop.is_set():
                statuses.append(("call", tool("reset", "-d", db, "--busy-timeout", "60000").returncode))

        workers = [threading.Thread(target=write), threading.Thread(target=ask, args=(first, ["reset"], ["dumpdata", "account"], ["inspect"])),
                   threading.Thread(target=ask, args=(second, ["reset"], ["layers"])), threading.Thread(target=call)]
        for worker in workers:
            worker.start()
        time.sleep(seconds)
        stop.set()
        for worker in workers:
            worker.join()
        check(f"{mode}: every command is done", {status for _, status in statuses} == {0}, [one for one in statuses if one[1] != 0][:10])
        check(f"{mode}: all of them got on", len(written) > 10 and len({name for name, _ in statuses}) == 5, (len(written), len(statuses)))
        second.good("reset")
        check(f"{mode}: the last reset is exact", state(db) == pushed)
        first.good("pop")
        for serve in (first, second):
            serve.end()


def main():
    seeds = range(20) if ALL else (random.randrange(1_000_000),)
    for work in (lambda folder: [at_random(tempfile.mkdtemp(dir=folder), 500 if ALL else 70, seed) for seed in seeds],
                 lambda folder: memory(folder, 10_000 if ALL else 600), long_lines, lambda folder: killed(folder, 100 if ALL else 3), left_alone,
                 interrupted, replaced, lambda folder: beside_others(folder, 30 if ALL else 0.7)):
        if in_this_part():
            with tempfile.TemporaryDirectory(prefix="dbfixture-serve-") as folder:
                work(folder)
    finish("serve")


main()
