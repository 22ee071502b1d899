import os
import subprocess

import psycopg2
import pytest


def dbfixture(*words):
    """On $DATABASE_URL, which the test program's own connection takes too."""
    subprocess.run(["dbfixture", *words, "-q"], check=True)


@pytest.fixture(scope="session")
def session_layer():
    dbfixture("push", "--anew", "session", "people")
    yield
    dbfixture("pop", "session")


@pytest.fixture(scope="session")
def connection(session_layer):
    """Open throughout: a reset needs nobody to disconnect."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def module_layer(session_layer, request):
    """A module may name fixtures of its own."""
    dbfixture("push", request.module.__name__, *getattr(request.module, "FIXTURES", []))
    yield
    dbfixture("pop", request.module.__name__)


@pytest.fixture(autouse=True)
def database(module_layer, connection):
    with connection.cursor() as cursor:
        yield cursor
    connection.rollback()
    dbfixture("reset")
