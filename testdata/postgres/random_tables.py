"""Random databases for states.py: some 30 tables of every kind with rows, and what tests do to them. All as SQL for psql; a seed gives always the same."""
import uuid

SCHEMAS = ("public", "billing", '"Odd.Schema"')
TYPES_SQL = """
CREATE TYPE mood AS ENUM ('sad', 'so so', 'glad');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE pair AS (a int, b text);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'touched'; RETURN NEW; END $$;
CREATE TABLE audit (at int GENERATED ALWAYS AS IDENTITY, what text);
CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.audit (what) VALUES (TG_OP || TG_RELID::regclass); RETURN NULL; END $$;
"""


def large(r):
    """One that is compressed, or one that lies outside the row."""
    return f"repeat(md5('{r.random()}'), {r.randint(80, 900)})" if r.random() < 0.4 else \
        f"(SELECT string_agg(md5(g::text || '{r.random()}'), '') FROM generate_series(1, {r.randint(90, 500)}) g)"


def word(r):
    return "".join(r.choice("abcxyz é日'\\\t") for _ in range(r.randint(0, 12))).replace("'", "''").replace("\\", "\\\\").replace("\t", "\\t")


VALUES = {
    "int": lambda r: str(r.randint(-50, 2000)),
    "smallint": lambda r: str(r.randint(-300, 300)),
    "bigint": lambda r: str(r.randint(-2**62, 2**62)),
    "numeric": lambda r: r.choice(("1.5", "1.50", "'NaN'", "'Infinity'", "-0.000", "12345678901234567890.123", str(r.randint(0, 99)))),
    "numeric(10,2)": lambda r: f"{r.randint(-9999, 9999)}.{r.randint(0, 99):02}",
    "float8": lambda r: r.choice(("'-0'", "'0'", "'NaN'", "'-Infinity'", "1e300", repr(r.random()))),
    "real": lambda r: r.choice(("'-0'", "'NaN'", "1.5e-40", repr(r.random()))),
    "text": lambda r: f"E'{word(r)}'",
    "varchar(20)": lambda r: f"E'{word(r)}'",
    "char(5)": lambda r: f"'{r.choice(('a', 'a ', 'abc', ''))}'",
    "bytea": lambda r: f"'\\x{r.randbytes(r.randint(0, 20)).hex()}'",
    "boolean": lambda r: r.choice(("true", "false")),
    "date": lambda r: r.choice(("'infinity'", "'0044-03-15 BC'", f"date '2024-01-01' + {r.randint(0, 900)}")),
    "timestamp": lambda r: f"timestamp '2024-01-01' + {r.randint(0, 10**6)} * interval '1.000001 second'",
    "timestamptz": lambda r: f"timestamptz '2024-01-01 00:00+02' + {r.randint(0, 10**6)} * interval '1 minute'",
    "timetz": lambda r: f"'{r.randint(0, 23):02}:30:00+0{r.randint(0, 9)}'",
    "interval": lambda r: r.choice(("'30 days'", "'1 mon'", "'-1 year 2 days -03:04:05.6'", "'24:00:00'", "'1 day'")),
    "uuid": lambda r: f"'{uuid.UUID(int=r.getrandbits(128))}'",
    "json": lambda r: r.choice(("'{\"a\":1,\"a\":2}'", "'[1, 2]'", "' {} '", "'null'")),
    "jsonb": lambda r: r.choice(("'{\"a\": 1.50}'", f"'[{r.randint(0, 9)}]'", "'\"\"'", "'1e400'")),
    "int[]": lambda r: r.choice(("'{}'", "'[2:3]={7,8}'", f"'{{{r.randint(0, 9)},NULL}}'", "'{{1,2},{3,4}}'")),
    "text[]": lambda r: r.choice(("'{}'", "'{\"a,b\",NULL,\"NULL\"}'", f"ARRAY[E'{word(r)}']")),
    "public.mood": lambda r: f"'{r.choice(('sad', 'so so', 'glad'))}'",
    "public.mood[]": lambda r: "'{sad,glad}'",
    "public.positive": lambda r: str(r.randint(1, 99)),
    "public.pair": lambda r: f"ROW({r.randint(0, 9)}, E'{word(r)}')",
    "public.span": lambda r: f"'[{r.randint(0, 9)},{r.randint(10, 19)}.5)'",
    "int4range": lambda r: r.choice(("'empty'", f"'[{r.randint(0, 9)},20)'", "'(,)'")),
    "int4multirange": lambda r: "'{[1,2),[5,9)}'",
    "inet": lambda r: f"'10.0.{r.randint(0, 255)}.1/24'",
    "macaddr": lambda r: "'08:00:2b:01:02:03'",
    "bit(4)": lambda r: f"B'{r.randint(0, 15):04b}'",
    "varbit": lambda r: "B'10110'",
    "xml": lambda r: f"'<a b=\"{r.randint(0, 9)}\"/>'",
    "tsvector": lambda r: "'fat:2 cat:3A'",
    "point": lambda r: f"'({r.randint(0, 9)},-0)'",
    "money": lambda r: f"'{r.randint(0, 999)}.50'",
    "\"char\"": lambda r: "'x'",
    "name": lambda r: f"'n{r.randint(0, 99)}'",
    "pg_lsn": lambda r: "'16/B374D848'",
}
KEYS = ("none", "none", "int", "int", "identity", "always", "serial", "composite", "composite", "uuid", "text", "unique", "deferrable", "parts", "heir")
REFERABLE = ("int", "identity", "always", "serial", "unique")
ACTIONS = ("NO ACTION", "CASCADE", "CASCADE", "SET NULL", "RESTRICT", "SET DEFAULT")


class Table:
    def __init__(self, r, number, others):
        self.kind = r.choice(KEYS)
        parents = [t for t in others if t.kind in REFERABLE]
        if self.kind == "heir" and not parents:
            self.kind = "none"
        self.schema = r.choice(SCHEMAS)
        self.name = f"{self.schema}." + r.choice((f"t{number}", f"t{number}", f'"T.{number}"', f"\"T {number}''\"\"{'long' * 12}\""))
        self.rows = 0
        self.below = r.choice(parents) if self.kind == "heir" else None
        self.plain = [(f"c{i}", r.choice(tuple(VALUES))) for i in range(r.randint(0, 6))] + [("note", "text")]
        self.keys = {"composite": [("k", "int"), ("k2", "text")], "uuid": [("id", "uuid")], "text": [("id", "text")], "parts": [("id", "int"), ("part", "int")],
                     "none": [], "heir": []}.get(self.kind, [("id", "int")])
        self.parents = {f"p{i}": r.choice(parents) for i in range(r.choice((0, 0, 1, 1, 2))) if parents}
        self.large = r.random() < 0.3
        self.generated = r.random() < 0.3
        self.sql = self.create(r, number)

    def columns(self):
        """That take a value, with what makes one."""
        below = self.below.columns() if self.below else []
        return below + self.keys + self.plain + [(name, "int") for name in self.parents] + [("big", "text")] * self.large

    def create(self, r, number):
        kinds = {"identity": "int GENERATED BY DEFAULT AS IDENTITY", "always": "int GENERATED ALWAYS AS IDENTITY", "serial": "serial"}
        below = {name for name, _ in self.below.columns()} if self.below else set()
        self.plain = [(f"h{number}{name}" if name in below else name, kind) for name, kind in self.plain]
        self.parents = {f"h{number}{name}" if name in below else name: parent for name, parent in self.parents.items()}
        self.large = self.large and "big" not in below
        parts = [f"{name} {kinds.get(self.kind, kind)}{' NOT NULL' if self.kind == 'unique' else ''}" for name, kind in self.keys]
        parts += ["gone int"] * (r.random() < 0.25)
        parts += [f"{name} {kind}" for name, kind in self.plain]
        for name, parent in self.parents.items():
            later = r.choice(("", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"))
            parts.append(f"{name} int REFERENCES {parent.name} (id) ON DELETE {r.choice(ACTIONS)} ON UPDATE {r.choice(ACTIONS)}{later}")
        parts += ["big text"] * self.large
        parts += ["self int REFERENCES {0} (id) DEFERRABLE INITIALLY DEFERRED".format(self.name)] * (self.kind in REFERABLE and self.kind != "unique" and r.random() < 0.3)
        generated = self.plain[0]
        if self.generated and self.kind != "heir":
            parts.append(f"derived text GENERATED ALWAYS AS (coalesce(note, '') || '!') STORED" if generated[1] != "int" else f"derived int GENERATED ALWAYS AS ({generated[0]} * 2) STORED")
        if self.keys:
            names = ", ".join(name for name, _ in self.keys)
            parts.append(f"UNIQUE ({names})" if self.kind == "unique" else f"PRIMARY KEY ({names})" + " DEFERRABLE INITIALLY DEFERRED" * (self.kind == "deferrable"))
        if self.kind == "deferrable":
            parts.append("UNIQUE (note) DEFERRABLE INITIALLY DEFERRED")
        how = {"parts": f" PARTITION BY {r.choice(('LIST', 'HASH', 'RANGE'))} (part)"}.get(self.kind, f" INHERITS ({self.below.name})" if self.below else "")
        unlogged = "UNLOGGED " if r.random() < 0.08 and not self.parents and self.kind in ("none", "composite", "uuid", "text") else ""
        sql = [f"CREATE {unlogged}TABLE {self.name} (" + ", ".join(parts) + f"){how}"] + self.partitions(how)
        if any(part.startswith("gone") for part in parts):
            sql.append(f"ALTER TABLE {self.name} DROP COLUMN gone")
        if r.random() < 0.3:
            sql.append(f"CREATE INDEX ON {self.name} ((md5(coalesce(note, ''))))")
        if r.random() < 0.15 and self.kind not in ("parts", "heir") and not below:
            sql.append(f"CREATE TRIGGER touches BEFORE UPDATE ON {self.name} FOR EACH ROW EXECUTE FUNCTION public.touch()")
        if r.random() < 0.15:
            sql.append(f"CREATE TRIGGER audits AFTER INSERT OR DELETE ON {self.name} FOR EACH ROW EXECUTE FUNCTION public.audited()")
            sql += [f"ALTER TABLE {self.name} DISABLE TRIGGER audits"] * (r.random() < 0.3)
        return sql

    def partitions(self, how):
        if self.kind != "parts":
            return []
        name = lambda end: self.name[:-1] + f"_{end}\"" if self.name.endswith('"') else f"{self.name}_{end}"
        if "HASH" in how:
            return [f"CREATE TABLE {name(i)} PARTITION OF {self.name} FOR VALUES WITH (MODULUS 2, REMAINDER {i})" for i in range(2)]
        bounds = ("IN (0, 1)", "IN (2)") if "LIST" in how else ("FROM (0) TO (2)", "FROM (2) TO (3)")
        return [f"CREATE TABLE {name(0)} PARTITION OF {self.name} FOR VALUES {bounds[0]}",
                f"CREATE TABLE {name(1)} PARTITION OF {self.name} FOR VALUES {bounds[1]} PARTITION BY LIST (id)",
                f"CREATE TABLE {name(2)} PARTITION OF {name(1)} DEFAULT", f"CREATE TABLE {name(3)} PARTITION OF {self.name} DEFAULT"]

    def value(self, r, name, kind, number=None):
        if name in self.parents:
            most = self.parents[name].rows
            return str(r.randint(1, most)) if most and r.random() < 0.8 else "NULL"
        if number is not None and (name, kind) in self.keys + (self.below.keys if self.below else []):
            return {"int": str(number % 5 if name == "part" else number), "text": f"'key {number}'",
                    "uuid": f"'{uuid.UUID(int=number + 7)}'"}[kind]
        if name == "big":
            return large(r) if r.random() < 0.3 else "'small'"
        if name == "note" and self.kind == "deferrable":
            return f"'note {number if number is not None else r.randint(1, 90)}'"
        return "NULL" if r.random() < 0.15 and name != "part" else VALUES[kind](r)

    def insert(self, r, numbers, end=""):
        columns = self.columns()
        rows = ", ".join("(" + ", ".join(self.value(r, *column, number) for column in columns) + ")" for number in numbers)
        return f"INSERT INTO {self.name} (" + ", ".join(name for name, _ in columns) + f") OVERRIDING SYSTEM VALUE VALUES {rows}{end}"


class Database:
    """sql makes it."""

    def __init__(self, r, size=30):
        self.tables = []
        for number in range(size):
            self.tables.append(Table(r, number, self.tables))
            self.fill(r, self.tables[-1])
        sql = [f"CREATE SCHEMA {schema}" for schema in SCHEMAS[1:]] + [TYPES_SQL.strip().rstrip(";")]
        sql += [statement for table in self.tables for statement in table.sql]
        sql += self.more(r)
        self.sql = ";\n".join(sql) + ";\n"

    def fill(self, r, table):
        table.rows = r.choice((0, 1, 5, 20, 20, 60, 60, 200, 200, 2500 if not table.large else 100))
        # Numbers of an heir's rows are none of those of the table that it inherits from.
        numbers = range(1, table.rows + 1) if not table.below else range(5001, 5001 + table.rows)
        if table.rows:
            table.sql.append(table.insert(r, numbers))
        if r.random() < 0.25:
            table.sql.append(f"ALTER TABLE {table.name} ADD COLUMN added{len(self.tables)} text DEFAULT 'fast'")
        if table.kind in ("identity", "always", "serial") and r.random() < 0.7:
            table.sql.append(f"SELECT setval(pg_get_serial_sequence('{table.name.replace(chr(39), chr(39) * 2)}', 'id'), {table.rows + 1}, {r.choice(('true', 'false'))}) \\g /dev/null\n")

    def more(self, r):
        """Sequences of nobody, a cycle of foreign keys, orphans, and tables that tests redefine."""
        sql = ["CREATE SEQUENCE lone CACHE 5", "CREATE SEQUENCE billing.down INCREMENT -3 START 50 MINVALUE -50 MAXVALUE 50 CYCLE", "CREATE SEQUENCE ended MAXVALUE 2",
               "SELECT nextval('ended'), nextval('ended') \\g /dev/null\n", "CREATE SEQUENCE shared", "CREATE TABLE share_a (id int DEFAULT nextval('shared'), v text)",
               "CREATE TABLE share_b (id int DEFAULT nextval('shared') PRIMARY KEY, v text)", "INSERT INTO share_b (v) SELECT 'b' FROM generate_series(1, 9)",
               "CREATE TABLE empty_row ()", "INSERT INTO empty_row DEFAULT VALUES", "CREATE VIEW seen AS SELECT * FROM share_b WHERE id > 3",
               "CREATE TABLE twin_a (v int)", "CREATE TABLE twin_b (v int)", "INSERT INTO twin_a SELECT generate_series(1, 5)", "INSERT INTO twin_b SELECT generate_series(101, 105)",
               "CREATE TABLE shed (v int, c int DEFAULT 7)", "INSERT INTO shed SELECT g, g FROM generate_series(1, 8) g",
               "CREATE TABLE stub (v int, w int) PARTITION BY LIST (v)", "CREATE TABLE stub_1 PARTITION OF stub FOR VALUES IN (1)", "INSERT INTO stub VALUES (1, 1), (1, 2)",
               "CREATE TABLE room (during int4range, who text, EXCLUDE USING gist (during WITH &&) DEFERRABLE INITIALLY DEFERRED)",
               "INSERT INTO room VALUES ('[1,5)', 'ann'), ('[5,9)', 'bo')"]
        referable = [t for t in self.tables if t.kind in ("int", "identity", "always", "serial")]
        if len(referable) > 1:
            first, last = referable[0], referable[-1]
            sql += [f"ALTER TABLE {first.name} ADD COLUMN round int REFERENCES {last.name} (id) ON DELETE SET NULL DEFERRABLE",
                    f"CREATE TABLE billing.loose (id int PRIMARY KEY, lost int)", "INSERT INTO billing.loose SELECT g, 99000 + g FROM generate_series(1, 20) g",
                    f"ALTER TABLE billing.loose ADD CONSTRAINT lost_fk FOREIGN KEY (lost) REFERENCES {first.name} (id) ON DELETE CASCADE NOT VALID",
                    "COMMENT ON CONSTRAINT lost_fk ON billing.loose IS 'it''s loose'"]
        return sql
