#!/usr/bin/env python3
"""run_suites.py PROGRAM SUITE: runs one of the small projects beside this file through its own runner with PROGRAM as dbfixture: in different
orders, twice without cleaning up, after its runner was killed half way, and without its reset, when it has to fail. Prints what is wrong;
"SKIPPED: ..." where the runner is not installed."""
import os
import random
import sys

sys.dont_write_bytecode = True
from suite_lab import PYTHON, Lab, can_import, state


def needs(*modules):
    if not can_import(*modules):
        print(f"SKIPPED: Debian's Python has no {' or no '.join(modules)}")
        sys.exit(0)


def behave(lab):
    needs("behave")
    lab.database("shop.db", "shop.sql")
    features = sorted("features/" + name for name in os.listdir(lab.path("features")) if name.endswith(".feature"))

    def command(order):
        random.Random(order).shuffle(features)
        return [PYTHON, "-m", "behave", "--no-color", *features]

    lab.hold(command, "\n12 scenarios passed, 0 failed, 0 skipped", r"\n\d+ scenarios passed, [1-9]\d* failed",
             ("features/environment.py", 'dbfixture("reset")'), ["shop.db"], kill_at=6)


def pytest_words(order, *words):
    return ["env", f"SUITE_ORDER={order}", PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "shuffled", *words]


def flask(lab):
    needs("pytest", "flask", "sqlalchemy")
    lab.database("test.db", "schema.sql")
    lab.environment["DATABASE_URL"] = "sqlite:///test.db"
    lab.hold(pytest_words, "\n8 passed in", r"\n[1-9]\d* failed, ", ("conftest.py", 'dbfixture("reset")'), ["test.db"])


def pytest(lab):
    needs("pytest")
    lab.database("test.db", "schema.sql")
    lab.environment["DBFIXTURE_DATABASE"] = "test.db"
    lab.hold(pytest_words, "\n11 passed in", r"\n[1-9]\d* failed, ", ("conftest.py", 'dbfixture("reset")'), ["test.db"])


def xdist(lab):
    """The suite of pytest, each worker in a copy of its own."""
    needs("pytest", "xdist")
    lab.database("test.db", "schema.sql")
    worker = f"popen//python=dbfixture run -d test.db --temp -- {PYTHON}"
    lab.hold(lambda order: pytest_words(order, "--tx", "2*" + worker, "--dist", "load"), "\n11 passed in", r"\n[1-9]\d* failed, ",
             ("conftest.py", 'dbfixture("reset")'), ["test.db"], leaves=False)
    lab.check("no copy is left", lab.no_copies())


def sessions(lab):
    """A web application's session table, on a copy that only the environment names."""
    needs("pytest", "flask")
    lab.database("app.db", "schema.sql")

    def command(order):
        return ["dbfixture", "run", "-d", "app.db", "--temp", "--env", "APP_DATABASE=path", "--", *pytest_words(order)]

    lab.hold(command, "\n7 passed in", r"\n[1-9]\d* failed, ", ("conftest.py", 'dbfixture("reset")'), ["app.db"], leaves=False)
    lab.check("no copy is left", lab.no_copies())


DJANGO_FAILS = r"\nFAILED \((failures|errors)=\d+"
DJANGO_RESET = ("layers.py", 'dbfixture("reset", connections[alias].settings_dict["NAME"])')


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


SUITES = {suite.__name__: suite for suite in (behave, flask, pytest, xdist, sessions, django, django_keepdb)}
FOLDERS = {"xdist": "pytest", "django_keepdb": "django"}  # of suites that share one


def main():
    program, name = sys.argv[1:]
    with Lab(FOLDERS.get(name, name), program) as lab:
        SUITES[name](lab)
    for problem in lab.problems:
        print(problem)
    sys.exit(1 if lab.problems else 0)


main()
