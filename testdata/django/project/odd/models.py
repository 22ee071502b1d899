"""An app whose label begins another's, and models whose names hold underscores."""
from django.db import models


class App_Thing(models.Model):
    name = models.CharField(max_length=20)
    others = models.ManyToManyField("self", symmetrical=False, related_name="of")


class App(models.Model):
    """Its list `labels` has a table beside the model App_Labels."""
    labels = models.ManyToManyField("odd_app.Code")


class App_Other(models.Model):
    name = models.TextField()
