"""Tests that commit, on a database that keeps what migrations put there: a layer for the run, a reset after each test."""
import functools
import os

from django.db import connections
from django.test.runner import DiscoverRunner

from dbfixture import Dbfixture

server = functools.cache(lambda process: Dbfixture())  # workers of --parallel are forked, and need one each


def dbfixture(command, database, *words):
    server(os.getpid())(command, "-d", str(database), *words)


class LayersRunner(DiscoverRunner):
    def setup_databases(self, **kwargs):
        for connection in connections.all():
            kept = connection.settings_dict["TEST"]["NAME"]
            if self.keepdb and os.path.exists(kept):  # undo what a killed run left before migrations meet it
                dbfixture("push", kept, "--anew", "tests")
                dbfixture("pop", kept, "tests")
        config = super().setup_databases(**kwargs)
        for database in self.databases(config):
            dbfixture("push", database, "--anew", "tests")
        return config

    def teardown_databases(self, old_config, **kwargs):
        for database in self.databases(old_config):
            dbfixture("pop", database, "tests")
        super().teardown_databases(old_config, **kwargs)

    def databases(self, config):
        """Of each alias, and the clones of --parallel."""
        for connection in (connection for connection, name, first in config if first):
            yield connection.settings_dict["NAME"]
            for number in range(1, self.parallel + 1 if self.parallel > 1 else 1):
                yield connection.creation.get_test_db_clone_settings(str(number))["NAME"]


class ResetMixin:
    """For TransactionTestCase and LiveServerTestCase: class Tests(ResetMixin, TransactionTestCase)."""

    def _fixture_teardown(self):
        for alias in self._databases_names(include_mirrors=False):
            dbfixture("reset", connections[alias].settings_dict["NAME"])
