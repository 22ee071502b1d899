#!/usr/bin/python3
"""A Django project with the fields, keys and relations that django_lab does not have; used as that one is."""
import datetime as d
import decimal
import os
import sys
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import django
from django.conf import settings
settings.configure(
    SECRET_KEY="odd", USE_TZ=os.environ.get("LAB_USE_TZ", "1") == "1", TIME_ZONE="Asia/Kolkata", SITE_ID=1,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", AUTH_USER_MODEL="accounts.User",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("LAB_DB", "odd.db")}},
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
                    "django.contrib.messages", "django.contrib.sites", "django.contrib.flatpages", "django.contrib.redirects",
                    "accounts", "odd", "odd_app"] + ["django.contrib.postgres", "server"] * bool(os.environ.get("LAB_POSTGRES")),
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages"]}}],
    MIGRATION_MODULES={"accounts": None, "odd": None, "odd_app": None})
django.setup()
from django.core.management import call_command, execute_from_command_line
from django.db import connection


def init():
    call_command("migrate", run_syncdb=True, verbosity=0)
    with connection.cursor() as cursor:
        number = {"postgresql": "bigserial primary key", "mysql": "bigint auto_increment primary key"}.get(connection.vendor, "integer not null primary key autoincrement")
        cursor.execute(f'create table {connection.ops.quote_name("odd_app_unmanaged")} (id {number}, name varchar(20) not null)')


def fill():
    from django.contrib.admin.models import ADDITION, LogEntry
    from django.contrib.auth.models import Group, Permission
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.flatpages.models import FlatPage
    from django.contrib.redirects.models import Redirect
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sites.models import Site
    from django.utils import timezone
    from accounts.models import User
    from odd import models as odd
    from odd_app import models as m
    tz = (lambda x: timezone.make_aware(x, timezone.utc)) if settings.USE_TZ else (lambda x: x)
    editors = Group.objects.create(name="editors é")
    editors.permissions.set(Permission.objects.filter(codename__startswith="add_"))
    ann = User.objects.create(username="ann", email="ann@example.com", date_joined=tz(d.datetime(2020, 1, 2, 3, 4, 5)))
    bob = User.objects.create(username="bob", email="bob@example.com", invited_by=ann, date_joined=tz(d.datetime(2020, 1, 2, 3, 4, 5, 678901)))
    ann.invited_by = bob
    ann.save()
    bob.groups.add(editors)
    bob.user_permissions.set(Permission.objects.all()[:2])
    store = SessionStore()
    store["a"] = 1
    store.create()
    types = ContentType.objects
    LogEntry.objects.log_action(ann.pk, types.get_for_model(User).pk, bob.pk, "bob", ADDITION, [{"added": {}}])
    page = FlatPage.objects.create(url="/a/", title="<A>", content="x\r\ny")
    page.sites.set(Site.objects.all())
    Redirect.objects.create(site_id=1, old_path="/old/", new_path="")

    red, blue, odd_code = (m.Code.objects.create(code=c) for c in ("red", "b l, ue", "012"))
    m.CodeRef.objects.create(code=red, spare=blue, loose=odd_code)
    m.CodeRef.objects.create(code=odd_code)
    one, two, three = (m.Loop.objects.create(name=n) for n in ("one", "two", "three"))
    one.next, two.next, three.next = two, one, three
    for loop in (one, two, three):
        loop.save()
    one.friends.set([two, three])
    one.follows.set([two, one])
    pair = m.Pair.objects.create(first="a", second=1, owner=red)
    pair2 = m.Pair.objects.create(first="a", second=1, owner=blue)
    m.PairUse.objects.create(pair=pair).pairs.set([pair, pair2])
    m.PairUse.objects.create()
    group = m.Group.objects.create(title="G")
    m.Belongs.objects.create(group=group, loop=two, inviter=one, note="n")
    m.BareLink.objects.create(left=one, right=group)
    place = m.Place.objects.create(name="p")
    place.tags.set([red, odd_code])
    m.Restaurant.objects.create(name="r", stars=None).cooks.set([three])
    trattoria = m.Trattoria.objects.create(name="t", stars=2, wood_oven=True)
    trattoria.tags.set([blue])
    trattoria.cooks.set([one, two])
    m.Rated.objects.create(rating=0.5)
    pizzeria = m.Pizzeria.objects.create(name="z", rating=4.5, dough="thin")
    pizzeria.tags.set([red])
    m.Visit.objects.create(where=trattoria).also.set([pizzeria])
    profile = m.Profile.objects.create(user=bob, bio="")
    profile.likes.set([place, pizzeria.place])
    m.ProfileNote.objects.create(profile=profile, best=three)
    m.ProfileNote.objects.create()
    worker, boss = m.Worker.objects.create(name="Wo", wage=1), m.Boss.objects.create(name="Bo", wage=2)
    m.Person.objects.create(name="Pe")
    m.Task.objects.create(worker=worker, boss=boss).helpers.set([worker, boss])
    u1 = m.ByUuid.objects.create(id=uuid.UUID(int=0))
    u2 = m.ByUuid.objects.create(id=uuid.UUID(int=2**128 - 1), parent=u1)
    u2.peers.set([u1])
    keys = ["", "1", "01", "1.0", "a,b", " x ", "é", "null", "[1]", "<&\"'>", "0" * 39, "a.b", "true", "-5", "1e3", "two\nlines", "tab\t"]
    texts = [m.ByText.objects.create(key=k, value=k) for k in keys]
    linked = m.ToKeys.objects.create(uid=u2, text=texts[2])
    linked.uids.set([u1, u2])
    linked.texts.set([t for t in texts if t.key.strip() == t.key])
    linked.types.set(types.all()[:3])
    m.ToKeys.objects.create()
    days = [m.ByDate.objects.create(day=d.date(y, 2, 28)) for y in (1, 1999, 9999)]
    amounts = [m.ByDecimal.objects.create(amount=decimal.Decimal(a)) for a in ("0.10", "12.00", "-3.25")]
    m.BySmall.objects.create(ref=amounts[0]).days.set(days)
    m.BySmall.objects.create(ref=amounts[1])
    m.Remark.objects.create(about=one, text="one")
    m.Remark.objects.create(about=u2, text="by uuid")
    remarked = m.Remarked.objects.create(order=5, select="s")
    m.Remark.objects.create(about=remarked, text="")
    m.Ordered.objects.create(of=remarked)
    m.Ordered.objects.create(of=remarked)
    thing = odd.App_Thing.objects.create(name="x")
    thing.others.set([thing, odd.App_Thing.objects.create(name="y")])
    odd.App.objects.create().labels.set([red, blue])
    odd.App_Other.objects.create(name="z")
    m.Unmanaged.objects.create(name="un")
    fill_values(m.Values, tz)
    if connection.vendor == "postgresql":
        import server.models
        server.models.fill(tz)


def fill_values(Values, tz):
    documents = [None, {}, [], "", "text", 0, -1.5, 1e300, True, {"$ref": "#/x", "a": 1}, {"a": {"b": [None, {"$binary": "eA=="}]}}, [[[]]], "null",
                 {"é": "日本 😀"}, 2**70, 10.0, 1e-7, {"1": 1, "": [""], "z": None}, "a\"b\\c/\b", ["1", 1, 1.0]]
    texts = ["", "x", "None", "null", "~", "yes", "No", "1e3", "0o17", "0x1F", "12:30:45", "2020-01-01", "2020-01-01T00:00:00Z", "=", "<<", "!x",
             "&a", "*a", "a: b", "a #b", "- a", "? a", "|", ">", "{}", "[]", "'", '"', "%a", "@a", "`a", "a\n", "\na", "a\n\n b\n", "x" * 300,
             "\u0085", "\ufeffx", "\u00a0", "é e\u0301", "\U0001f600", "]]>", "&amp;", "<None/>", "a\tb", ".5", "1_000", "+1", "\\N"]
    spans = [d.timedelta(0), d.timedelta(microseconds=1), d.timedelta(days=-1, microseconds=1), d.timedelta(days=999999), d.timedelta(hours=25, milliseconds=5), None]
    amounts = ["0", "1", "-0.00000000000000000001", "12345678901234", "0.5", "1E+10", "123456.789", "-99999999999.25", None, "100", "0.1", "1e-7"]
    first = 1 if settings.USE_TZ or connection.vendor == "sqlite" else 2  # there, the first day is before the year 1 in UTC
    moments = [d.datetime(1, 1, first), d.datetime(9999, 12, 31, 23, 59, 59, 999999), d.datetime(2020, 2, 29, 1, 2, 3), d.datetime(2020, 1, 1, 0, 0, 0, 1),
               d.datetime(1969, 12, 31, 23, 59, 59, 500000), None, d.datetime(800, 3, 4, 5, 6, 7)]
    clocks = [d.time(0), d.time(23, 59, 59, 999999), d.time(1, 2, 3), d.time(12, 30, 45), d.time(12, 30, 45, 120000), None, d.time(9, 5)]
    reals = [0.0, -0.0, 1.0, 0.1, 1 / 3, 1e16, 1e22, 5e-324, 1.7976931348623157e308, -1e-5, 123456789.123456789, None, 100.0, 1e15]
    addresses = ["127.0.0.1", "::1", "2001:db8::ff00:42:8329", "::ffff:10.0.0.1", None, "0.0.0.0", "fe80::"]
    for i in range(max(len(documents), len(texts))):
        at = lambda values: values[i % len(values)]
        amount, moment = at(amounts), at(moments)
        Values.objects.create(
            data=at(documents), must=documents[i % (len(documents) - 1) + 1], amount=amount and decimal.Decimal(amount),
            price=[decimal.Decimal("1.10"), decimal.Decimal("-0.01"), decimal.Decimal("999999.99"), None][i % 4], took=at(spans),
            blob=[None, b"", bytes(range(256)), b"\0", b"text"][i % 5], moment=moment and tz(moment), day=moment and moment.date(),
            clock=at(clocks), address=at(addresses), v4=[None, "10.0.0.1"][i % 2], old=[None, True, False][i % 3], tiny=[0, 32767, None][i % 3],
            huge=[0, 2**63 - 1, None][i % 3], real=at(reals), slug=[None, "", "a-b"][i % 3], file=["", "a/b.txt"][i % 2],
            path=[None, "/tmp"][i % 2], mail=[None, "a@b.c"][i % 2], link=[None, "https://x.y/?a=1&b=%20"][i % 2],
            uid=[None, uuid.UUID(int=i), uuid.UUID(int=2**127 + i)][i % 3], text=at(texts), external_id=[None, "7"][i % 2])


if __name__ == "__main__":
    if sys.argv[1:2] == ["init"]:
        init()
    elif sys.argv[1:2] == ["fill"]:
        fill()
    else:
        execute_from_command_line(sys.argv)
