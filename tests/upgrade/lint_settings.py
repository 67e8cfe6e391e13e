"""The product's settings, with the linter of migrations among its apps."""

from littlepull.settings import *  # noqa: F403
from littlepull.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
