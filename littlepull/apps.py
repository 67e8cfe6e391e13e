from django.apps import AppConfig


class LittlePullConfig(AppConfig):
    """The roof: an app only so that its management commands are found."""

    name = "littlepull"
