"""A user model of the project's own, with two unique fields."""
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    email = models.EmailField(unique=True)
    invited_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)
