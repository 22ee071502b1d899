from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=100, unique=True)
    stock = models.IntegerField()


class Order(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    quantity = models.IntegerField()
