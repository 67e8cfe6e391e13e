"""The first version of the privacy policy, in force from the day on which it is published here."""

import hashlib
from pathlib import Path

from django.db import migrations
from django.utils import timezone

TEXT = Path(__file__).with_name("policy_1.txt")


def publish(apps, schema_editor):
    text = TEXT.read_text(encoding="utf-8")
    apps.get_model("privacy", "PolicyVersion").objects.create(
        number=1,
        effective_on=timezone.localdate(),
        major=True,
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
