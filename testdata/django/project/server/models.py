"""Fields that only PostgreSQL has; installed there only."""
from django.contrib.postgres import fields as pg
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Lists(models.Model):
    numbers = pg.ArrayField(models.IntegerField(), default=list)
    words = pg.ArrayField(models.CharField(max_length=40), null=True)
    board = pg.ArrayField(pg.ArrayField(models.TextField(), size=2), null=True)
    cube = pg.ArrayField(pg.ArrayField(pg.ArrayField(models.SmallIntegerField())), null=True)
    flags = pg.ArrayField(models.BooleanField(null=True), null=True)
    reals = pg.ArrayField(models.FloatField(), null=True)
    amounts = pg.ArrayField(models.DecimalField(max_digits=10, decimal_places=3), null=True)
    days = pg.ArrayField(models.DateField(), null=True)
    clocks = pg.ArrayField(models.TimeField(), null=True)
    moments = pg.ArrayField(models.DateTimeField(), null=True)
    spans = pg.ArrayField(models.DurationField(), null=True)
    blobs = pg.ArrayField(models.BinaryField(), null=True)
    uids = pg.ArrayField(models.UUIDField(), null=True)
    addresses = pg.ArrayField(models.GenericIPAddressField(), null=True)
    maps = pg.ArrayField(pg.HStoreField(), null=True)
    ranges = pg.ArrayField(pg.IntegerRangeField(), null=True)
    folded = pg.ArrayField(pg.CICharField(max_length=20), null=True)


class Kinds(models.Model):
    map = pg.HStoreField(null=True)
    int4 = pg.IntegerRangeField(null=True)
    int8 = pg.BigIntegerRangeField(null=True)
    num = pg.DecimalRangeField(null=True)
    day = pg.DateRangeField(null=True)
    moment = pg.DateTimeRangeField(null=True)
    text = pg.CITextField(null=True)
    mail = pg.CIEmailField(null=True)
    words = SearchVectorField(null=True)


class NameManager(models.Manager):
    def get_by_natural_key(self, name):
        return self.get(name=name)


class Folded(models.Model):
    """A natural key that is compared without regard to case."""
    name = pg.CITextField(unique=True)
    others = models.ManyToManyField("self", symmetrical=False)
    objects = NameManager()

    def natural_key(self):
        return (self.name,)


class Key(models.Model):
    """And a primary key."""
    code = pg.CICharField(max_length=20, primary_key=True)
    near = models.ManyToManyField("self", symmetrical=False)


class Moment(models.Model):
    at = models.DateTimeField(primary_key=True)
    clock = models.TimeField(unique=True)
    span = models.DurationField()
    of = models.ForeignKey(Folded, null=True, on_delete=models.CASCADE)
    near = models.ManyToManyField("self", symmetrical=False)


def fill(tz):
    import datetime as d
    import decimal
    import uuid
    from psycopg2.extras import DateRange, DateTimeTZRange, NumericRange

    words = ["", "a", "NULL", "null", " b ", '"', "\\", "a,b", "{}", "[1]", '["x"]', "é 😀", "a\nb\tc\r", "'", "\x01", "%"]
    moment = tz(d.datetime(2020, 2, 29, 1, 2, 3, 120000))
    span = d.timedelta(days=-1, microseconds=1)
    Lists.objects.create(
        numbers=[1, -2, 2**31 - 1], words=words, board=[["[]", "a,b"], ['"', "é"]], cube=[[[1, 2], [3, 4]], [[5, 6], [7, 8]]], flags=[True, None, False],
        reals=[0.1, 1e300, -0.0, 1e-7, 1.0, float("inf"), float("-inf"), float("nan"), 1e16], amounts=[decimal.Decimal("1.500"), decimal.Decimal("-0.001")],
        days=[d.date(1, 1, 1), d.date(9999, 12, 31)], clocks=[d.time(0), d.time(1, 2, 3, 40000)], moments=[moment, tz(d.datetime(1969, 12, 31))],
        spans=[span, d.timedelta(0), d.timedelta(days=3, hours=4), d.timedelta(seconds=1, microseconds=500000)], blobs=[b"", bytes(range(256))],
        uids=[uuid.UUID(int=1)], addresses=["127.0.0.1", "::1"], maps=[{"a": "1", 'q"': None}, {}], ranges=[NumericRange(1, 5), NumericRange(empty=True)], folded=["Ab", "aB"])
    Lists.objects.create(numbers=[], words=[], board=[], cube=[], maps=[], ranges=[])
    Lists.objects.create(words=["x", None])
    texts = {"": "", "a": None, 'q"\\': 'v"\\', "k=>v": "a, b", "é": "日本", "NULL": "NULL", " b ": " c ", "line\n": "tab\t"}
    Kinds.objects.create(map=texts, int4=NumericRange(1, 5), int8=NumericRange(-2**62, None), num=NumericRange(decimal.Decimal("1.50"), decimal.Decimal("2"), "[]"),
                         day=DateRange(d.date(2020, 1, 1), None), moment=DateTimeTZRange(moment, None, "()"), text="AbC", mail="A@b.c")
    Kinds.objects.create(map={}, int4=NumericRange(empty=True), num=NumericRange(None, None), moment=DateTimeTZRange(None, moment, "(]"), text="")
    Kinds.objects.create()
    folded = [Folded.objects.create(name=name) for name in ("First", "sEcond é")]
    folded[0].others.set(folded)
    codes = [Key.objects.create(code=code) for code in ("Aa", "b")]
    codes[1].near.set(codes)
    moments = [Moment.objects.create(at=tz(d.datetime(2020, 1, 1, hour, 0, 0, micro)), clock=d.time(hour, 0, 0, micro), span=span * hour, of=folded[hour % 2])
               for hour, micro in ((0, 0), (1, 500000), (2, 120000), (3, 999000))]
    moments[0].near.set(moments)
