FIXTURES = ["notes"]


def rows(database, sql, *values):
    database.execute(sql, values)
    return database.fetchall()


def test_the_notes_of_this_module_are_there(database):
    assert rows(database, "SELECT id, person_id FROM notes") == [(5, 1)]


def test_a_note_more(database):
    assert rows(database, "INSERT INTO notes (person_id, text) VALUES (2, 'x') RETURNING id") == [(6,)]
    database.connection.commit()


def test_a_person_with_notes_goes(database):
    database.execute("DELETE FROM notes")
    database.execute("DELETE FROM people WHERE id = 1")
    database.connection.commit()
    assert rows(database, "SELECT count(*) FROM notes") == [(0,)]


def test_a_transaction_that_is_left_open(database):
    database.execute("INSERT INTO notes (person_id, text) VALUES (2, 'never committed')")
    assert rows(database, "SELECT count(*) FROM notes") == [(2,)]
