import pytest
from test_notes import rows


@pytest.mark.parametrize("name", ["Cy", "Dee", "Eve", "Fay"])
def test_the_next_person_is_number_three(database, name):
    assert rows(database, "INSERT INTO people (name) VALUES (%s) RETURNING id", name) == [(3,)]
    database.connection.commit()
    assert rows(database, "SELECT count(*) FROM people") == [(3,)]


def test_all_people_go(database):
    database.execute("TRUNCATE people RESTART IDENTITY CASCADE")
    database.connection.commit()
    assert rows(database, "SELECT count(*) FROM people") == [(0,)]


def test_a_prepared_statement_of_this_session(database):
    if not rows(database, "SELECT count(*) FROM pg_prepared_statements WHERE name = 'look'")[0][0]:
        database.execute("PREPARE look AS SELECT id, name FROM people ORDER BY id")
    assert rows(database, "EXECUTE look") == [(1, "Ann"), (2, "Bo")]
    database.execute("UPDATE people SET name = name || '!'")
    database.connection.commit()


def test_and_again(database):
    test_a_prepared_statement_of_this_session(database)
