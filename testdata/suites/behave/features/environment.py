import os
import sys

sys.path.insert(0, os.getcwd())
from dbfixture import Dbfixture
from shop import DATABASE, Shop


def fixtures(tags):
    """@fixtures.users names fixtures/users.json."""
    return [tag.removeprefix("fixtures.") for tag in tags if tag.startswith("fixtures.")]


def before_all(context):
    context.dbfixture = Dbfixture("-d", DATABASE)
    context.dbfixture("push", "--anew", "testrun")
    context.shop = Shop()


def before_feature(context, feature):
    context.dbfixture("push", "feature", *fixtures(feature.tags))


def before_scenario(context, scenario):
    if fixtures(scenario.tags):
        context.dbfixture("loaddata", *fixtures(scenario.tags))


def after_scenario(context, scenario):
    context.dbfixture("reset")


def after_feature(context, feature):
    context.dbfixture("pop", "feature")


def after_all(context):
    context.dbfixture("pop", "testrun")
