"""$BENCH_TESTS tests that commit, and what their resets took: written to $BENCH_SECONDS. Not found by the test runner unless it is named."""
import os
import time

from shop.models import Order
from shop.tests.base import CommittingTestCase

COUNT = int(os.environ.get("BENCH_TESTS", "200"))


class BenchTests(CommittingTestCase):
    databases = {"default"}
    seconds = 0.0

    def _fixture_setup(self):
        begin = time.perf_counter()
        super()._fixture_setup()
        BenchTests.seconds += time.perf_counter() - begin

    def _fixture_teardown(self):
        begin = time.perf_counter()
        super()._fixture_teardown()
        BenchTests.seconds += time.perf_counter() - begin

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        with open(os.environ["BENCH_SECONDS"], "w", encoding="utf-8") as file:
            file.write(str(cls.seconds))

    def check(self):
        self.assertEqual(Order.objects.count(), 2)
        Order.objects.create(product_id=1, quantity=1)
        Order.objects.create(product_id=2, quantity=1)


for number in range(COUNT):
    setattr(BenchTests, f"test_{number}", lambda self: self.check())
