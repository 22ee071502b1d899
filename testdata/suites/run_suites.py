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
             ("conftest.py", 'dbfixture("reset")'), ["test.db"])
    lab.check("no copy is left", lab.no_copies())


SUITES = {suite.__name__: suite for suite in (behave, flask, pytest, xdist)}
FOLDERS = {"xdist": "pytest"}  # of suites that share one


def main():
    program, name = sys.argv[1:]
    with Lab(FOLDERS.get(name, name), program) as lab:
        SUITES[name](lab)
    for problem in lab.problems:
        print(problem)
    sys.exit(1 if lab.problems else 0)


main()
