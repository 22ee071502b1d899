"""What tools do that keep a snapshot as a template database, for comparison: every session ends, the database is dropped and made again."""
from django.db import connection


def without_database(*statements):
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(name))


class TemplateMixin:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        without_database('CREATE DATABASE "{0}_copy" TEMPLATE "{0}"')

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        without_database('DROP DATABASE "{0}_copy"')

    def _fixture_teardown(self):
        without_database('DROP DATABASE "{0}" WITH (FORCE)', 'CREATE DATABASE "{0}" TEMPLATE "{0}_copy"')
