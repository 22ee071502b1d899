import pytest


@pytest.mark.parametrize("name", ["Cy", "Dee", "Eve", "Fay"])
def test_the_next_person_is_number_three(database, name):
    with database:
        assert database.execute("INSERT INTO people (name) VALUES (?)", (name,)).lastrowid == 3
    assert database.execute("SELECT count(*) FROM people").fetchone() == (3,)


def test_all_people_go(database):
    with database:
        database.execute("DELETE FROM people")
    assert database.execute("SELECT count(*) FROM people").fetchone() == (0,)


def test_a_test_may_migrate(database):
    database.executescript("ALTER TABLE people ADD COLUMN born; UPDATE people SET born = 1970; DROP TABLE notes")
    assert database.execute("SELECT id, name, born FROM people").fetchall() == [(1, "Ann", 1970), (2, "Bo", 1970)]


def test_nothing_of_that_is_seen_here(database):
    assert database.execute("SELECT * FROM people").fetchall() == [(1, "Ann"), (2, "Bo")]
    assert database.execute("SELECT count(*) FROM notes").fetchone() == (0,)
