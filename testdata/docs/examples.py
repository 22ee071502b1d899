#!/usr/bin/env python3
"""examples.py PROGRAM: runs every example of the man pages, each in a new folder with a shop in it, and says which fail. Shell lines must
end well; a config must be read, a fixture loaded. Exits 1 if one fails."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, notes JSON);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, total REAL);
CREATE TABLE orders_log (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT);
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE visits (id INTEGER PRIMARY KEY, updated_at TEXT);
INSERT INTO customers VALUES (1, 'Ann', '{"tags":[]}'), (2, 'Bo', NULL);
INSERT INTO orders VALUES (10, 2, 12.5);
INSERT INTO orders_log VALUES (1, 'made');
"""
DJANGO = """
CREATE TABLE django_migrations (id integer PRIMARY KEY AUTOINCREMENT, app varchar(255), name varchar(255), applied datetime);
CREATE TABLE django_content_type (id integer PRIMARY KEY AUTOINCREMENT, app_label varchar(100), model varchar(100));
CREATE TABLE auth_user (id integer PRIMARY KEY AUTOINCREMENT, username varchar(150) NOT NULL UNIQUE, password varchar(128) NOT NULL);
CREATE TABLE blog_post (id integer PRIMARY KEY AUTOINCREMENT, title varchar(50) NOT NULL, author_id integer REFERENCES auth_user);
CREATE TABLE blog_visit (id integer PRIMARY KEY AUTOINCREMENT, post_id integer REFERENCES blog_post);
INSERT INTO django_content_type (app_label, model) VALUES ('auth', 'user'), ('blog', 'post'), ('blog', 'visit');
INSERT INTO auth_user VALUES (1, 'ann', '!');
INSERT INTO blog_post VALUES (1, 'Hello', 1);
"""
# What the examples of a page need to be there; of this very file, since a copy is another database.
BEFORE = {page: words for pages, words in [
    (["dbfixture-restore.1", "dbfixture-snapshots.1"], ["snapshot", "-q", "-d", "test.db", "migrated"]),
    (["dbfixture-diff.1"], ["snapshot", "-q", "-d", "test.db", "before"]),
    (["dbfixture-layers.1", "dbfixture-pop.1", "dbfixture-reset.1", "dbfixture-serve.1"], ["push", "-q", "-d", "test.db", "feature"])]
    for page in pages}
USERS = [{"model": "users", "pk": 1, "fields": {"name": "Ann"}}]
ORDERS = [{"model": "orders", "pk": 11, "fields": {"customer_id": 1, "total": 3.0}}]


def make_shop(folder, program):
    """What the examples speak of."""
    for name, sql in [("shop.db", SHOP), ("test.db", SHOP), ("db.sqlite3", DJANGO)]:
        database = sqlite3.connect(f"{folder}/{name}")
        database.executescript(sql)
        database.close()

    def run(*words):
        subprocess.run([program, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run("dumpdata", "-d", "shop.db", "-o", "shop.json")
    run("convert", "shop.json", "shop.yaml")
    run("dumpdata", "-d", "shop.db", "orders_log", "-o", "part.jsonl.gz")
    os.makedirs(f"{folder}/fixtures")
    run("convert", "shop.json", "fixtures/shop.yaml")
    for name, records in [("users.json", USERS), ("orders.json", ORDERS)]:
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            json.dump(records, file)
    run("dumpdata", "-d", "shop.db", "customers", "-o", "expected.yaml")
    run("dumpdata", "-d", "shop.db", "orders", "-o", "after.yaml")
    with open(f"{folder}/import.sh", "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n")
    os.chmod(f"{folder}/import.sh", 0o755)
    # Whatever an example runs beside dbfixture, and where it writes.
    os.makedirs(f"{folder}/bin")
    for name in ["pytest", "npm"]:
        with open(f"{folder}/bin/{name}", "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nsqlite3 \"$DBFIXTURE_DATABASE\" 'DELETE FROM orders'\n")
        os.chmod(f"{folder}/bin/{name}", 0o755)
    for place in [".local/share/bash-completion/completions", ".zfunc", ".config/fish/completions"]:
        os.makedirs(f"{folder}/home/{place}")


def lines_of(example, folder):
    """The shell lines that try it."""
    kind, text = example["kind"], example["text"]
    if kind == "sh":
        return text
    name = "dbfixture.yaml" if kind == "yaml" and "model:" not in text else f"example.{kind}"
    with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
        file.write(text)
    if name == "dbfixture.yaml":
        return "SHOP_DB=shop.db dbfixture inspect"
    return f"dbfixture check -d shop.db ./{name} && dbfixture loaddata -d shop.db ./{name}"


def main():
    program = os.path.abspath(sys.argv[1])
    found = json.loads(subprocess.run([f"{SOURCE}/.ci/docs", program, "--examples"], check=True, stdout=subprocess.PIPE).stdout)
    failures = 0
    with tempfile.TemporaryDirectory() as top:
        os.makedirs(f"{top}/shop")
        make_shop(f"{top}/shop", program)
        for number, example in enumerate(found):
            folder = f"{top}/{number}"
            shutil.copytree(f"{top}/shop", folder)
            if example["page"] in BEFORE:
                subprocess.run([program, *BEFORE[example["page"]]], cwd=folder, check=True)
            environment = {"PATH": f"{folder}/bin:{os.path.dirname(program)}:{os.environ['PATH']}", "HOME": f"{folder}/home",
                           "LC_ALL": "C.UTF-8"}
            done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", lines_of(example, folder)], cwd=folder, env=environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
            if done.returncode != 0:
                failures += 1
                print(f"{example['page']}: exit status {done.returncode} of\n{example['text']}{done.stdout}")
    pages = {example["page"] for example in found}
    print(f"{len(found)} examples of {len(pages)} pages, {failures} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
