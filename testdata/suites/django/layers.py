"""Tests that commit, on a database that keeps what migrations put there: a layer for the run, a reset after each test."""
import contextlib
import functools
import os
from urllib.parse import quote

from django.db import connections
from django.test.runner import DiscoverRunner

from dbfixture import Dbfixture

server = functools.cache(lambda process: Dbfixture())  # workers of --parallel are forked, and need one each


def dbfixture(command, database, *words):
    server(os.getpid())(command, "-d", database, *words)


def disconnect():
    """From databases that are to be copied or dropped."""
    server(os.getpid()).close()
    server.cache_clear()


def address(connection, name=None):
    """Of its database, or of another beside that: a path, or a URL."""
    settings = connection.settings_dict
    name = str(name or settings["NAME"])
    if connection.vendor == "sqlite":
        return name
    user = ":".join(quote(settings[key], safe="") for key in ("USER", "PASSWORD") if settings[key])
    return f"postgresql://{user}@/{name}?host={settings['HOST']}&port={settings['PORT']}"


class LayersRunner(DiscoverRunner):
    def setup_databases(self, **kwargs):
        if self.keepdb:  # undo what a killed run left before migrations meet it
            for connection in connections.all():
                kept = address(connection, connection.creation._get_test_db_name())
                with contextlib.suppress(RuntimeError):  # none is there
                    dbfixture("push", kept, "--anew", "tests")
                    dbfixture("pop", kept, "tests")
            disconnect()
        config = super().setup_databases(**kwargs)
        for database in self.databases(config):
            dbfixture("push", database, "--anew", "tests")
        return config

    def teardown_databases(self, old_config, **kwargs):
        for database in self.databases(old_config):
            dbfixture("pop", database, "tests")
        disconnect()
        super().teardown_databases(old_config, **kwargs)

    def databases(self, config):
        """Of each alias, and the clones of --parallel."""
        for connection in (connection for connection, name, first in config if first):
            yield address(connection)
            for number in range(1, self.parallel + 1 if self.parallel > 1 else 1):
                yield address(connection, connection.creation.get_test_db_clone_settings(str(number))["NAME"])


class ResetMixin:
    """For TransactionTestCase and LiveServerTestCase: class Tests(ResetMixin, TransactionTestCase)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reset()  # tests that were rolled back have taken numbers from a server's sequences

    def _fixture_teardown(self):
        self.reset()

    @classmethod
    def reset(cls):
        for alias in cls._databases_names(include_mirrors=False):
            dbfixture("reset", address(connections[alias]))
