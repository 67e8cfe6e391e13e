"""The database itself refuses to change an entry of the audit log, or to delete one before its term."""

from django.db import migrations

from accounts.audit import TRIGGERS


def create(apps, schema_editor):
    TRIGGERS.create(schema_editor.connection)


def drop(apps, schema_editor):
    TRIGGERS.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_audit")]
    operations = [migrations.RunPython(create, drop)]
