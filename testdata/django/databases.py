"""The databases that interop.py fills, copies and compares: SQLite's files, or databases of the PostgreSQL server whose socket is in $LAB_POSTGRES,
or of the MariaDB server whose socket is $LAB_MARIADB/socket.

A state is a map of table -> its rows, sorted; a row is a map of column -> (type, value). Texts and times have the type "text", NULL is ("null", None).
Sequences are rows of a table "sequences" with "name" (of their table) and "seq"; those of many-to-many tables are left out, as are their ids.
"""
import contextlib
import os
import re
import shutil
import sqlite3
import uuid

BOOKKEEPING = {"django_migrations"}


class Files:
    """`joins` names the many-to-many tables, which Django knows once it is set up."""
    has_intervals = False
    takes_any_order = True  # of tables: of apps without migrations first, whatever they refer to

    def __init__(self, folder, joins):
        self.folder, self.joins = folder, joins

    def settings(self):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(self.folder, "first.db")}

    def test_settings(self, names):
        """For Django's test runner, which makes a database beside each of them."""
        return {name: {"ENGINE": "django.db.backends.sqlite3", "NAME": self.name_of(name), "TEST": {"NAME": self.name_of("test_" + name)}} for name in names}

    def name_of(self, name):
        return os.path.join(self.folder, name + ".db")

    create = name_of

    @staticmethod
    def exists(name):
        return os.path.exists(name)

    @staticmethod
    def empty(name, tables):
        with contextlib.closing(sqlite3.connect(name)) as c:
            for table in tables:
                c.execute(f'delete from "{table}"')
            c.commit()

    @staticmethod
    def copy(source, name):
        shutil.copy(source, name)

    @staticmethod
    def address(name):
        """For the program."""
        return name

    @staticmethod
    def run(name, script):
        with contextlib.closing(sqlite3.connect(name)) as c:
            c.executescript(script)

    @staticmethod
    def value(name, query):
        with contextlib.closing(sqlite3.connect(name)) as c:
            return c.execute(query).fetchone()[0]

    def state(self, name):
        out = {}
        with contextlib.closing(sqlite3.connect(name)) as c:
            names = [r[0] for r in c.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")]
            for table in set(names) - BOOKKEEPING:
                columns = [r[1] for r in c.execute(f'pragma table_info("{table}")')]
                if table in self.joins():
                    columns.remove("id")
                picks = ", ".join(f'typeof("{column}"), "{column}"' for column in columns)
                out[table] = sorted((dict(zip(columns, zip(row[::2], row[1::2]))) for row in c.execute(f'select {picks} from "{table}"')), key=repr)
            counts = c.execute("select name, seq from sqlite_sequence where seq > 0") if c.execute("select 1 from sqlite_master where name = 'sqlite_sequence'").fetchone() else ()
            sequences = [{"name": n, "seq": seq} for n, seq in counts if n not in self.joins() | BOOKKEEPING]
        return out | ({"sequences": sorted(sequences, key=repr)} if sequences else {})

    def close(self):
        pass


class Server:
    has_intervals = True
    takes_any_order = False

    def __init__(self, folder, joins):
        import psycopg2
        self.psycopg2, self.host, self.joins, self.mark = psycopg2, os.environ["LAB_POSTGRES"], joins, "test_django_" + uuid.uuid4().hex[:12]
        self.names = set()

    def settings(self):
        return {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "HOST": self.host, "USER": "postgres"}

    @contextlib.contextmanager
    def connect(self, name):
        connection = self.psycopg2.connect(host=self.host, user="postgres", dbname=name, options="-c timezone=UTC -c client_min_messages=error")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            yield cursor

    def test_settings(self, names):
        for name in names:
            self.create(name)
            self.names.add(self.name_of("new_" + name))
        return {name: {**self.settings(), "NAME": self.name_of(name), "TEST": {"NAME": self.name_of("new_" + name)}} for name in names}

    def name_of(self, name):
        return f"{self.mark}_{name}"

    @staticmethod
    def exists(name):
        return name != "postgres"

    def empty(self, name, tables):
        self.run(name, "truncate " + ", ".join(f'"{table}"' for table in tables))

    def create(self, name):
        full = self.name_of(name)
        self.names.add(full)
        self.run("postgres", f'create database "{full}"')
        self.run(full, "create extension hstore; create extension citext")  # those that Django has fields for
        return full

    def make_identities(self, name):
        self.run(name, """do $$ declare a record; sequence text; number bigint; called bool; begin
            for a in select d.adrelid::regclass as name, attname as column from pg_attrdef d join pg_attribute on attrelid = adrelid and attnum = adnum
                     where pg_get_expr(adbin, adrelid) like 'nextval(%' loop
                sequence := pg_get_serial_sequence(a.name::text, a.column);
                execute format('select last_value, is_called from %s', sequence) into number, called;
                execute format('alter table %s alter %I drop default', a.name, a.column);
                execute format('drop sequence %s', sequence);
                execute format('alter table %s alter %I add generated by default as identity', a.name, a.column);
                perform setval(pg_get_serial_sequence(a.name::text, a.column), number, called);
            end loop; end $$""")

    def copy(self, source, name):
        self.run("postgres", f'drop database if exists "{name}" with (force)')
        self.run("postgres", f'create database "{name}" template "{source}"')
        self.names.add(name)

    def address(self, name):
        return f"postgresql://postgres@/{name}?host={self.host}"

    def run(self, name, script):
        with self.connect(name) as cursor:
            cursor.execute(script)

    def value(self, name, query):
        with self.connect(name) as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]

    @staticmethod
    def cell(kind, text):
        if text is None:
            return ("null", None)
        if kind.startswith("timestamp") or kind == "time":  # with six digits or none, as Django writes them
            whole, _, fraction = text.removesuffix("+00").partition(".")
            return ("text", whole + (f".{fraction:0<6}" if fraction else ""))
        return ("text" if kind in ("text", "varchar", "citext") else kind, text)

    def state(self, name):
        out, sequences = {}, []
        with self.connect(name) as cursor:
            cursor.execute("select c.relname, a.attname, t.typname from pg_class c join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid "
                           "where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped order by c.relname, a.attnum")
            tables = {}
            for table, column, kind in cursor.fetchall():
                if table not in BOOKKEEPING and not (table in self.joins() and column == "id"):
                    tables.setdefault(table, []).append((column, kind))
            for table, columns in tables.items():
                picks = ", ".join('"' + column.replace('"', '""') + '"::text' for column, _ in columns)
                cursor.execute(f'select {picks} from "{table}"'.replace("%", "%%"))
                out[table] = sorted(({c: self.cell(kind, text) for (c, kind), text in zip(columns, row)} for row in cursor.fetchall()), key=repr)
            cursor.execute("select t.relname, s.relname from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_class t on t.oid = d.refobjid "
                           "where d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i') order by 1")
            for table, sequence in cursor.fetchall():
                if table not in self.joins() | BOOKKEEPING:
                    cursor.execute(f'select last_value, is_called from "{sequence}"')
                    sequences.append({"name": table, "seq": cursor.fetchone()})
        return out | {"sequences": sequences}

    def close(self):
        for name in self.names:
            self.run("postgres", f'drop database if exists "{name}" with (force)')


class MariaDb:
    has_intervals = False
    takes_any_order = False
    TEXTS = ("char", "varchar", "text", "longtext", "mediumtext", "tinytext")

    def __init__(self, folder, joins):
        import MySQLdb
        self.client, self.socket, self.joins = MySQLdb, os.path.join(os.environ["LAB_MARIADB"], "socket"), joins
        self.mark, self.names = "test_django_" + uuid.uuid4().hex[:12], set()

    def settings(self):
        return {"ENGINE": "django.db.backends.mysql", "NAME": self.create("first"), "USER": "root", "HOST": self.socket, "OPTIONS": {"charset": "utf8mb4"}}

    @contextlib.contextmanager
    def connect(self, name):
        connection = self.client.connect(unix_socket=self.socket, user="root", db=name, charset="utf8mb4", init_command="SET time_zone = '+00:00', foreign_key_checks = 0")
        connection.autocommit(True)
        with contextlib.closing(connection), contextlib.closing(connection.cursor()) as cursor:
            yield cursor

    def test_settings(self, names):
        settings = self.settings()
        for name in names:
            self.names.add(self.name_of("new_" + name))
        return {name: {**settings, "NAME": self.create(name), "TEST": {"NAME": self.name_of("new_" + name)}} for name in names}

    def name_of(self, name):
        return f"{self.mark}_{name}"

    @staticmethod
    def exists(name):
        return True

    def create(self, name):
        full = self.name_of(name)
        self.names.add(full)
        self.run("mysql", f"create database if not exists `{full}` character set utf8mb4 collate utf8mb4_bin")
        return full

    def empty(self, name, tables):
        for table in tables:
            self.run(name, f"truncate `{table}`")

    def copy(self, source, name):
        """With its constraints, which CREATE TABLE ... LIKE leaves out."""
        self.run("mysql", f"drop database if exists `{name}`")
        self.run("mysql", f"create database `{name}` character set utf8mb4 collate utf8mb4_bin")
        self.names.add(name)
        with self.connect(source) as old, self.connect(name) as new:
            old.execute("show tables")
            for table, in old.fetchall():
                old.execute(f"show create table `{table}`")
                new.execute(old.fetchone()[1].replace("%", "%%"))
                new.execute(f"insert into `{table}` select * from `{source}`.`{table}`")

    def address(self, name):
        return f"mysql://root@/{name}?socket={self.socket}"

    def run(self, name, script):
        with self.connect(name) as cursor:
            for statement in filter(str.strip, script.split(";")):
                cursor.execute(statement.replace("%", "%%").replace('"', "`"))

    def value(self, name, query):
        with self.connect(name) as cursor:
            cursor.execute(query)
            return cursor.fetchone()[0]

    def cell(self, kind, text):
        if text is None:
            return ("null", None)
        if kind in ("datetime", "time"):  # with six digits or none, as Django writes them
            return ("text", text.removesuffix(".000000"))
        return ("text" if kind in self.TEXTS else kind, text)

    def state(self, name):
        out, sequences, tables = {}, [], {}
        with self.connect(name) as cursor:
            cursor.execute("select table_name, column_name, data_type from information_schema.columns where table_schema = database() order by table_name, ordinal_position")
            for table, column, kind in cursor.fetchall():
                if table not in BOOKKEEPING and not (table in self.joins() and column == "id"):
                    tables.setdefault(table, []).append((column, kind))
            for table, columns in tables.items():
                picks = ", ".join(f"hex(`{c}`)" if kind.endswith(("blob", "binary")) else f"`{c}` + 0e0" if kind in ("float", "double") else f"cast(`{c}` as char)" for c, kind in columns)
                cursor.execute(f"select {picks} from `{table}`")
                out[table] = sorted(({c: self.cell(kind, text) for (c, kind), text in zip(columns, row)} for row in cursor.fetchall()), key=repr)
            cursor.execute("select table_name, auto_increment from information_schema.tables where table_schema = database() and auto_increment > 1 order by 1")
            sequences = [{"name": table, "seq": number} for table, number in cursor.fetchall() if table not in self.joins() | BOOKKEEPING]
        return out | {"sequences": sequences}

    def close(self):
        for name in self.names:
            self.run("mysql", f"drop database if exists `{name}`")


def databases(folder, joins):
    store = Server if os.environ.get("LAB_POSTGRES") else MariaDb if os.environ.get("LAB_MARIADB") else Files
    return store(folder, joins)
