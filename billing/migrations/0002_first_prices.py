"""The first price table, in micro-credits: a page 1 credit, a minute of sound 0.6, LLM mapping 1."""

from django.db import migrations

FIRST = {"page": 1_000_000, "audio_second": 10_000, "llm_mapping": 1_000_000}


def seed(apps, schema_editor):
    price = apps.get_model("billing", "Price")
    price.objects.bulk_create(price(version=1, item=item, credits=credits) for item, credits in FIRST.items())


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
