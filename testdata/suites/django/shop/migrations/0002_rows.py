from django.conf import settings
from django.core.management.color import no_style
from django.db import migrations


def fill(apps, editor):
    product, order = apps.get_model("shop", "Product"), apps.get_model("shop", "Order")
    products = product.objects.using(editor.connection.alias)
    products.bulk_create(product(pk=number, name=f"product {number}", stock=10) for number in range(1, settings.MIGRATED_ROWS + 1))
    for sql in editor.connection.ops.sequence_reset_sql(no_style(), [product]):  # the numbers were given
        editor.execute(sql)
    orders = order.objects.using(editor.connection.alias)
    for number in (1, 2, 3):
        orders.create(product_id=number, quantity=1)
    orders.get(pk=3).delete()  # the next one is 4


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_tables")]
    operations = [migrations.RunPython(fill)]
