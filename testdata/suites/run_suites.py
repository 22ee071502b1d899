#!/usr/bin/env python3
"""run_suites.py PROGRAM SUITE: runs one of the small projects beside this file through its own runner with PROGRAM as dbfixture: in different
orders, twice without cleaning up, after its runner was killed half way, and without its reset, when it has to fail. Prints what is wrong;
"SKIPPED: ..." where the runner is not installed, with status 77."""
import contextlib
import glob
import os
import random
import re
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
from server_lab import USER, Server, ServerLab
from suite_lab import FOLDER, PYTHON, Lab, can_import


def skip(reason):
    print("SKIPPED: " + reason)
    sys.exit(77)


def needs(*modules):
    if not can_import(*modules):
        skip(f"Debian's Python has no {' or no '.join(modules)}")


def node_modules():
    """Where .ci/install-node has put them; nothing if it has not."""
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    with open(os.path.join(FOLDER, "node/package-lock.json"), "rb") as lock:
        number = subprocess.run(["cksum"], stdin=lock, stdout=subprocess.PIPE, check=True).stdout.split()[0].decode()
    found = os.path.join(cache, "dbfixture", "node-" + number, "node_modules")
    return found if os.path.isdir(found) else None


def behave(lab):
    needs("behave")
    lab.database("shop.db", "shop.sql")
    features = sorted("features/" + name for name in os.listdir(lab.path("features")) if name.endswith(".feature"))

    def command(order):
        random.Random(order).shuffle(features)
        return [PYTHON, "-m", "behave", "--no-color", *features]

    lab.hold(command, "\n13 scenarios passed, 0 failed, 0 skipped", r"\n\d+ scenarios passed, [1-9]\d* failed",
             ("features/environment.py", 'context.dbfixture("reset")'), ["shop.db"], kill_at=6)


def pytest_words(order, *command):
    return ["env", f"SUITE_ORDER={order}", *(command or ["pytest"]), "-q", "-p", "no:cacheprovider", "-p", "shuffled"]


def flask(lab):
    needs("pytest", "flask", "sqlalchemy")
    lab.database("test.db", "schema.sql")
    lab.environment["DATABASE_URL"] = "sqlite:///test.db"
    lab.hold(pytest_words, "\n8 passed in", r"\n[1-9]\d* failed, ", ("conftest.py", 'dbfixture("reset")'), ["test.db"])


def pytest(lab):
    needs("pytest")
    lab.database("test.db", "schema.sql")
    lab.environment["DBFIXTURE_DATABASE"] = "test.db"
    lab.hold(pytest_words, "\n14 passed in", r"\n[1-9]\d* failed, ", ("conftest.py", 'dbfixture("reset")'), ["test.db"])


def xdist(lab):
    """The suite of pytest, each worker in a copy of its own."""
    needs("pytest", "xdist")
    lab.database("test.db", "schema.sql")
    lab.hold(lambda order: pytest_words(order, "sh", "./workers.sh"), "\n14 passed in", r"\n[1-9]\d* failed, ",
             ("conftest.py", 'dbfixture("reset")'), ["test.db"], leaves=False)
    lab.check("no copy is left", lab.no_copies())


def sessions(lab):
    """A web application's session table, on a copy that only the environment names."""
    needs("pytest", "flask")
    lab.database("app.db", "schema.sql")
    lab.hold(lambda order: pytest_words(order, "sh", "./test.sh"), "\n7 passed in", r"\n[1-9]\d* failed, ", ("conftest.py", 'dbfixture("reset")'), ["app.db"], leaves=False)
    lab.check("no copy is left", lab.no_copies())


def node(lab):
    """One connection of better-sqlite3 and its prepared statements, held throughout; in both journal modes, as all suites."""
    modules = node_modules()
    if not modules:
        skip("npm's better-sqlite3 is not installed (.ci/install-node)")
    os.symlink(modules, lab.path("node_modules"))
    lab.database("tasks.db", "schema.sql")
    lab.hold(lambda order: ["node", "--test"], r"\n# pass 7\n# fail 0\n", r"\n# fail [1-9]", ("tasks.test.js", 'afterEach(() => dbfixture("reset"));'),
             ["tasks.db"])


def ruby(lab):
    """A connection of the gem sqlite3, held throughout."""
    if subprocess.run(["ruby", "-e", 'require "minitest"; require "sqlite3"'], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        skip("Ruby has no minitest or no sqlite3")
    lab.database("guests.db", "schema.sql")
    lab.hold(lambda order: ["ruby", "guests_test.rb", "--seed", str(order)], r"\n5 runs, \d+ assertions, 0 failures, 0 errors",
             r"\n5 runs, .* ([1-9]\d* failures|[1-9]\d* errors)", ("guests_test.rb", 'DBFIXTURE.call("reset")'), ["guests.db"])


def needs_bats():
    for program in ("bats", "sqlite3"):
        if not shutil.which(program):
            skip(program + " is not installed")


def bats(lab):
    needs_bats()
    files = ["tests/orders.bats", "tests/stock.bats"]
    lab.run("./migrate.sh", "app.db")
    lab.run("dbfixture", "loaddata", "-d", "app.db", "products")
    lab.environment["DBFIXTURE_DATABASE"] = "app.db"
    with_reset = "teardown() { dbfixture reset -q; }"
    lab.hold(lambda order: ["bats", *(files[::-1] if order == 2 else files)], r"1\.\.7\n(ok .*\n){7}$", r"\nnot ok \d", (files[0], with_reset),
             ["app.db"])


def ci(lab):
    """The script of a job, and the workflow of GitHub: migrates once for a key, whatever else happens."""
    needs_bats()
    tests_pass = r"(?s)^(?!.*\nnot ok ).*\nok 4 "
    lab.environment["CACHE"] = lab.path("cache")
    os.mkdir(lab.path("cache"))

    def migrations():
        with open(lab.path("migrated.log"), encoding="utf-8") as file:
            return len(file.readlines())

    def job(what, migrated, status=0):
        for name in glob.glob(lab.path("app.db*")):
            os.remove(name)
        seen = lab.run("./ci.sh")
        lab.check(what, seen.status == status and (status != 0) == (re.search(tests_pass, seen.output) is None), seen)
        lab.check(what + ": migrations", migrations() == migrated, str(migrations()))
        lab.check(what + ": no copy is left", lab.no_copies())

    job("the first job migrates", 1)
    job("the second job does not", 1)
    seen = lab.run("./ci.sh", SUITE_KILL_AT="2")
    lab.check("a job is killed", seen.status == -signal.SIGKILL, seen)
    job("after that one", 1)
    with open(lab.path("migrations/003_more.sql"), "w", encoding="utf-8") as file:
        file.write("CREATE TABLE more (x);\n")
    job("a new migration is another key", 2)
    workflow(lab)
    lab.without_reset("tests/orders.bats", "teardown() { dbfixture reset -q; }")
    lab.without_reset("tests/stock.bats", "teardown() { serve reset; }")
    job("without the reset it fails", 2, 123)


def workflow(lab):
    from workflow_lab import Job  # needs python3-yaml

    def run(what, migrates):
        work = lab.path("work")
        shutil.rmtree(work, ignore_errors=True)
        job = Job(lab.project, work, lab.path("cache"), lab.environment).run(os.path.join(lab.project, ".github/workflows/test.yml"))
        migrated = any("./migrate.sh" in command for command in job.ran)
        lab.check(f"the workflow, {what}", job.status == 0 and job.output.count("\nok ") == 7 and migrated == migrates, job)

    run("the first time", True)
    run("the second time", False)


def env_forms(lab):
    from env_forms import check_forms

    check_forms(lab, node_modules())


def pytest_postgres(lab):
    """Over a session of psycopg2, which a reset leaves connected."""
    needs("pytest", "psycopg2")
    lab.database("suite_test", "schema.sql")
    lab.environment["DATABASE_URL"] = lab.address("suite_test")
    lab.hold(pytest_words, "\n11 passed in", r"\n[1-9]\d* failed, ", ("conftest.py", 'dbfixture("reset")'), ["suite_test"])


def xdist_postgres(lab):
    """Each worker in a database of its own."""
    needs("pytest", "xdist", "psycopg2")
    lab.database("suite_test", "schema.sql")
    lab.environment["SUITE_DATABASE"] = lab.address("suite_test")
    lab.hold(lambda order: pytest_words(order, "sh", "./workers.sh"), "\n11 passed in", r"\n[1-9]\d* failed, ", ("conftest.py", 'dbfixture("reset")'), ["suite_test"])


def flask_postgres(lab):
    needs("pytest", "flask", "sqlalchemy", "psycopg2")
    lab.database("suite_test", "schema_postgres.sql")
    lab.environment["DATABASE_URL"] = lab.address("suite_test")
    lab.hold(pytest_words, "\n8 passed in", r"\n[1-9]\d* failed, ", ("conftest.py", 'dbfixture("reset")'), ["suite_test"])


DJANGO_FAILS = r"\nFAILED \((failures|errors)=\d+"
DJANGO_RESET = ("layers.py", "self.reset()")


def manage(*words):
    return [PYTHON, "manage.py", "test", "--noinput", *words]


def django(lab):
    """Databases made for each run, and cloned for workers; and the same tests Django's way."""
    needs("django")
    orders = {1: (), 2: ("--reverse", "--parallel", "2"), 3: ("--parallel", "2")}
    lab.hold(lambda order: manage(*orders[order]), r"Ran 11 tests in .*\n\nOK\n", DJANGO_FAILS, DJANGO_RESET, kill_at=5)
    seen = lab.run(*manage(), SERIALIZED_ROLLBACK="1")
    lab.check("with serialized_rollback it passes", "\nOK (skipped=6)\n" in seen.output, seen)


def django_keepdb(lab):
    """Databases that stay from run to run."""
    needs("django")
    lab.check("the first run", lab.run(*manage("--keepdb")).status == 0)
    orders = {1: (), 2: ("--reverse",), 3: ()}
    lab.hold(lambda order: manage("--keepdb", *orders[order]), r"Ran 11 tests in .*\n\nOK\n", DJANGO_FAILS, DJANGO_RESET,
             ["test_shop.db", "test_log.db"], kill_at=5)


def django_postgres(lab):
    """As `django`, on a server, which a killed run leaves its databases: without --noinput Django would ask."""
    needs("django", "psycopg2")
    lab.environment.update(SHOP_HOST=lab.server.folder, SHOP_USER=USER)
    orders = {1: (), 2: ("--reverse", "--parallel", "2"), 3: ("--parallel", "2")}
    lab.hold(lambda order: manage(*orders[order]), r"Ran 11 tests in .*\n\nOK \(skipped=2\)\n", DJANGO_FAILS, DJANGO_RESET, kill_at=5)
    for way in ("SERIALIZED_ROLLBACK", "TEMPLATE_ROLLBACK"):
        seen = lab.run(*manage("shop.tests.test_shop.OrderTests.test_an_order_that_fails_is_not_logged"), **{way: "1"})
        lab.check(f"with {way} it passes", "\nOK\n" in seen.output, seen)


def django_keepdb_postgres(lab):
    needs("django", "psycopg2")
    lab.environment.update(SHOP_HOST=lab.server.folder, SHOP_USER=USER)
    lab.check("the first run", lab.run(*manage("--keepdb")).status == 0)
    orders = {1: (), 2: ("--reverse",), 3: ()}
    lab.hold(lambda order: manage("--keepdb", *orders[order]), r"Ran 11 tests in .*\n\nOK \(skipped=2\)\n", DJANGO_FAILS, DJANGO_RESET,
             ["test_shop", "test_log"], kill_at=5)


ON_SERVERS = (pytest_postgres, xdist_postgres, flask_postgres, django_postgres, django_keepdb_postgres)
SUITES = {suite.__name__: suite for suite in (behave, flask, pytest, xdist, sessions, node, ruby, bats, ci, env_forms, django, django_keepdb, *ON_SERVERS)}
FOLDERS = {"xdist": "pytest", "django_keepdb": "django", "bats": "ci", "env_forms": "node",
           "xdist_postgres": "pytest_postgres", "flask_postgres": "flask", "django_postgres": "django", "django_keepdb_postgres": "django"}  # of suites that share one


def main():
    program, name = sys.argv[1:]
    with contextlib.ExitStack() as stack:
        if SUITES[name] in ON_SERVERS:
            lab = stack.enter_context(ServerLab(stack.enter_context(Server()), FOLDERS.get(name, name), program))
        else:
            lab = stack.enter_context(Lab(FOLDERS.get(name, name), program))
        SUITES[name](lab)
    for problem in lab.problems:
        print(problem)
    sys.exit(1 if lab.problems else 0)


main()
