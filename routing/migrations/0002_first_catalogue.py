"""A fresh installation knows the shipped catalogue; `manage.py load_catalogue` brings later ones."""

from django.db import migrations

from routing.seed import seed


class Migration(migrations.Migration):
    dependencies = [("routing", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
