import os
import threading
import unittest
from urllib.parse import urlencode
from urllib.request import urlopen

from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TestCase

from shop.models import Order, Product
from shop.shop import buy
from shop.tests.base import CommittingTestCase, ServerTestCase

NEXT = 4  # the order after those of the migration, of which the last was deleted
OURS = not os.environ.get("SERIALIZED_ROLLBACK") and not os.environ.get("TEMPLATE_ROLLBACK")
IN_FILES = connection.vendor == "sqlite"


def migrated(test):
    """What every test must find."""
    test.assertEqual(Product.objects.count(), settings.MIGRATED_ROWS)
    test.assertEqual(set(Product.objects.values_list("stock", flat=True)), {10})
    test.assertEqual(list(Order.objects.order_by("pk").values_list("pk", flat=True)), [1, 2])
    if OURS:
        test.assertEqual(Order.objects.using("log").count(), 2)
    test.assertEqual(Permission.objects.count(), 4 * ContentType.objects.count())


class OrderTests(CommittingTestCase):
    def setUp(self):
        migrated(self)

    @unittest.skipUnless(OURS, "only one database")
    def test_an_order_is_committed_and_then_logged(self):
        buy(1, 2)
        self.assertEqual(Product.objects.get(pk=1).stock, 8)
        self.assertEqual(Order.objects.using("log").count(), 3)

    def test_an_order_that_fails_is_not_logged(self):
        with self.assertRaises(ValueError):
            buy(1, 11)
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            buy(1, 1)
            raise ZeroDivisionError
        migrated(self)

    @unittest.skipUnless(OURS, "only one database")
    def test_another_thread_sees_what_was_committed(self):
        seen = []

        def look():
            seen.append(Product.objects.get(pk=2).stock)
            connection.close()

        buy(2, 10)
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        self.assertEqual(seen, [0])


class SequenceTests(CommittingTestCase):
    def setUp(self):
        migrated(self)

    def check(self):
        if OURS:  # serialized_rollback knows of no sequence
            self.assertEqual(buy(3, 1).pk, NEXT)
        user = User.objects.create_user("ann")
        self.assertEqual(user.pk, 1)
        self.assertEqual(Product.objects.create(name="new", stock=0).pk, settings.MIGRATED_ROWS + 1)

    def test_sequences_are_as_at_the_start(self):
        self.check()

    def test_and_again(self):
        self.check()


class DestructionTests(CommittingTestCase):
    def setUp(self):
        migrated(self)

    def test_all_rows_go(self):
        for alias in self.databases:
            Order.objects.using(alias).all().delete()
        Product.objects.all().delete()
        Permission.objects.all().delete()
        self.assertEqual(Product.objects.count(), 0)

    @unittest.skipUnless(OURS and IN_FILES, "a flush leaves tables of tests, and states of rows refuse them")
    def test_a_table_of_a_test_goes(self):
        self.assertNotIn("scratch", connection.introspection.table_names())
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE scratch (x)")

    @unittest.skipUnless(OURS and IN_FILES, "a flush leaves tables of tests, and states of rows refuse them")
    def test_and_does_not_meet_that_of_another(self):
        self.test_a_table_of_a_test_goes()


@unittest.skipUnless(OURS, "only one database")
class ServerTests(ServerTestCase):
    def order(self, product, quantity):
        body = urlencode({"quantity": quantity}).encode()
        with urlopen(f"{self.live_server_url}/order/{product}", body) as answer:
            return int(answer.read())

    def test_what_the_server_commits_the_test_sees(self):
        migrated(self)
        first = self.order(1, 1)
        self.assertEqual(self.order(1, 2), first + 1)
        self.assertEqual(Product.objects.get(pk=1).stock, 7)
        self.assertEqual(Order.objects.using("log").count(), 4)

    def test_and_the_next_test_starts_anew(self):
        migrated(self)
        self.order(2, 10)
        self.assertEqual(Product.objects.get(pk=2).stock, 0)


class RolledBackTests(TestCase):
    """Django's own way where nothing commits; it stays as fast as it was."""

    def test_rows_of_migrations_are_there(self):
        self.assertEqual(Product.objects.count(), settings.MIGRATED_ROWS)
        Product.objects.create(name="rolled back", stock=1)
