"""The database itself refuses to change or remove what the ledger holds, whoever asks."""

from django.db import migrations, models

from billing.written_once import create_triggers, drop_triggers


def create(apps, schema_editor):
    create_triggers(schema_editor.connection)


def drop(apps, schema_editor):
    drop_triggers(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_opening_lots")]
    operations = [
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(fields=('transaction', 'account', 'lot'), name='one_entry_per_lot'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(condition=models.Q(('lot', None)), fields=('transaction', 'wallet', 'account'), name='one_entry_per_account'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account__in', ('available', 'held', 'frozen')), ('lot__isnull', False)), models.Q(('account__in', ('debt', 'funding', 'revenue', 'expired')), ('lot', None)), _connector='OR'), name='credits_belong_to_lots'),
        ),
        migrations.RunPython(create, drop),
    ]
