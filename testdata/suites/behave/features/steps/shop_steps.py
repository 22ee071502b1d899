import json

from behave import given, then, when


@given("these {table}")
def load_table(context, table):
    records = [{"model": table, "fields": row.as_dict()} for row in context.table]
    context.dbfixture("loaddata", "-", input=json.dumps(records))


@then("the {table} are")
def table_is(context, table):
    """All of them; "anything" is, and columns that the table does not show are not looked at."""
    records = [{"model": table, "fields": {name: {"$any": True} if value == "anything" else value for name, value in row.items()}}
               for row in context.table]
    context.dbfixture("diff", "-", "--ignore", "*.updated_at", input=json.dumps(records))


@when("{user} buys {quantity:d} {product}")
def buy(context, user, quantity, product):
    context.order = context.shop.buy(user, product, quantity)


@when("{user} tries to buy {quantity:d} {product}")
def try_to_buy(context, user, quantity, product):
    try:
        context.shop.buy(user, product, quantity)
        context.refused = False
    except Exception:
        context.refused = True


@then("it is refused")
def refused(context):
    assert context.refused


@then("it is order {number:d}")
def order_number(context, number):
    assert context.order == number, context.order


@then("{count:d} {product} are left")
def left(context, count, product):
    found = context.shop.value("SELECT stock FROM products WHERE name = ?", product)
    assert found == count, found


@then("there are {count:d} {table} in all")
def rows(context, count, table):
    found = context.shop.value(f"SELECT count(*) FROM {table}")
    assert found == count, found


@when("the shop closes for good")
def close_down(context):
    with context.shop.connection as connection:
        connection.executescript("DELETE FROM orders; DELETE FROM users; DELETE FROM products; DROP TABLE orders")
