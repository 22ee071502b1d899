import pytest

from bank import app
from dbfixture import Dbfixture

dbfixture = Dbfixture()


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
