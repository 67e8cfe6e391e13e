from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """In place of django.contrib.admin: its models and pages, on our site."""

    default_site = "littlepull.console.site.Console"
