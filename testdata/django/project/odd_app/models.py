"""Kinds of fields, keys and relations that django_lab does not have."""
import os
import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class CodeManager(models.Manager):
    def get_by_natural_key(self, code):
        return self.get(code=code)


class Code(models.Model):
    """Others refer to `code`, which is not the primary key."""
    code = models.CharField(max_length=20, unique=True)
    label = models.CharField(max_length=20, default="none")
    objects = CodeManager()

    def natural_key(self):
        return (self.code,)


class CodeRef(models.Model):
    code = models.ForeignKey(Code, to_field="code", on_delete=models.CASCADE)
    spare = models.ForeignKey(Code, to_field="code", null=True, db_column="extra code", related_name="+", on_delete=models.CASCADE)
    loose = models.ForeignKey(Code, null=True, db_constraint=False, related_name="+", on_delete=models.DO_NOTHING)


class Loop(models.Model):
    name = models.CharField(max_length=20)
    next = models.ForeignKey("self", null=True, on_delete=models.CASCADE)
    friends = models.ManyToManyField("self")
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")


class PairManager(models.Manager):
    def get_by_natural_key(self, first, second, *code):
        return self.get(first=first, second=second, owner__code=code[0] if code else None)


class Pair(models.Model):
    first = models.CharField(max_length=20)
    second = models.IntegerField()
    owner = models.ForeignKey(Code, on_delete=models.CASCADE)
    objects = PairManager()

    def natural_key(self):
        return (self.first, self.second) + self.owner.natural_key()
    natural_key.dependencies = ["odd_app.code"]

    class Meta:
        unique_together = [("first", "second", "owner")]


class PairUse(models.Model):
    pair = models.ForeignKey(Pair, null=True, on_delete=models.CASCADE)
    pairs = models.ManyToManyField(Pair, related_name="users", db_table="pair use to pair")


class Group(models.Model):
    """The name of one of Django's own models; through models, one of them with two keys to one side."""
    title = models.CharField(max_length=20)
    loops = models.ManyToManyField(Loop, through="Belongs", through_fields=("group", "loop"))


class Belongs(models.Model):
    group = models.ForeignKey(Group, on_delete=models.CASCADE)
    loop = models.ForeignKey(Loop, on_delete=models.CASCADE)
    inviter = models.ForeignKey(Loop, null=True, related_name="+", on_delete=models.CASCADE)
    note = models.TextField()

    class Meta:
        unique_together = [("group", "loop")]


class BareLink(models.Model):
    """A through model that has no more than a list would have."""
    left = models.ForeignKey(Loop, on_delete=models.CASCADE, related_name="+")
    right = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")

    class Meta:
        unique_together = [("left", "right")]


class Place(models.Model):
    name = models.CharField(max_length=20)
    tags = models.ManyToManyField(Code)


class Restaurant(Place):
    stars = models.IntegerField(null=True)
    cooks = models.ManyToManyField(Loop)


class Trattoria(Restaurant):
    wood_oven = models.BooleanField(default=False)


class Rated(models.Model):
    rated_id = models.AutoField(primary_key=True)
    rating = models.FloatField(null=True)


class Pizzeria(Rated, Place):
    """Two parents, one of them under a name of its own."""
    place = models.OneToOneField(Place, parent_link=True, on_delete=models.CASCADE)
    dough = models.CharField(max_length=10)


class Visit(models.Model):
    where = models.ForeignKey(Trattoria, on_delete=models.CASCADE)
    also = models.ManyToManyField(Pizzeria)


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE)
    bio = models.TextField(null=True)
    likes = models.ManyToManyField(Place)


class ProfileNote(models.Model):
    profile = models.ForeignKey(Profile, null=True, on_delete=models.CASCADE)
    best = models.OneToOneField(Loop, null=True, on_delete=models.CASCADE)


class PersonManager(models.Manager):
    def get_by_natural_key(self, name):
        return self.get(name=name)


class Person(models.Model):
    name = models.CharField(max_length=20, unique=True)
    objects = PersonManager()

    def natural_key(self):
        return (self.name,)


class Worker(Person):
    """Its natural key is its parent's."""
    wage = models.IntegerField()


class Boss(Worker):
    car = models.TextField(null=True)


class Task(models.Model):
    worker = models.ForeignKey(Worker, null=True, on_delete=models.CASCADE)
    boss = models.ForeignKey(Boss, null=True, related_name="+", on_delete=models.CASCADE)
    helpers = models.ManyToManyField(Worker, related_name="helps")


class ByUuid(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)
    peers = models.ManyToManyField("self")


class ByText(models.Model):
    key = models.CharField(max_length=40, primary_key=True)
    value = models.CharField(max_length=40, null=True)


class ToKeys(models.Model):
    uid = models.ForeignKey(ByUuid, null=True, on_delete=models.CASCADE)
    text = models.ForeignKey(ByText, null=True, on_delete=models.CASCADE)
    uids = models.ManyToManyField(ByUuid, related_name="+")
    texts = models.ManyToManyField(ByText, related_name="+")
    types = models.ManyToManyField(ContentType)


class ByDate(models.Model):
    day = models.DateField(primary_key=True)


class ByDecimal(models.Model):
    amount = models.DecimalField(max_digits=10, decimal_places=2, primary_key=True)


class BySmall(models.Model):
    id = models.SmallAutoField(primary_key=True)
    days = models.ManyToManyField(ByDate)
    ref = models.ForeignKey(ByDecimal, null=True, on_delete=models.CASCADE)


class Remark(models.Model):
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.CharField(max_length=40)
    about = GenericForeignKey()
    text = models.TextField()


class Remarked(models.Model):
    remarks = GenericRelation(Remark)
    order = models.IntegerField(db_column="group by")
    select = models.CharField(max_length=10, db_column="quo'ted")

    class Meta:
        db_table = "Odd table é" if os.environ.get("LAB_POSTGRES") else "Odd 'table' é"  # Django's sequences need the first


class Ordered(models.Model):
    of = models.ForeignKey(Remarked, on_delete=models.CASCADE)

    class Meta:
        order_with_respect_to = "of"


class Values(models.Model):
    id = models.BigAutoField(primary_key=True)
    data = models.JSONField(null=True)
    must = models.JSONField(default=dict)
    amount = models.DecimalField(max_digits=40, decimal_places=20, null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    took = models.DurationField(null=True)
    blob = models.BinaryField(null=True)
    moment = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    clock = models.TimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    v4 = models.GenericIPAddressField(protocol="IPv4", null=True)
    old = models.BooleanField(null=True)
    tiny = models.PositiveSmallIntegerField(null=True)
    huge = models.PositiveBigIntegerField(null=True)
    real = models.FloatField(null=True)
    slug = models.SlugField(null=True)
    file = models.FileField(null=True)
    path = models.FilePathField(null=True)
    mail = models.EmailField(null=True)
    link = models.URLField(null=True)
    uid = models.UUIDField(null=True)
    text = models.TextField(null=True)
    external_id = models.CharField(max_length=10, null=True)


class ValuesProxy(Values):
    class Meta:
        proxy = True


class Unmanaged(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        managed = False
        db_table = "odd_app_unmanaged"
