"""A plugin of pytest (-p shuffled): tests in an order that $SUITE_ORDER chooses."""
import os
import random


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.nodeid)
    random.Random(int(os.environ.get("SUITE_ORDER", "1"))).shuffle(items)
