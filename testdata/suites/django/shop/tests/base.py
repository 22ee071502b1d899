import os

from django.db import connection
from django.test import LiveServerTestCase, TransactionTestCase

from layers import ResetMixin
from shop.tests.template import TemplateMixin

if os.environ.get("SERIALIZED_ROLLBACK"):  # Django's own way, for comparison: it puts all rows into the default database

    class CommittingTestCase(TransactionTestCase):
        serialized_rollback = True
        reset_sequences = connection.vendor == "sqlite"  # on a server they would start below rows that are put back
        databases = {"default"}

    class ServerTestCase(LiveServerTestCase):
        serialized_rollback = True
        reset_sequences = connection.vendor == "sqlite"  # on a server they would start below rows that are put back
        databases = {"default"}

elif os.environ.get("TEMPLATE_ROLLBACK"):  # DSLR's way: the database is dropped and made from a copy

    class CommittingTestCase(TemplateMixin, TransactionTestCase):
        databases = {"default"}

    class ServerTestCase(TemplateMixin, LiveServerTestCase):
        databases = {"default"}

else:

    class CommittingTestCase(ResetMixin, TransactionTestCase):
        databases = {"default", "log"}

    class ServerTestCase(ResetMixin, LiveServerTestCase):
        databases = {"default", "log"}
