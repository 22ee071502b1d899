import os
import subprocess
import sys

sys.path.insert(0, os.getcwd())
from shop import DATABASE, Shop


def dbfixture(*words, **more):
    subprocess.run(["dbfixture", *words, "-q", "-d", DATABASE], check=True, text=True, **more)


def fixtures(tags):
    """@fixtures.users names fixtures/users.json."""
    return [tag.removeprefix("fixtures.") for tag in tags if tag.startswith("fixtures.")]


def before_all(context):
    dbfixture("push", "--anew", "testrun")
    context.shop = Shop()
    context.dbfixture = dbfixture


def before_feature(context, feature):
    dbfixture("push", "feature", *fixtures(feature.tags))


def before_scenario(context, scenario):
    if fixtures(scenario.tags):
        dbfixture("loaddata", *fixtures(scenario.tags))


def after_scenario(context, scenario):
    dbfixture("reset")


def after_feature(context, feature):
    dbfixture("pop", "feature")


def after_all(context):
    dbfixture("pop", "testrun")
