"""manage.py write_privacy_docs: writes the tables of docs/privacy.md anew, from the data map."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from privacy.record_pages import renew

PAGE = settings.BASE_DIR / "docs" / "privacy.md"


class Command(BaseCommand):
    help = "Writes the tables of docs/privacy.md anew, from the data map."

    def handle(self, **_: Any) -> None:
        page = PAGE.read_text()
        renewed = renew(page)
        PAGE.write_text(renewed)
        self.stdout.write("written anew" if renewed != page else "nothing has changed")
