import subprocess

import pytest

from bank import app


def dbfixture(*words):
    subprocess.run(["dbfixture", *words, "-q"], check=True)


@pytest.fixture(scope="session", autouse=True)
def testrun():
    dbfixture("push", "--anew", "testrun", "accounts")
    yield
    dbfixture("pop", "testrun")


@pytest.fixture(autouse=True)
def database(testrun):
    yield
    dbfixture("reset")


@pytest.fixture
def client():
    return app.test_client()
