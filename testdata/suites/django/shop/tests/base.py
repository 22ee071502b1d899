import os

from django.test import LiveServerTestCase, TransactionTestCase

from layers import ResetMixin

if os.environ.get("SERIALIZED_ROLLBACK"):  # Django's own way, for comparison: it puts all rows into the default database

    class CommittingTestCase(TransactionTestCase):
        serialized_rollback = True
        reset_sequences = True
        databases = {"default"}

    class ServerTestCase(LiveServerTestCase):
        serialized_rollback = True
        reset_sequences = True
        databases = {"default"}

else:

    class CommittingTestCase(ResetMixin, TransactionTestCase):
        databases = {"default", "log"}

    class ServerTestCase(ResetMixin, LiveServerTestCase):
        databases = {"default", "log"}
