import os
import sqlite3

import pytest


def test_a_visit_is_counted_in_the_stored_session(client, stored):
    assert stored(client.get("/")) == {"count": 1}
    assert stored(client.get("/")) == {"count": 2}


def test_each_client_has_a_session_of_its_own(client, stored):
    from app import app

    client.get("/")
    assert stored(client.get("/")) == {"count": 2}
    assert stored(app.test_client().get("/")) == {"count": 1}


def test_a_user_is_logged_in_by_a_fixture(ann, stored):
    assert ann.get("/me").text == "ann"
    assert stored(ann.get("/")) == {"count": 6, "user": "ann"}


def test_a_user_logs_in_by_the_form(ann, stored):
    from app import app

    other = app.test_client()
    assert stored(other.post("/login", data={"name": "ann"})) == {"user": "ann"}
    assert other.get("/me").text == "ann"


@pytest.mark.parametrize("name", ["ann", "bo"])
def test_nobody_of_another_test_can_log_in(client, name):
    assert client.post("/login", data={"name": name}).status_code == 403
    assert client.get("/me").status_code == 401


def test_no_session_of_another_test_is_stored(client):
    client.get("/")
    with sqlite3.connect(os.environ["APP_DATABASE"]) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
