import os

FOLDER = os.environ.get("SHOP_FOLDER", os.path.dirname(os.path.abspath(__file__)))
SECRET_KEY = "for tests"
USE_TZ = True
ROOT_URLCONF = "shop.urls"
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
ALLOWED_HOSTS = ["*"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shop"]
# Tests need databases in files: others than the process that has one in memory cannot reach it.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.path.join(FOLDER, "shop.db"),
        "TEST": {"NAME": os.path.join(FOLDER, "test_shop.db")},
    },
    "log": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.path.join(FOLDER, "log.db"),
        "TEST": {"NAME": os.path.join(FOLDER, "test_log.db")},
    },
}
if "SHOP_HOST" in os.environ:
    DATABASES = {alias: {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": os.environ["SHOP_USER"], "HOST": os.environ["SHOP_HOST"]}
                 for alias, name in (("default", "shop"), ("log", "log"))}
TEST_RUNNER = "layers.LayersRunner"
if os.environ.get("SERIALIZED_ROLLBACK") or os.environ.get("TEMPLATE_ROLLBACK"):  # other ways, for comparison
    TEST_RUNNER = "django.test.runner.DiscoverRunner"
MIGRATED_ROWS = int(os.environ.get("SHOP_ROWS", "20"))
