from django.db import transaction

from shop.models import Order, Product


@transaction.atomic
def buy(product, quantity):
    found = Product.objects.get(pk=product)
    if found.stock < quantity:
        raise ValueError("not that many")
    found.stock -= quantity
    found.save()
    transaction.on_commit(lambda: Order.objects.using("log").create(product_id=product, quantity=quantity))
    return Order.objects.create(product=found, quantity=quantity)
