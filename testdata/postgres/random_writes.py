"""What tests do to the databases of random_tables.py, as psql scripts. Many of the statements fail, as those of tests do."""


def numbers(r, table, most=3):
    first = r.choice((1, max(table.rows, 1), table.rows + 1, 10000 + r.randint(0, 99999)))
    return range(first, first + r.randint(1, most))


def where(r, table):
    name, kind = r.choice(table.columns())
    way = r.choice(("few", "one", "null", "all") if table.rows < 300 else ("few", "few", "one", "null"))
    if way == "few":
        return f" WHERE ctid IN (SELECT ctid FROM ONLY {table.name} LIMIT {r.randint(1, 5)} OFFSET {r.randint(0, 10)})" if table.kind != "parts" else f" WHERE part = {r.randint(0, 3)}"
    if way == "one" and ("id", "int") in table.keys:
        return f" WHERE id = {r.randint(1, max(table.rows, 1))}"
    return f" WHERE {name} IS NULL" if way == "null" else ""


def insert(r, table):
    return table.insert(r, numbers(r, table), r.choice(("", "", " ON CONFLICT DO NOTHING")) if table.kind != "deferrable" else "")


def insert_default(r, table):
    if table.kind in ("identity", "always", "serial"):
        return f"INSERT INTO {table.name} (note) VALUES ('by default')"
    return insert(r, table)


def update(r, table):
    columns = [column for column in table.columns() if column[0] not in ("id", "k", "k2") and column not in table.keys] or table.columns()
    name, kind = r.choice(columns)
    return f"UPDATE {table.name} SET {name} = {table.value(r, name, kind)}{where(r, table)}"


def update_key(r, table):
    if table.kind == "always" or not table.keys:
        return update(r, table)
    name, kind = table.keys[0]
    if kind != "int":
        return update(r, table)
    return f"UPDATE {table.name} SET {name} = {name} + {r.choice((1, 700000))}{where(r, table)}"


def same_again(r, table):
    """Rows that are written with the values that they have."""
    return f"UPDATE {table.name} SET note = note{where(r, table)}"


def delete(r, table):
    return f"DELETE FROM {table.name}{where(r, table)}"


def truncate(r, table):
    return f"TRUNCATE {r.choice(('ONLY ', '')) if table.kind != 'parts' else ''}{table.name}{r.choice((' CASCADE', ' RESTART IDENTITY CASCADE', ''))}"


def lock_rows(r, table):
    return f"SELECT count(*) FROM (SELECT 1 FROM {table.name} LIMIT 5 FOR UPDATE) x"


def swap(r, table):
    if ("id", "int") not in table.keys or table.kind == "always":
        return update(r, table)
    return f"UPDATE {table.name} SET id = CASE id WHEN 1 THEN 2 ELSE 1 END WHERE id IN (1, 2)"


def move(r, table):
    return f"UPDATE {table.name} SET part = (part + 1) % 5{where(r, table)}" if table.kind == "parts" else update(r, table)


def heirs_only(r, table):
    return f"UPDATE ONLY {table.name} SET note = 'only'"


def sequence(r, table):
    name = r.choice(("lone", "billing.down", "shared", "ended"))
    return r.choice((f"SELECT nextval('{name}')", f"SELECT setval('{name}', {r.randint(1, 2)}, {r.choice(('true', 'false'))})", f"ALTER SEQUENCE {name} RESTART",
                     "INSERT INTO share_a (v) VALUES ('a')", "INSERT INTO share_b (v) VALUES ('b')", "SELECT nextval('shared') FROM generate_series(1, 9)"))


def others(r, table):
    return r.choice(("INSERT INTO empty_row DEFAULT VALUES", "DELETE FROM empty_row", "UPDATE twin_a SET v = v + 1", "INSERT INTO shed VALUES (9)", "UPDATE stub SET w = 9",
                     "UPDATE room SET during = int4range(lower(during) + 4, upper(during) + 4)", "DELETE FROM room WHERE who = 'ann'", "DELETE FROM billing.loose WHERE id < 5",
                     "INSERT INTO billing.loose VALUES (77, NULL)", "UPDATE share_b SET v = v || '!' WHERE id = 3", "DELETE FROM audit"))


WRITES = (insert, insert, insert, insert_default, update, update, update, update_key, same_again, delete, delete, truncate, lock_rows, swap, move, heirs_only, sequence, others)


def copy(r, table, folder):
    """Out and in again, binary: equal rows anew, twice those of a table without a key."""
    names = ", ".join(name for name, _ in table.columns())
    file = f"{folder}/rows"
    out = f"\\copy (SELECT {names} FROM {table.name}) TO '{file}' (FORMAT binary)\n"
    return out + f"DELETE FROM {table.name};\n" * (r.random() < 0.6) + f"\\copy {table.name} ({names}) FROM '{file}' (FORMAT binary)\n"


def maintenance(r, table):
    return r.choice((f"VACUUM {table.name}", f"VACUUM FULL {table.name}", f"VACUUM FREEZE {table.name}", "ANALYZE", "VACUUM", f"REINDEX TABLE {table.name}",
                     f"ALTER TABLE {table.name} ALTER note TYPE text USING note || ''", f"CLUSTER shed USING nothing")) + ";\n"


def redefine(r):
    """To the same definition, which no row notices: what is there now are other rows."""
    return r.choice((
        "ALTER TABLE twin_a RENAME TO twin_c; ALTER TABLE twin_b RENAME TO twin_a; ALTER TABLE twin_c RENAME TO twin_b;\n",
        "ALTER TABLE shed DROP COLUMN c; ALTER TABLE shed ADD COLUMN c int DEFAULT 7;\n",
        "ALTER TABLE stub DETACH PARTITION stub_1; DROP TABLE stub_1; CREATE TABLE stub_1 PARTITION OF stub FOR VALUES IN (1); INSERT INTO stub VALUES (1, 3);\n",
        "DROP TABLE twin_a; CREATE TABLE twin_a (v int); INSERT INTO twin_a VALUES (6);\n",
        "BEGIN; TRUNCATE shed; \\copy shed FROM PROGRAM 'printf \"5\\\\t6\\\\n\"' (FREEZE)\nCOMMIT;\n",
        "ALTER TABLE shed SET UNLOGGED; ALTER TABLE shed SET LOGGED;\n"))


def transaction(r, tables, number):
    """One of them, in one of the ways in which tests write."""
    writes = [r.choice(WRITES)(r, r.choice(tables)) for _ in range(r.randint(1, 6))]
    way = r.choice(("each", "commit", "commit", "rollback", "savepoints", "savepoints", "prepared", "exceptions"))
    each = "".join(write + ";\n" for write in writes)
    if way == "each":
        return each
    if way == "exceptions":
        body = "".join(f"BEGIN {'PERFORM' + write[6:] if write.startswith('SELECT') else write}; IF {r.choice(('true', 'false'))} THEN RAISE 'no'; END IF; "
                       "EXCEPTION WHEN OTHERS THEN NULL; END;\n" for write in writes)
        return f"DO $body$ BEGIN FOR i IN 1..{r.choice((1, 1, 70))} LOOP {body} END LOOP; END $body$;\n"
    text = f"\\set ON_ERROR_ROLLBACK {r.choice(('on', 'on', 'off'))}\nBEGIN;\n"
    if way == "savepoints":
        for write in writes:
            text += f"SAVEPOINT s;\n{write};\n{r.choice(('ROLLBACK TO s', 'RELEASE s', 'SELECT 1', 'SET CONSTRAINTS ALL IMMEDIATE'))};\n"
    else:
        text += each
    if way == "prepared":
        return text + f"PREPARE TRANSACTION 'p{number}';\n{r.choice(('COMMIT', 'ROLLBACK'))} PREPARED 'p{number}';\n\\set ON_ERROR_ROLLBACK off\n"
    return text + ("ROLLBACK;\n" if way == "rollback" else "COMMIT;\n") + "\\set ON_ERROR_ROLLBACK off\n"


def script(r, database, folder, redefines=False):
    """A round's worth."""
    text = ""
    for number in range(r.choice((0, 1, 1, 2, 4, 12))):
        text += transaction(r, database.tables, number)
        if r.random() < 0.15:
            text += copy(r, r.choice(database.tables), folder)
        if r.random() < 0.15:
            text += maintenance(r, r.choice(database.tables))
        if redefines and r.random() < 0.08:
            text += redefine(r)
    return text
