import subprocess

FIXTURES = ["notes"]


def differences(*words):
    """What is not as a fixture says; nothing if all is."""
    done = subprocess.run(["dbfixture", "diff", "-q", *words], stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode in (0, 1)
    return done.stdout


def test_a_note_is_edited(database):
    with database:
        database.execute("UPDATE notes SET text = 'edited', updated_at = CURRENT_TIMESTAMP WHERE id = 5")
    assert differences("edited", "--ignore", "*.updated_at") == ""


def test_somebody_signs_up(database):
    with database:
        person = database.execute("INSERT INTO people (name) VALUES ('Cy')").lastrowid
        database.execute("INSERT INTO notes (person_id, text) VALUES (?, 'signed up')", (person,))
    assert differences("signed_up", "--contains") == ""


def test_it_says_what_is_not_as_expected(database):
    with database:
        database.execute("UPDATE notes SET text = 'Edited ', updated_at = CURRENT_TIMESTAMP WHERE id = 5")
    assert differences("edited", "--ignore", "*.updated_at").splitlines()[2:] == ["notes", '~ 5  text: "edited" -> "Edited "']
