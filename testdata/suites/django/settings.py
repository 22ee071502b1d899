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
TEST_RUNNER = "layers.LayersRunner"
MIGRATED_ROWS = int(os.environ.get("SHOP_ROWS", "20"))
