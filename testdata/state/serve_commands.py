"""Commands of all kinds at random, and what two ways of giving them must agree on: for serve.py."""
import contextlib
import json
import os
import re
import sqlite3
import subprocess

SCHEMA = """
create table author(id integer primary key autoincrement, name text not null unique);
create table book(id integer primary key, author_id integer not null references author(id), title text, price real, cover blob);
create table note(word text primary key, n int) without rowid;
create view books as select title from book;
insert into author(name) values ('Ann'), ('Bo'), ('Cy');
insert into book values (1, 1, 'One', 1.5, x'00ff'), (2, 1, 'Two', null, null), (3, 3, 'Drei', 1e20, x'');
insert into note values ('a', 1), ('b', null);
"""
FIXTURES = {
    "authors.json": '[{"model": "author", "pk": 7, "fields": {"name": "Eve"}}, {"model": "author", "pk": 1, "fields": {"name": "Anne"}}]',
    "books.yaml": "- {model: book, pk: 9, fields: {author_id: 2, title: no, price: 1.10}}\n",
    "bad.json": '[{"model": "author", "pk": 8,\n  "fields": {"nmae": "Eve"}}]',
    "orphan.jsonl": '{"model": "book", "pk": 50, "fields": {"author_id": 99}}\n',
    "broken.json": '[{"model": ',
}
CHANGES = (
    "delete from book where id = 2",
    "insert into author(name) values (hex(zeroblob(3)) || (select count(*) from author))",
    "update note set n = ifnull(n, 0) + 1",
    "create table if not exists scratch(x); insert into scratch values (1)",
    "drop table if exists scratch",
    "update sqlite_sequence set seq = 100",
    "delete from book; delete from author",
)
NAMES = ("one", "two", "three")
# What depends on the moment, on chance, or on whether the clock had passed a tick.
MOMENTS = (
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"), (r"just now|\d+ (?:second|minute)s? ago", "AGO"), (r'"way": "(?:untouched|unchanged)"', '"way": "SAME"'),
    (r"-[0-9a-f]{16}\.", "-ID."),
)


class Commands:
    def __init__(self, random):
        self.random = random

    @staticmethod
    def prepare(folder):
        with contextlib.closing(sqlite3.connect(folder + "/x.db")) as connection:
            connection.executescript(SCHEMA)
        for name, text in FIXTURES.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)

    @staticmethod
    def change(folder, sql):
        with contextlib.closing(sqlite3.connect(folder + "/x.db")) as connection, contextlib.suppress(sqlite3.IntegrityError):
            connection.executescript(sql)

    @staticmethod
    def same(folders):
        dumps = []
        for folder in folders:
            with contextlib.closing(sqlite3.connect(folder + "/x.db")) as connection:
                dumps.append(list(connection.iterdump()))
        return all(dump == dumps[0] for dump in dumps)

    def choose(self):
        """The words, the standard input, and what an application does to the database before them."""
        sql = self.random.choice(CHANGES) if self.random.random() < 0.4 else ""
        pick = self.random.choice
        name, fixture, table = pick(NAMES), pick(sorted(FIXTURES)), pick(("author", "book", "note", "nothing", "scratch"))
        format_name = pick(("json", "jsonl", "yaml", "xml"))
        words = pick((
            ["dumpdata"], ["dumpdata", table], ["dumpdata", "-f", format_name, "-v", "2"], ["dumpdata", "book", "--pks", pick(("1", "1,3", "77"))],
            ["dumpdata", "-o", "out." + format_name], ["dumpdata", "-o", "x.db"], ["dumpdata", "--indent", pick(("2", "x"))],
            ["loaddata", fixture], ["loaddata", fixture], ["loaddata", "-"], ["loaddata", fixture, "--dry-run"], ["loaddata", "books", "--replace"],
            ["loaddata", "orphan.jsonl", "--allow-orphans"], ["loaddata", fixture, "-q"], ["loaddata", "authors", "-v", "2"],
            ["flush", table, "--no-input"], ["flush", "--no-input"], ["flush"], ["sqlflush", table], ["sqlsequencereset"],
            ["resetsequences"], ["resetsequences", "--check"],
            ["snapshot", name], ["snapshot", name, "--force"], ["snapshot", "--serialized", name, "--force"], ["restore", name], ["restore", name, "--dry-run"],
            ["restore", name, "--force"], ["snapshots"], ["snapshots", "show", name], ["snapshots", "verify", name], ["snapshots", "delete", name],
            ["snapshots", "rename", name, pick(NAMES)],
            ["push", name], ["push", name, fixture], ["push", name, "-"], ["push", "--anew", name, "authors"], ["reset"], ["reset"], ["reset"],
            ["reset", "--keep", table], ["pop"], ["pop", name], ["pop", "--all"], ["layers"], ["layers", "--clear"], ["layers", "--recover"],
            ["check", fixture], ["check", "authors", "books"], ["check", "-"], ["convert", fixture, "-", "--to", format_name],
            ["convert", "authors.json", "out." + format_name], ["convert", "-", "-", "--to", "yaml"],
            ["inspect"], ["inspect", table], ["inspect", "--format", pick(("dot", "mermaid", "text", "svg"))],
            ["help"], ["help", pick(("reset", "serve", "nothing"))], ["--version"], ["reset", "--help"], [pick(("reste", "dump", "x.db"))], ["layers", "more"],
            ["inspect", "-d", pick(("missing.db", "authors.json", "mysql://u:p@h/d"))], ["dumpdata", "--config", "missing.yaml"],
        ))
        return words, FIXTURES[pick(sorted(FIXTURES))], sql


def settled(text):
    for pattern, word in MOMENTS:
        text = re.sub(pattern, word, text)
    return text


def keeps_document(words):
    """Whether --json prints the command's document, and not that it needs a file."""
    to_stdout = (words[0] == "dumpdata" and "-o" not in words) or (words[0] == "convert" and words[2] == "-")
    return not to_stdout


def as_answered(answer, words):
    document = json.loads(settled(json.dumps(answer["result"]))) if keeps_document(words) else None
    return {"status": answer["status"], "document": document, "output": settled(answer["output"]),
            "warnings": answer["warnings"] if answer["result"] is None else answer["warnings"] == answer["result"]["warnings"]}


class Typed:
    def __init__(self, status, output):
        self.status, self.output = status, output

    def expected(self, document, words):
        """`document`: what the same words with --json printed."""
        # Hints repeat the command line; help speaks of the option itself.
        printed = settled(document.output if "help" in words or "--help" in words else document.output.replace(" --json", ""))
        return {"status": self.status, "document": json.loads(printed) if keeps_document(words) else None, "output": settled(self.output), "warnings": True}


def as_typed(program, folder, environment, words, stdin):
    done = subprocess.run([program, *words], cwd=folder, env=environment, input=stdin, capture_output=True, text=True, check=False)
    return Typed(done.returncode, done.stdout.replace(folder, "PLACE"))
