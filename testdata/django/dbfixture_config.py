"""manage.py dbfixture_config: the `django:` map of dbfixture.yaml, as this project's models have it.

Put this file into an app's management/commands/ folder and run `manage.py dbfixture_config > dbfixture.yaml`. What the map
cannot say is written to stderr, a line each. License: MIT.
"""
import datetime
import inspect
import json
import uuid

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections, models, router
from django.utils import timezone

CONTRIB = {"admin.logentry": "django_admin_log", "contenttypes.contenttype": "django_content_type", "flatpages.flatpage": "django_flatpage",
           "redirects.redirect": "django_redirect", "sessions.session": "django_session", "sites.site": "django_site"}
KNOWN_KEYS = {"auth.group", "auth.permission", "auth.user", "contenttypes.contenttype", "sites.site"}
NOW = {timezone.now, datetime.datetime.now, datetime.datetime.utcnow, datetime.date.today}


class Command(BaseCommand):
    help = "Prints the django: map of dbfixture.yaml, as the models have it."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--database", default="default", help="only the models of this database")

    def handle(self, *args, **options):
        sections = ["tables", "columns", "durations", "decimals", "foreign_keys", "natural_keys", "permissions", "defaults"]
        self.lines = {name: [] for name in sections}
        for model in apps.get_models():
            if router.allow_migrate_model(options["database"], model):
                self.add_model(model)
        self.stdout.write(f"django:\n  use_tz: {str(settings.USE_TZ).lower()}")
        if connections[options["database"]].vendor == "postgresql":
            self.stdout.write(f"  time_zone: {json.dumps(connections[options['database']].timezone_name if not settings.USE_TZ else settings.TIME_ZONE)}")
        for name in sections:
            self.stdout.write(f"  {name}:" if self.lines[name] else f"  {name}: {'[]' if name in ('durations', 'permissions') else '{}'}")
            for line in self.lines[name]:
                self.stdout.write("    " + line)

    def say(self, section, name, value=None):
        """Text in a map is quoted, but for the words that are unquoted on purpose."""
        self.lines[section].append(f"- {json.dumps(name)}" if value is None else f"{json.dumps(name)}: {value}")

    def add_model(self, model):
        meta = model._meta
        if meta.db_table != CONTRIB.get(meta.label_lower, f"{meta.app_label}_{meta.model_name}") or meta.proxy:
            self.say("tables", meta.label_lower, json.dumps(meta.db_table))
        self.add_permissions(meta)
        if meta.proxy:  # another name of its model
            return
        for field in meta.local_many_to_many:
            through = field.remote_field.through._meta
            if through.auto_created and through.db_table != f"{meta.db_table}_{field.name}":
                self.say("tables", f"{meta.label_lower}.{field.name}", json.dumps(through.db_table))
            if through.auto_created and not field.remote_field.db_constraint:
                self.stderr.write(f"{meta.label_lower}.{field.name}: a many-to-many field without constraints is not known as one")
        for field in meta.local_concrete_fields:
            self.add_field(field, f"{meta.label_lower}.{field.name}")
        self.add_natural_key(model)

    def add_permissions(self, meta):
        four = {f"{action}_{meta.model_name}" for action in ("add", "change", "delete", "view")}
        for codename in [f"{action}_{meta.model_name}" for action in meta.default_permissions] + [p[0] for p in meta.permissions]:
            if codename not in four:
                self.say("permissions", f"{meta.label_lower}.{codename}")

    def add_field(self, field, name):
        relation = field.remote_field
        constraint = relation is not None and field.db_constraint
        guess = field.column[:-3] if constraint and field.column.endswith("_id") else field.column
        unusual = relation is not None and not field.column.endswith("_id")
        if unusual or guess != field.name and (constraint or relation is None or field.column != field.name + "_id"):
            self.say("columns", name, json.dumps(field.column))
        if relation is not None and not constraint:
            target = relation.model._meta
            to = "" if field.target_field.primary_key else "." + field.target_field.column
            self.say("foreign_keys", name, json.dumps(target.concrete_model._meta.label_lower + to))
        if isinstance(field, models.DurationField):
            self.say("durations", name)
        if isinstance(field, models.DecimalField) and field.decimal_places is not None:
            self.say("decimals", name, field.decimal_places)
        self.add_default(field, name)

    def add_default(self, field, name):
        default = field.default if field.has_default() else "" if field.empty_strings_allowed and not field.null else None
        if default is None or field.remote_field is not None and not field.has_default():
            return
        if default in (uuid.uuid4,) or callable(default) and default in NOW:
            return self.say("defaults", name, "uuid4" if default is uuid.uuid4 else "now")
        if callable(default):
            values = [default(), default()]
            if values[0] != values[1]:
                return self.stderr.write(f"{name}: its default is another one each time, and is not known")
            default = values[0]
        if isinstance(default, models.Model):
            default = default.pk
        if not isinstance(field, models.JSONField) and not isinstance(default, (bool, int, float, str, type(None))):
            default = field.value_to_string(type("Row", (), {field.attname: default})())
        try:
            self.say("defaults", name, json.dumps(default))
        except TypeError:
            self.stderr.write(f"{name}: its default {default!r} is no value of JSON, and is not known")

    def add_natural_key(self, model):
        meta, read_only = model._meta, False
        try:
            key = self.written_key(model)
            if key is None:
                key = self.read_key(model)
                read_only = key is not None
        except Exception as error:  # whatever the model's own code raises
            return self.stderr.write(f"{meta.label_lower}: its natural key cannot be said ({type(error).__name__}: {error})")
        unique = meta.unique_together or meta.total_unique_constraints or any(f.unique and not f.primary_key for f in meta.local_concrete_fields)
        if key is None and (unique or self.parent_link(model)):
            self.say("natural_keys", meta.label_lower, "[]")
        elif key is not None and not (meta.label_lower in KNOWN_KEYS and not read_only):
            self.say("natural_keys", meta.label_lower, json.dumps({"read": key} if read_only else key))

    def parent_link(self, model):
        return model._meta.pk if model._meta.pk.remote_field and model._meta.pk.remote_field.parent_link else None

    def tokens(self, model, prefix="", depth=0):
        """An instance whose every value says which field it is of: {author.name}."""
        row = model.__new__(model)
        row._state = models.base.ModelState()
        for field in model._meta.concrete_fields:
            row.__dict__[field.attname] = f"{{{prefix}{field.attname}}}"
            if field.remote_field is not None and depth < 5:
                field.set_cached_value(row, self.tokens(field.remote_field.model, f"{prefix}{field.name}.", depth + 1))
        return row

    def written_key(self, model):
        """The fields of natural_key(); None if the model has no such method."""
        return self.fields_of(model, model.natural_key(self.tokens(model))) if hasattr(model, "natural_key") else None

    def read_key(self, model):
        """The fields that get_by_natural_key() asks for; None if the manager has no such method."""
        manager = model._default_manager
        if not hasattr(manager, "get_by_natural_key"):
            return None
        parameters = [p for p in inspect.signature(manager.get_by_natural_key).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD]
        asked = {}
        manager.get = lambda *args, **lookups: asked.update(lookups)
        try:
            manager.get_by_natural_key(*(f"{{{i}}}" for i in range(len(parameters))))
        finally:
            del manager.get
        fields = {value: name.replace("__", ".") for name, value in asked.items()}
        return self.fields_of(model, [f"{{{fields[f'{{{i}}}']}}}" for i in range(len(parameters))])

    def fields_of(self, model, values):
        """Paths as our config says them: a relation stands for all of the natural key of what it refers to."""
        def own(path):  # what is inherited comes by way of the link to the parent
            field = model._meta.get_field(path.partition(".")[0])
            return path if field in model._meta.local_concrete_fields else f"{model._meta.get_ancestor_link(field.model).name}.{path}"

        names, paths = [], [own(str(value)[1:-1]) if str(value).startswith("{") else None for value in values]
        while paths:
            path = paths.pop(0)
            if path is None:
                raise ValueError("a part of it is computed")
            field = model._meta.get_field(path.partition(".")[0])
            if "." in path:
                theirs = [f"{field.name}.{p}" for p in self.flat_key(field.remote_field.model)]
                if [path] + paths[:len(theirs) - 1] != theirs:
                    raise ValueError(f"{path} is not all of the natural key of what {field.name} refers to")
                del paths[:len(theirs) - 1]
            elif field.remote_field is not None and self.written_key(field.remote_field.model):
                raise ValueError(f"{path} is the key of a row that has a natural key")
            names.append(field.name)
        return names

    def flat_key(self, model):
        return [str(value)[1:-1] for value in model.natural_key(self.tokens(model))]
