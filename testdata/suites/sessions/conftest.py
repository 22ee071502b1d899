import json
import subprocess

import pytest

from app import app


def dbfixture(*words):
    """On the database that "dbfixture run" made for this process."""
    return subprocess.run(["dbfixture", *words, "-q"], check=True, stdout=subprocess.PIPE, text=True).stdout


@pytest.fixture(scope="session", autouse=True)
def testrun():
    dbfixture("push", "--anew", "testrun")
    yield
    dbfixture("pop", "testrun")


@pytest.fixture(autouse=True)
def database(testrun):
    yield
    dbfixture("reset")


@pytest.fixture
def client():
    return app.test_client()


@pytest.fixture
def stored():
    """What the table holds for the session of a response."""

    def read(response):
        cookie = response.headers["Set-Cookie"].split(";")[0].removeprefix("session=")
        records = json.loads(dbfixture("dumpdata", "sessions", "--pks", cookie))
        return records[0]["fields"]["data"]

    return read


@pytest.fixture
def ann(client):
    """A user who is logged in, without a visit to the form."""
    dbfixture("loaddata", "ann_is_logged_in")
    client.set_cookie("localhost", "session", "session-of-ann")
    return client
