#!/usr/bin/python3
"""Django loads what we dump, we load what Django dumps, and both databases are equal.

  interop.py PROGRAM PROJECT CONFIG [CASE...]   PROJECT is a folder with a manage.py like that of project/; CONFIG holds its `django:` map, last;
  CONFIG - is what dbfixture_config.py prints of it

Cases: json, jsonl, yaml, xml, natural, merge, session, suggestion, schema, dump, flush, sequences, diff; all without. LAB_USE_TZ=0 turns time zone support off;
LAB_POSTGRES=FOLDER takes databases of the PostgreSQL server whose socket is there in place of SQLite's files, LAB_IDENTITY=1 with identity columns, which
Django makes since 4.1, in place of its older serial ones. Everything runs in one process, because Django
takes half a second to start. Exits 1 and shows what differs. What Django itself loses is undone on the other side and nowhere else:
see lost_by_xml and lost_by_json.
"""
import contextlib
import decimal
import io
import json
import os
import re
import runpy
import subprocess
import sys
import tempfile
import warnings

import jsonschema
import yaml

PROGRAM, PROJECT, CONFIG = (path if path == "-" else os.path.abspath(path) for path in sys.argv[1:4])
USE_TZ = os.environ.get("LAB_USE_TZ", "1") == "1"
CASES = sys.argv[4:] or ["json", "jsonl", "yaml", "xml", "natural", "merge", "session", "suggestion", "schema", "diff"]
sys.dont_write_bytecode = True
sys.path.insert(0, PROJECT)
import databases
from django.conf import LazySettings


def join_tables():
    return {m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.auto_created}


memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # nothing here asks for a disk
work = tempfile.TemporaryDirectory(prefix="dbfixture-django-", dir=memory)
store = databases.databases(work.name, join_tables)
configure = LazySettings.configure
LazySettings.configure = lambda self, **given: configure(self, **{**given, "DATABASES": {"default": store.settings()}})
import manage
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, models

warnings.simplefilter("ignore")
failures = 0


def fail(case, text):
    global failures
    failures += 1
    print(f"{os.path.basename(PROJECT)}: {case}: {text}")


def use(name):
    """Django's connection to another database."""
    connection.close()
    connection.settings_dict["NAME"] = name


def texts(state, change):
    """`state` with `change` applied to (table, column, text) of every text."""
    def one(table, column, cell):
        return (cell[0], change(table, column, cell[1])) if isinstance(cell, tuple) and cell[0] == "text" else cell
    return {t: sorted(({c: one(t, c, v) for c, v in row.items()} for row in rows), key=repr) for t, rows in state.items()}


def columns_of(kind):
    return {(m._meta.db_table, f.column) for m in apps.get_models() for f in m._meta.local_fields if isinstance(f, kind)}


def without_json_null(state):
    """Django reads the JSON document null as no document."""
    documents = columns_of(models.JSONField)
    return {t: sorted(({c: ("null", None) if (t, c) in documents and v in (("text", "null"), ("jsonb", "null")) else v for c, v in row.items()} for row in rows), key=repr)
            for t, rows in state.items()}


def lost_by_django_reading_xml(state):
    """Blanks at both ends of a text; carriage returns stay, because we write them as &#13;."""
    documents = columns_of(models.JSONField)
    return texts(state, lambda t, c, v: v if (t, c) in documents else v.strip())


def lost_by_django_writing_json(state):
    """Times are cut to milliseconds."""
    times = columns_of((models.DateTimeField, models.TimeField))
    return texts(state, lambda t, c, v: re.sub(r"(\.\d{3})\d{3}$", r"\g<1>000", v).replace(".000000", "") if (t, c) in times else v)


def lost_by_django_writing_xml(state):
    """Carriage returns, which an XML reader takes for line ends, and blanks at both ends (we keep what is there)."""
    documents = columns_of(models.JSONField)
    return texts(state, lambda t, c, v: v if (t, c) in documents else re.sub(r"\r\n?", "\n", v))


def empty_files(state):
    """Django writes a FileField that is NULL as an empty text."""
    files = columns_of(models.FileField)
    return {t: sorted(({c: ("text", "") if (t, c) in files and v == ("null", None) else v for c, v in row.items()} for row in rows), key=repr)
            for t, rows in state.items()}


def compare(case, wanted, seen):
    for table in sorted(set(wanted) | set(seen)):
        a, b = wanted.get(table, []), seen.get(table, [])
        if a == b:
            continue
        gone, new = [r for r in a if r not in b], [r for r in b if r not in a]
        fail(case, f"table {table}: {len(gone)} rows are missing, {len(new)} are there instead")
        for left, right in list(zip(gone, new))[:3]:
            print("   ", {c: (v, right.get(c)) for c, v in left.items() if v != right.get(c)})
        for row in (gone[len(new):] + new[len(gone):])[:2]:
            print("   ", row)


def printed_config():
    """What the management command says of the project; all that it cannot say is a complaint."""
    out, unsaid = io.StringIO(), io.StringIO()
    command = runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "dbfixture_config.py"))["Command"]
    command(stdout=out, stderr=unsaid).handle(database="default")
    if unsaid.getvalue():
        fail("dbfixture_config", unsaid.getvalue())
    return out.getvalue()


def plain(value):
    """As JSON, times with three digits."""
    return re.sub(r"(:\d\d)(?:\.(\d{3})(?:\d{3})?)?(?=[Z\"])", lambda t: f"{t[1]}.{t[2] or '000'}", json.dumps(value))


class Interop:
    def __init__(self, folder):
        self.empty, self.full, self.target = (store.create(name) for name in ("empty", "full", "target"))
        self.folder = folder
        self.config = os.path.join(folder, "dbfixture.yaml")
        if CONFIG != "-":
            with open(CONFIG, encoding="utf-8") as given, open(self.config, "w", encoding="utf-8") as file:
                file.write(given.read() + ("" if USE_TZ else "  use_tz: false\n"))
        else:
            with open(self.config, "w", encoding="utf-8") as file:
                file.write(printed_config())
        use(self.empty)
        if not store.takes_any_order:
            settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
        getattr(manage, "init", lambda: call_command("migrate", run_syncdb=True, verbosity=0))()
        connection.close()
        if os.environ.get("LAB_IDENTITY"):
            store.make_identities(self.empty)
        store.copy(self.empty, self.full)
        use(self.full)
        manage.fill()
        connection.close()
        self.state = store.state(self.full)

    def ours(self, command, name, *arguments):
        done = subprocess.run([PROGRAM, "--config", self.config, "-d", store.address(name), command, *arguments], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def fresh(self):
        connection.close()
        store.copy(self.empty, self.target)
        return self.target

    def to_django(self, name, suffix, *options, changes=()):
        """Our dump, their load."""
        case = f"{name}: Django loads our {suffix}"
        fixture = os.path.join(self.folder, "ours." + suffix)
        status, out, err = self.ours("dumpdata", self.full, "-q", "-a", "-o", fixture, *options)
        if status or err:
            return fail(case, f"dumpdata: status {status}, {err}")
        use(self.fresh())
        try:
            call_command("loaddata", fixture, verbosity=0)
        except Exception as error:  # whatever Django raises
            return fail(case, f"{type(error).__name__}: {str(error)[:600]}")
        finally:
            connection.close()
        self.judge(case, changes)

    def from_django(self, name, suffix, changes=(), **options):
        """Their dump, our load."""
        case = f"{name}: we load Django's {suffix}"
        fixture = os.path.join(self.folder, "theirs." + suffix)
        use(self.full)
        call_command("dumpdata", use_base_manager=True, format=suffix, output=fixture, verbosity=0, **options)
        self.load(case, fixture, changes)

    def to_us(self, name, suffix, *options):
        """Our dump, our load: nothing may differ."""
        fixture = os.path.join(self.folder, "ours." + suffix)
        self.ours("dumpdata", self.full, "-q", "-a", "-o", fixture, *options)
        self.load(f"{name}: we load our {suffix}", fixture, ())

    def load(self, case, fixture, changes):
        status, out, err = self.ours("loaddata", self.fresh(), "-q", fixture)
        if status or err:
            return fail(case, f"loaddata: status {status}, {err}")
        self.judge(case, changes)

    def judge(self, case, changes):
        wanted, seen = self.state, store.state(self.target)
        for change in changes:
            wanted, seen = change(wanted), change(seen)
        compare(case, wanted, seen)

    def session(self):
        """One row by its text key, there and back."""
        key = store.value(self.full, "select session_key from django_session")
        fixture = os.path.join(self.folder, "session.json")
        status, out, err = self.ours("dumpdata", self.full, "-q", "sessions.session", "--pks", key, "-o", fixture)
        for name in ("we load", "Django loads"):
            use(self.fresh())
            if name == "we load":
                self.ours("loaddata", self.target, "-q", fixture)
            else:
                call_command("loaddata", fixture, verbosity=0)
                connection.close()
            if status or err or store.state(self.target)["django_session"] != self.state["django_session"]:
                fail("session", f"{name}: {store.state(self.target)['django_session']}, {err}")

    def merge(self):
        """Natural keys find rows that have other primary keys; models are left out with their many-to-many lists. For project/ only."""
        if not apps.is_installed("odd_app"):
            return
        fixture, ours, theirs = os.path.join(self.folder, "merge.json"), store.create("ours"), store.create("theirs")
        left_out = ["contenttypes", "auth.permission", "admin"] + ["odd_app." + name for name in ("profile", "profilenote", "task", "worker", "boss")]
        self.ours("dumpdata", self.full, "-q", "-o", fixture, "--natural-foreign", "--natural-primary", *("--exclude=" + x for x in left_out))
        store.copy(self.empty, theirs)
        store.run(theirs, "insert into odd_app_code values (10, '012', 'old'), (11, 'zz', 'kept'), (12, 'red', 'old');"
                          "insert into odd_app_person values (5, 'Pe'), (6, 'Xx'); insert into auth_group values (7, 'editors é');")
        if apps.is_installed("server"):
            store.run(theirs, "insert into server_folded values (7, 'FIRST');" + "".join(
                f"select setval('{table}_id_seq', max(id)) from {table};" for table in ("odd_app_code", "odd_app_person", "server_folded", "auth_group")))
        store.copy(theirs, ours)
        use(theirs)
        call_command("loaddata", fixture, verbosity=0)
        connection.close()
        for again in ("", ": all unchanged"):
            status, out, err = self.ours("loaddata", ours, fixture)
            if status or err or not out.endswith("fixture(s)" + again + "\n"):
                fail("merge", f"loaddata: status {status}, {out}{err}")
            compare("merge", store.state(theirs), store.state(ours))

    def suggestion(self):
        """inspect --django-config names what CONFIG holds: all of it, but columns of tables that it does not know yet."""
        with open(CONFIG, encoding="utf-8") as file:
            wanted = yaml.safe_load(file)["django"]
        seen = {}
        for name, config in (("without a config", {}), ("with its tables", {"tables": wanted.get("tables", {})}), ("with all", wanted)):
            with open(self.config, "w", encoding="utf-8") as file:
                yaml.safe_dump({"django": config}, file)
            status, text, err = self.ours("inspect", self.full, "--django-config")
            if status or err:
                return fail("suggestion", f"{name}: status {status}, {err}")
            if {k: v for k, v in (yaml.safe_load(text)["django"] or {}).items() if v is not None} != config:
                fail("suggestion", f"{name}: does not read back as what is configured:\n{text}")
            seen[name] = text
        for label, table in wanted.get("tables", {}).items():
            lines = [line for line in seen["without a config"].splitlines() if table in line]
            if not any(line.strip().startswith(("# " + label + ":", "# " + label.rpartition(".")[0] + ".FIELD:")) for line in lines):
                fail("suggestion", f"says nothing of the table {table} of {label}")
        for part, mark in (("durations", "# - {0}"), ("foreign_keys", "# {0}: APP.MODEL"))[store.has_intervals:]:
            for name in wanted.get(part, {}):
                if mark.format(name) + "\n" not in seen["without a config"]:
                    fail("suggestion", f"says nothing of {name} in {part}")
        for name, column in wanted.get("columns", {}).items():
            line = f"# {name.rpartition('.')[0]}.FIELD: "
            if not any(line in text and column in text for text in seen["with its tables"].splitlines()):
                fail("suggestion", f"says nothing of the column {column} of {name}")

    def dump(self):
        """With USE_TZ only: without, Django writes moments of PostgreSQL in local time, which no database tells.
        Record by record, our JSON is Django's but for the order of fields, digits of times that it cuts off, and decimals that it writes with an exponent."""
        ours, theirs = (os.path.join(self.folder, name) for name in ("ours.jsonl", "theirs.jsonl"))
        self.ours("dumpdata", self.full, "-q", "-a", "-o", ours)
        use(self.full)
        call_command("dumpdata", use_base_manager=True, format="jsonl", output=theirs, verbosity=0)
        connection.close()
        seen, wanted = ({(r["model"], plain(r["pk"])): r["fields"] for r in map(json.loads, open(path, encoding="utf-8"))} for path in (ours, theirs))
        decimals = {f"{m._meta.label_lower}.{f.name}" for m in apps.get_models() for f in m._meta.local_fields if isinstance(f, models.DecimalField)}
        lists = {f"{m._meta.label_lower}.{f.name}" for m in apps.get_models() for f in m._meta.local_many_to_many}
        for key in sorted(set(wanted) | set(seen)):
            mine, fields = seen.get(key, {}), wanted.get(key, {})
            for name in sorted(set(mine) | set(fields)):
                a, b = (record.get(name, "(not there)") for record in (mine, fields))
                field = f"{key[0]}.{name}"
                if field in decimals and a is not None and b is not None:
                    a, b = decimal.Decimal(a), decimal.Decimal(b)
                elif field in lists:
                    a, b = sorted(map(plain, a)), sorted(map(plain, b))
                else:
                    a, b = plain(a), plain(b)
                if a != b or isinstance(a, decimal.Decimal) and a.as_tuple() != b.as_tuple():
                    fail("dump", f"{key} {name}: {str(a)[:300]}, in Django {str(b)[:300]}")

    def schema(self):
        """Our dumps and Django's fit the schema of this database's fixtures, and what is wrong does not."""
        _, text, _ = self.ours("inspect", self.full, "--json-schema")
        validator = jsonschema.Draft202012Validator(json.loads(text))
        names = [os.path.join(self.folder, f"schema{i}.json") for i in range(4)]
        self.ours("dumpdata", self.full, "-q", "-a", "-o", names[0])
        self.ours("dumpdata", self.full, "-q", "-a", "-o", names[1], "--natural-foreign", "--natural-primary")
        use(self.full)
        call_command("dumpdata", use_base_manager=True, format="json", output=names[2], verbosity=0)
        call_command("dumpdata", use_base_manager=True, format="json", output=names[3], verbosity=0, use_natural_foreign_keys=True)
        connection.close()
        for name in names:
            with open(name, encoding="utf-8") as file:
                records = json.load(file)
            for problem in list(validator.iter_errors(records))[:5]:
                fail("schema", f"{os.path.basename(name)}: {problem.json_path}: {problem.message[:300]}")
        user = {"model": get_user_model()._meta.label_lower, "pk": 1, "fields": {"username": "ann", "is_active": True, "groups": [1, ["editors"]]}}
        for wrong in ({"model": "auth.usr"}, {"fields": {"nmae": 1}}, {"fields": {"is_active": "yes"}}, {"fields": {"groups": 1}}, {"pk": True}):
            if not validator.is_valid([user]) or validator.is_valid([{**user, **wrong}]):
                fail("schema", f"{wrong} fits")

    def flush(self):
        """Our flush leaves what Django's leaves, which makes types, permissions and the site anew."""
        use(self.fresh())
        store.copy(self.full, self.target)
        call_command("flush", interactive=False, verbosity=0)
        connection.close()
        theirs = store.state(self.target)
        store.copy(self.full, self.target)
        status, _, err = self.ours("flush", self.target, "--no-input")
        if status or err:
            return fail("flush", f"status {status}, {err}")
        ours = store.state(self.target)
        for state in (theirs, ours):  # Django leaves tables alone that it does not manage
            for model in apps.get_models():
                if not model._meta.managed:
                    del state[model._meta.db_table]
                    state["sequences"] = [row for row in state["sequences"] if row["name"] != model._meta.db_table]
        compare("flush", theirs, ours)

    def sequences(self):
        """Ours, behind their tables and ahead of them, are set as sqlsequencereset sets Django's."""
        labels = [app.label for app in apps.get_app_configs() if app.models_module]
        ends = []
        for name in ("theirs", "ours"):
            store.copy(self.full, self.target)
            for at, table in enumerate(sorted(row["name"] for row in store.state(self.target)["sequences"])):
                store.run(self.target, f"select setval(pg_get_serial_sequence('\"{table}\"', column_name), {[1, 1000][at % 2]}) from information_schema.columns "
                                       f"where table_name = '{table}' and pg_get_serial_sequence('\"{table}\"', column_name) is not null")
            if name == "theirs":
                out = io.StringIO()
                call_command("sqlsequencereset", *labels, stdout=out, stderr=io.StringIO(), no_color=True)
                store.run(self.target, out.getvalue())
            else:
                status, _, err = self.ours("resetsequences", self.target)
                if status or err:
                    fail("sequences", f"status {status}, {err}")
            ends.append(store.state(self.target))
        compare("sequences", *ends)

    def diff(self):
        """What Django dumps of a database, and what we dump in both layouts, differs from it in nothing but what Django does not say; a change is
        shown, and nothing else."""
        theirs = {"plain.yaml": {}, "natural.yaml": {"use_natural_foreign_keys": True, "use_natural_primary_keys": True},
                  "natural.xml": {"use_natural_foreign_keys": True}}
        ours = {"ours.json": (), "ours.xml": (), "natural.json": ("--natural-foreign", "--natural-primary"), "tables.yaml": ("--layout", "table")}
        use(self.full)
        for name, options in theirs.items():
            call_command("dumpdata", use_base_manager=True, format=name[-4:].lstrip("."), output=os.path.join(self.folder, name), verbosity=0, **options)
        connection.close()
        for name, options in ours.items():
            self.ours("dumpdata", self.full, "-q", "-a", "-o", os.path.join(self.folder, "our_" + name), *options)
        fixtures = [(name, True) for name in theirs] + [("our_" + name, False) for name in ours]
        unsaid = {(t, c): (None, "null") for t, c in columns_of(models.JSONField)} | {(t, c): ("", None) for t, c in columns_of(models.FileField)}
        for name, by_django in fixtures:
            status, out, err = self.ours("diff", self.full, os.path.join(self.folder, name), "--json")
            result = json.loads(out)
            if "error" in result or err:
                fail("diff", f"{name}: {result.get('error')} {err}")
                continue
            for table in result["tables"]:
                for row in table["rows"]:
                    said = {c: v for c, v in row["fields"].items() if not by_django or row["change"] != "changed"
                            or (v["a"], v["b"]) != unsaid.get((table["table"], c)) and not self.is_lost(name, v)}
                    if said:
                        fail("diff", f"{name}: {table['table']} {row['change']} {row['pk']}: {said}")
        store.copy(self.full, self.target)
        quote = connection.ops.quote_name
        table, key, column = next(
            (quote(m._meta.db_table), quote(m._meta.pk.column), quote(f.column)) for m in apps.get_models() if not hasattr(m, "natural_key") and not m._meta.proxy
            for f in m._meta.local_fields if type(f) in (models.CharField, models.TextField) and f.max_length != 1 and not f.unique
            and store.value(self.full, f"select count(*) from {quote(m._meta.db_table)}"))
        store.run(self.target, f"update {table} set {column} = 'another' where {key} = (select min({key}) from {table})")
        for name in ("our_ours.json", "our_natural.json", "our_tables.yaml"):
            status, out, err = self.ours("diff", self.target, os.path.join(self.folder, name))
            if status != 1 or err or out.count("\n~") != 1 or '-> "another"' not in out or "\n+ " in out or "\n- " in out:
                fail("diff", f"{name}: status {status}, {out}{err}")

    @staticmethod
    def is_lost(name, value):
        """Carriage returns, in XML."""
        return name.endswith(".xml") and isinstance(value["b"], str) and re.sub(r"\r\n?", "\n", value["b"]) == value["a"]

    def run(self, case):
        if case == "suggestion":
            return self.suggestion()
        if case in ("json", "yaml", "xml"):
            lost = {"xml": [without_json_null, lost_by_django_reading_xml]}.get(case, [without_json_null])
            self.to_django("plain", case, changes=lost)
        if case in ("session", "merge", "schema", "dump", "flush", "sequences", "diff"):
            return getattr(self, case)()
        if case == "natural":
            natural = ("--natural-foreign", "--natural-primary")
            self.to_django("natural keys", "yaml", *natural, changes=[without_json_null])
            self.to_us("natural keys", "json", *natural)
            self.to_django("natural foreign keys", "xml", "--natural-foreign", changes=[without_json_null, lost_by_django_reading_xml])
            self.from_django("natural keys", "yaml", changes=[without_json_null, empty_files], use_natural_foreign_keys=True, use_natural_primary_keys=True)
            self.from_django("natural foreign keys", "xml", changes=[without_json_null, empty_files, lost_by_django_writing_xml], use_natural_foreign_keys=True)
            return
        self.to_us("plain", case)
        lost = {"xml": [lost_by_django_writing_xml], "yaml": []}.get(case, [lost_by_django_writing_json])
        self.from_django("plain", case, changes=[without_json_null, empty_files] + lost)


with work, contextlib.closing(store):
    interop = Interop(work.name)
    for each in CASES:
        interop.run(each)
    connection.close()
sys.exit(1 if failures else 0)
