#!/usr/bin/python3
"""Django's own tests, with loaddata, dumpdata and flush replaced by the program.

  own_tests.py PROGRAM [--source DIR]... [--fetch] [LABEL...]   DIR is Debian's source of python-django, or any checkout of Django

Without --source: $DJANGO_SOURCE (folders, separated by ":"); with --fetch: `apt-get source python-django` into a temporary folder.
Where there is none, it says that it is skipped and exits 0. Each label runs twice in file databases and with every TestCase as a
TransactionTestCase (another process sees nothing of an open transaction): as it is, and with the three commands replaced. A third time, what each
test leaves behind is dumped by the program and loaded by Django, with the config that dbfixture_config.py prints (no warning, equal rows) and
without it (equal rows, or a warning that names the line that mends it). LAB_POSTGRES=FOLDER takes databases of the PostgreSQL server whose socket
is there; Django's tests of PostgreSQL alone run then, too. What ends otherwise is listed in own_tests.tsv (versions, test,
why; "3.2/postgresql" is on PostgreSQL alone); exits 1 if something else does, or if something listed does not.
"""
import argparse
import contextlib
import glob
import inspect
import io
import itertools
import json
import os
import re
import runpy
import subprocess
import sys
import tempfile
import unittest

import databases

HERE = os.path.dirname(os.path.abspath(__file__))
LABELS = ["fixtures", "fixtures_regress", "fixtures_model_package", "m2m_through_regress", "proxy_models", "timezones", "serializers.test_data", "serializers.test_natural",
          "auth_tests.test_management"]
SETTINGS = """
DATABASES = {databases!r}
SECRET_KEY = "x"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = False
"""


# Ours, in the words that Django's tests look for.
WORDS = [
    (r'fixture "([^"]*?)(?:\.json)?" not found.*', r"No fixture named '\1' found."),
    (r'fixture "([^"]*)" is ambiguous.*', r"Multiple fixtures named '\1'"),
    (r'no table or app is named "([^".]*)".*', r"No installed app with label '\1'."),
    (r'no table or app is named "([^"]*)".*', r"Unknown model: \1"),
    (r"--pks needs exactly one table.*", "You can only use --pks option with one model"),
]


class Child:
    """One run of one label, in a process of its own."""

    def __init__(self, mode, program, source, label, folder):
        self.mode, self.program, self.label, self.folder, self.ends = mode, program, label, folder, {}
        self.store = databases.databases(folder, join_tables)
        sys.dont_write_bytecode = True
        sys.path[:0] = [source, os.path.join(source, "tests"), folder]
        with open(os.path.join(folder, "own_settings.py"), "w", encoding="utf-8") as file:
            file.write(SETTINGS.format(databases=self.store.test_settings(("default", "other"))))
        os.chdir(os.path.join(source, "tests"))

    def run(self):
        self.without_transactions()
        self.note_ends()
        if self.mode == "replaced":
            self.replace_commands()
        if self.mode == "exchange":
            self.exchange_at_flush()
        sys.argv = ["runtests.py", "--settings=own_settings", "--parallel=1", "-v", "0", self.label]
        try:
            runpy.run_path("runtests.py", run_name="__main__")
        except SystemExit:
            pass
        self.store.close()
        with open(os.path.join(self.folder, "ends.json"), "w", encoding="utf-8") as file:
            json.dump(self.ends, file)

    @staticmethod
    def without_transactions():
        from django.test import TestCase, TransactionTestCase

        def setup(case):
            TransactionTestCase._fixture_setup(case)
            type(case).setUpTestData()

        TestCase.setUpClass = classmethod(lambda cls: super(TestCase, cls).setUpClass())
        TestCase.tearDownClass = classmethod(lambda cls: super(TestCase, cls).tearDownClass())
        TestCase._fixture_setup, TestCase._fixture_teardown = setup, lambda case: TransactionTestCase._fixture_teardown(case)
        TestCase._should_check_constraints = lambda case, connection: False

    def note_ends(self):
        def noting(method, word):
            original = getattr(unittest.TestResult, method)

            def note(result, test, *rest):
                name = test.id() if not hasattr(test, "test_case") else test.test_case.id()
                if word != "ok" or self.ends.get(name, ["ok"])[0] == "ok":
                    text = "".join(str(rest[0][1]).splitlines(True)[:12]) if rest and isinstance(rest[0], tuple) and rest[0][1] else ""
                    self.ends[name] = [word, f"{rest[0][0].__name__}: {text}" if text else ""]
                return original(result, test, *rest)
            setattr(unittest.TestResult, method, note)

        for method, word in (("addSuccess", "ok"), ("addFailure", "fails"), ("addError", "fails"), ("addSkip", "skipped"), ("addExpectedFailure", "ok")):
            noting(method, word)
        add_sub_test = unittest.TestResult.addSubTest

        def note_sub_test(result, test, subtest, error):
            if error is not None:
                self.ends[test.id()] = ["fails", f"{error[0].__name__}: {str(error[1])[:1500]}"]
            return add_sub_test(result, test, subtest, error)
        unittest.TestResult.addSubTest = note_sub_test

    # The program in place of the commands. What it does not take is the test's own business: hooks, managers, mocks.

    def config(self, using, app=None):
        """The config of the project as it is at this moment: tests change settings and installed apps."""
        from django.apps import apps
        from django.conf import settings
        spec = runpy.run_path(os.path.join(HERE, "dbfixture_config.py"))
        out, unsaid = io.StringIO(), io.StringIO()
        command = spec["Command"](stdout=out, stderr=unsaid)
        command.handle(database=using)
        folders = [os.path.join(config.path, "fixtures") for config in apps.get_app_configs() if app in (None, config.label)] + [str(folder) for folder in settings.FIXTURE_DIRS]
        path = os.path.join(self.folder, "dbfixture.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(out.getvalue() + "fixture_dirs: " + json.dumps(folders) + "\n")
        with open(os.path.join(self.folder, "unsaid"), "a", encoding="utf-8") as file:
            file.write(unsaid.getvalue())
        return path

    def call(self, using, *arguments, stdin=None, app=None):
        from django.db import connections
        name = connections[using].settings_dict["NAME"]
        if connections[using].in_atomic_block:
            raise RuntimeError("the test is inside a transaction of its own")
        config = self.config(using, app)
        connections[using].close()
        done = subprocess.run([self.program, "--config", config, "-d", self.store.address(str(name)), *arguments], input=stdin, capture_output=True, check=False)
        with open(os.path.join(self.folder, "calls"), "ab") as log:
            log.write(f"{arguments}: {done.returncode}\n".encode() + done.stderr)
        if done.returncode:
            self.fail(done.returncode, done.stderr.decode())
        return done.stdout

    @staticmethod
    def fail(status, text):
        from django.core.management.base import CommandError
        from django.core.serializers.base import DeserializationError
        from django.db import IntegrityError
        text = text.partition("dbfixture: error: ")[2] or text
        for pattern, words in WORDS:
            found = re.match(pattern, text, re.S)
            if found:
                text = found.expand(words)
        if status != 6:
            raise CommandError(text)
        constraint = re.search("UNIQUE|NOT NULL|CHECK|constraint|which does not exist|cannot be null|exists twice", text)
        raise (IntegrityError if constraint else DeserializationError)("Problem installing fixture: " + text)

    @staticmethod
    def reorder(text, labels, options):
        """Records in the order of the models in the code, which no database holds; the tests compare lists."""
        from django.apps import apps
        from django.core import serializers
        if not text.startswith("["):
            return text
        if options["use_natural_foreign_keys"]:
            by_app = [(config, list(config.get_models())) for config in apps.get_app_configs()]
            models = [m for m in serializers.sort_dependencies(by_app, allow_cycles=True) if not m._meta.proxy]
        else:
            models = apps.get_models()
        order = [model._meta.label_lower for model in models]
        named = [label.partition(".")[0] for label in labels]
        if named and not options["use_natural_foreign_keys"]:
            order.sort(key=lambda label: named.index(label.partition(".")[0]) if label.partition(".")[0] in named else 0)
        records = sorted(json.loads(text), key=lambda record: order.index(record["model"]))
        return json.dumps(records, indent=options["indent"], ensure_ascii=False)

    def replace_commands(self):
        from django.core.management.commands import dumpdata, flush, loaddata

        def load(command, *labels, **options):
            using = options["database"]
            arguments = ["loaddata", "-v", str(max(options["verbosity"], 1))]
            arguments += ["-i"] * options["ignore"] + ([f"--app={options['app_label']}"] if options["app_label"] else [])
            arguments += ["--exclude=" + label for label in options["exclude"]] + (["--format=" + options["format"]] if options["format"] else [])
            stdin = sys.stdin.read().encode() if "-" in labels else None
            out = self.call(using, *arguments, *[str(label) for label in labels], stdin=stdin, app=options["app_label"]).decode()
            if options["verbosity"]:
                command.stdout.write(out.rstrip("\n"))

        def dump(command, *labels, **options):
            arguments = ["dumpdata", "--format=" + options["format"]]
            arguments += [f"--indent={options['indent']}"] if options["indent"] is not None else []
            arguments += ["--exclude=" + label for label in options["exclude"]]
            arguments += ["--natural-foreign"] * options["use_natural_foreign_keys"] + ["--natural-primary"] * options["use_natural_primary_keys"]
            arguments += [f"--pks={options['primary_keys']}"] if options["primary_keys"] else []
            arguments += [f"--output={options['output']}"] if options["output"] else []
            out = self.call(options["database"], *arguments, *labels).decode()
            if options["format"] == "json":
                out = self.reorder(out, labels, options)
            if not options["output"]:
                command.stdout.write(out, ending="")

        def empty(command, **options):
            keep = [] if options.get("reset_sequences", True) else ["--keep-sequences"]
            self.call(options["database"], "flush", "--no-input", *keep)

        loaddata.Command.handle, dumpdata.Command.handle, flush.Command.handle = load, dump, empty


    # What a test leaves in the database is dumped by the program and loaded by Django.

    def exchange_at_flush(self):
        from django.core.management.commands import flush
        from django.db import connections
        original, count = flush.Command.handle, itertools.count()

        def exchange(command, **options):
            using = options["database"]
            name = str(connections[using].settings_dict["NAME"])
            installed_apps_are_cut = options.get("allow_cascade")  # there are tables without models then
            if not connections[using].in_atomic_block and not installed_apps_are_cut and self.store.exists(name):
                connections[using].close()
                test = next((frame.frame.f_locals["self"].id() for frame in inspect.stack() if isinstance(frame.frame.f_locals.get("self"), unittest.TestCase)), "?")
                self.exchange(test, using, name, ("json", "yaml", "xml", "jsonl")[next(count) % 4])
            return original(command, **options)
        flush.Command.handle = exchange

    def exchange(self, test, using, name, suffix):
        from django.conf import settings
        before, bare = self.state(name), os.path.join(self.folder, "bare.yaml")
        with open(bare, "w", encoding="utf-8") as file:
            file.write(f"django: {{use_tz: {str(settings.USE_TZ).lower()}}}\n")  # which no database tells
        for config in (self.config(using), bare):
            fixture = os.path.join(self.folder, f"exchange.{suffix}")
            done = subprocess.run([self.program, "--config", config, "-d", self.store.address(name), "dumpdata", "-q", "-a", "-o", fixture], capture_output=True, text=True, check=False)
            warned = subprocess.run([self.program, "--config", config, "-d", self.store.address(name), "dumpdata", "-a"], capture_output=True, text=True, check=False).stderr
            wrong = done.stderr or self.load_elsewhere(using, name, fixture, before)
            if config != bare and (wrong or warned):
                self.ends[test + " exchange"] = ["fails", f"{suffix}: {wrong} {warned}"]
            if config == bare and wrong and 'under "django:" in the config' not in warned:
                self.ends[test + " without config"] = ["fails", f"{suffix}: {wrong} without a word"]
            self.ends.setdefault(test + (" without config" if config == bare else " exchange"), ["ok", ""])

    def state(self, name):
        """Rows alone."""
        return {table: rows for table, rows in self.store.state(name).items() if table != "sequences"}

    def load_elsewhere(self, using, name, fixture, before):
        from django.core.management import call_command
        from django.db import connections
        copy = self.store.name_of("copy")
        self.store.copy(name, copy)
        self.store.empty(copy, before)
        try:
            connections[using].settings_dict["NAME"] = copy
            call_command("loaddata", fixture, verbosity=0, database=using)
        except Exception as error:  # whatever Django raises
            return f"{type(error).__name__}: {str(error)[:400]}"
        finally:
            connections[using].close()
            connections[using].settings_dict["NAME"] = name
        after = self.state(copy)
        return "; ".join(f"{t}: {[r for r in before[t] if r not in after[t]][:2]} became {[r for r in after[t] if r not in before[t]][:2]}" for t in before if before[t] != after[t])


def join_tables():
    from django.apps import apps
    return {m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.auto_created}


def version_of(source):
    with open(os.path.join(source, "django", "__init__.py"), encoding="utf-8") as file:
        return ".".join(re.search(r"VERSION = \((\d+), (\d+)", file.read()).groups())


def run(mode, program, source, label, keep):
    with tempfile.TemporaryDirectory(prefix="dbfixture-own-tests-") as folder:
        done = subprocess.run([sys.executable, "-W", "ignore", __file__, "--child", mode, program, source, label, folder], capture_output=True, text=True, check=False,
                              env={**os.environ, "HOME": folder})
        try:
            with open(os.path.join(folder, "ends.json"), encoding="utf-8") as file:
                ends = json.load(file)
        except OSError:
            sys.exit(f"{label}: the run broke off:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        if keep:
            for name in ("calls", "unsaid", "dbfixture.yaml"):
                if os.path.exists(os.path.join(folder, name)):
                    os.replace(os.path.join(folder, name), os.path.join(keep, f"{label}.{name}"))
        return ends


def judge(program, source, labels, listed, keep, verbose):
    version, wrong, tests, exchanges = version_of(source), 0, 0, 0
    engine = "postgresql" if os.environ.get("LAB_POSTGRES") else "sqlite"
    listed = {(names.partition("/")[0], test): why for (names, test), why in listed.items() if names.partition("/")[2] in ("", engine)}
    seen = set()
    for label in labels:
        plain, replaced, exchanged = (run(mode, program, source, label, keep) for mode in ("plain", "replaced", "exchange"))
        exchanged = {name: end for name, end in exchanged.items() if name.endswith((" exchange", " without config"))}
        plain.update({name: ["ok", ""] for name in exchanged})
        replaced.update(exchanged)
        tests += len(plain) - len(exchanged)
        exchanges += len(exchanged)
        for name, (end, _) in sorted(plain.items()):
            ours = replaced.get(name, ["did not run", ""])
            if ours[0] == end:
                continue
            seen.add((version, name))
            if (version, name) not in listed:
                wrong += 1
                print(f"{version}: {name}: {end} in Django, {ours[0]} here: {ours[1]}")
            elif verbose:
                print(f"{version}: {name}: {listed[version, name]}\n    {ours[1]}")
    for version_, name in sorted(set(listed) - seen):
        if version_ == version and any(name.startswith(label + ".") for label in labels):
            wrong += 1
            print(f"{version}: {name}: ends as in Django, but is listed")
    print(f"Django {version}: {tests} tests, {exchanges} of our dumps loaded by Django; {len(seen)} end otherwise, {wrong} of them without a reason")
    return wrong


def main():
    if sys.argv[1:2] == ["--child"]:
        return Child(*sys.argv[2:]).run()
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("labels", nargs="*")
    parser.add_argument("--source", action="append", default=[])
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--keep", help="a folder for what the program was called with, and its config")
    parser.add_argument("-v", action="store_true", help="list the known differences too")
    options = parser.parse_intermixed_args()
    with open(os.path.join(HERE, "own_tests.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    listed = {(version, name): why for versions, name, why in rows for version in versions.split(",")}
    with tempfile.TemporaryDirectory(prefix="dbfixture-django-source-") as fetched:
        sources = options.source or [s for s in os.environ.get("DJANGO_SOURCE", "").split(":") if s]
        if not sources and options.fetch:
            subprocess.run(["apt-get", "source", "-qq", "python-django"], cwd=fetched, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            sources = glob.glob(os.path.join(fetched, "python-django-*", ""))
        sources = [os.path.abspath(source) for source in sources if os.path.exists(os.path.join(source, "tests", "runtests.py"))]
        if not sources:
            print("SKIPPED: own_tests.py: no source of Django is there (--source, $DJANGO_SOURCE, or --fetch with deb-src lines in apt's sources)")
            return 0
        wrong = sum(judge(os.path.abspath(options.program), source, options.labels or LABELS, listed, options.keep, options.v) for source in sources)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
