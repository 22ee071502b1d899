"""Every form of `run --env` with libraries that read it: each has to find the very file, and write to it, whatever its path holds."""
import os
import shutil
import subprocess

from suite_lab import PYTHON, can_import, state

FOLDERS = ("plain", "a b #1 50% off%41 Fööß 日本 a+b it's;&=@:,~!$()[]{}", 'a "quote" and a back\\slash', "q?x")
SQL = ("INSERT INTO marks VALUES ('written')", "SELECT file FROM pragma_database_list WHERE name = 'main'")

WITH_SQLITE = f"""
import sqlite3
connection = sqlite3.connect(name)
connection.execute("{SQL[0]}")
connection.commit()
print(connection.execute("{SQL[1]}").fetchone()[0])
"""
WITH_SQLALCHEMY = f"""
import os, sqlalchemy
with sqlalchemy.create_engine(os.environ["APP"]).begin() as connection:
    connection.execute(sqlalchemy.text("{SQL[0]}"))
    print(connection.execute(sqlalchemy.text("{SQL[1]}")).scalar())
"""
WITH_ACTIVE_RECORD = f"""
require "active_record"
ActiveRecord::Base.establish_connection(ENV["APP"])
ActiveRecord::Base.connection.execute("{SQL[0]}")
puts ActiveRecord::Base.connection.select_value("{SQL[1]}")
"""
WITH_BETTER_SQLITE3 = f"""
const db = new (require("better-sqlite3"))(process.env.APP);
db.exec("{SQL[0]}");
console.log(db.prepare("{SQL[1]}").pluck().get());
"""


def python(text):
    return [PYTHON, "-c", "import os\n" + text]


class Consumer:
    """Of one form: a program that writes a row, and prints the file that SQLite says it has open."""

    def __init__(self, name, form, command, there=True, cannot=""):
        self.name, self.form, self.command, self.there, self.cannot = name, form, command, there, cannot


def consumers(node_modules):
    ruby = ["ruby", "-e", WITH_ACTIVE_RECORD]
    with_ruby = shutil.which("ruby") and subprocess.run(["ruby", "-e", 'require "active_record"; require "sqlite3"'], check=False,
                                                       stderr=subprocess.DEVNULL).returncode == 0
    return [
        Consumer("Python's sqlite3", "path", python('name = os.environ["APP"]' + WITH_SQLITE)),
        Consumer("better-sqlite3", "path", ["node", "-e", WITH_BETTER_SQLITE3], node_modules),
        Consumer("SQLAlchemy", "sqlalchemy", [PYTHON, "-c", WITH_SQLALCHEMY], can_import("sqlalchemy"), cannot="?"),
        Consumer("dj-database-url", "url", python('import dj_database_url\nname = dj_database_url.parse(os.environ["APP"])["NAME"]' + WITH_SQLITE),
                 can_import("dj_database_url")),
        Consumer("django-environ", "url", python('import environ\nname = environ.Env().db("APP")["NAME"]' + WITH_SQLITE), can_import("environ")),
        Consumer("ActiveRecord", "rails", ruby, with_ruby),
    ]


def check_forms(lab, node_modules):
    if node_modules:
        lab.environment["NODE_PATH"] = node_modules
    here = [consumer for consumer in consumers(node_modules) if consumer.there]
    for consumer in consumers(node_modules):
        if not consumer.there:
            print(f"SKIPPED: form {consumer.form}: {consumer.name} is not installed")
    for folder in FOLDERS:
        database = os.path.join(lab.path(folder), "the app.db")
        os.mkdir(lab.path(folder))
        lab.sqlite(database, "CREATE TABLE marks (x)")
        before = state(database)
        for consumer in here:
            what = f"{consumer.name} finds {folder}"
            seen = lab.run("dbfixture", "run", "-q", "-d", database, "--env", "APP=" + consumer.form, "--", *consumer.command)
            if consumer.cannot and consumer.cannot in folder:
                lab.check(what + ": refused", seen.status == 2 and 'use the form "path" or "url"' in seen.output, seen)
            else:
                lab.check(what, seen.status == 0 and seen.output == database + "\n", seen)
            lab.check(what + ": and all is as before", state(database) == before)
