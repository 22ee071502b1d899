import pytest

from bank import Account, app, engine, session


def balance(client, owner):
    return client.get(f"/accounts/{owner}").json["balance"]


def test_a_transfer_spans_three_requests(client):
    assert client.post("/transfers", json={"from": "ann", "to": "bo", "amount": 70}).status_code == 204
    assert client.get("/accounts/ann").json == {"id": 1, "balance": 30, "entries": 1}
    assert client.get("/accounts/bo").json == {"id": 2, "balance": 70, "entries": 1}


def test_what_one_request_commits_another_client_sees(client):
    assert client.post("/accounts", json={"owner": "cy"}).json == {"id": 3}
    assert client.post("/transfers", json={"from": "ann", "to": "cy", "amount": 1}).status_code == 204
    assert app.test_client().get("/accounts/cy").json == {"id": 3, "balance": 1, "entries": 1}


@pytest.mark.parametrize("owner", ["dee", "eve", "fay"])
def test_every_new_account_is_the_third(client, owner):
    assert client.post("/accounts", json={"owner": owner}).json == {"id": 3}
    assert balance(client, owner) == 0


def test_a_forgotten_commit_is_seen_as_such(client):
    assert client.post("/transfers", json={"from": "ann", "to": "bo", "amount": 101}).status_code == 409
    assert client.get("/accounts/ann").json == {"id": 1, "balance": 100, "entries": 0}


def test_a_request_that_fails_half_way(client):
    assert client.post("/transfers", json={"from": "ann", "to": "bo", "amount": 100}).status_code == 204
    assert client.post("/transfers", json={"from": "bo", "to": "nobody", "amount": 1}).status_code == 500
    assert balance(client, "bo") == 100


def test_the_connection_of_the_test_itself_is_kept(client):
    assert session.query(Account).count() == 2
    session.query(Account).filter_by(owner="bo").update({"balance": 5})
    session.commit()
    assert balance(client, "bo") == 5
    assert engine.pool.checkedin() + engine.pool.checkedout() == 1
