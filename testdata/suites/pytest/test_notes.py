FIXTURES = ["notes"]


def test_the_notes_of_this_module_are_there(database):
    assert database.execute("SELECT id, person_id FROM notes").fetchall() == [(5, 1)]


def test_a_note_more(database):
    with database:
        assert database.execute("INSERT INTO notes (person_id, text) VALUES (2, 'x')").lastrowid == 6


def test_a_person_with_notes_goes(database):
    with database:
        database.execute("DELETE FROM notes")
        database.execute("DELETE FROM people WHERE id = 1")
    assert database.execute("SELECT count(*) FROM notes").fetchone() == (0,)


def test_a_transaction_that_is_left_open(database):
    database.execute("INSERT INTO notes (person_id, text) VALUES (2, 'never committed')")
    assert database.execute("SELECT count(*) FROM notes").fetchone() == (2,)
