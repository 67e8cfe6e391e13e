"""manage.py record_home_example: ask the API for what the home page shows, and keep its answer and the picture."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from PIL import Image

from littlepull.local_server import manage, running_server
from littlepull.site.example import RECORDED, SCHEMA

SAMPLE = settings.BASE_DIR / "samples" / "receipt.jpg"
PICTURE = settings.BASE_DIR / "littlepull" / "static" / "site" / "example.webp"
PIXELS_WIDE = 640
KEPT_OF_A_FIELD = ("pointer", "confidence", "citations")


class Command(BaseCommand):
    help = "Reads the sample receipt through the API, for the home page."

    def handle(self, **_: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "VAR_DIR": folder}
            manage("migrate", "--verbosity", "0", environment=environment)
            key = manage("createkey", "--email", "demo@example.com", "--credits", "10", environment=environment)
            with running_server(environment) as url:
                extraction = _extract(url, key)
        fields = [{name: field[name] for name in KEPT_OF_A_FIELD} for field in extraction["fields"]]
        RECORDED.write_text(
            json.dumps({"data": extraction["data"], "fields": fields}, indent=1, ensure_ascii=False) + "\n"
        )
        picture = Image.open(SAMPLE)
        height = round(picture.height * PIXELS_WIDE / picture.width)
        picture.resize((PIXELS_WIDE, height), Image.Resampling.LANCZOS).save(PICTURE, quality=60, method=6)
        self.stdout.write(f"{RECORDED.name}: {len(fields)} values. {PICTURE.name}: {PICTURE.stat().st_size} bytes.")


def _extract(url: str, key: str) -> dict[str, Any]:
    answer = httpx.post(
        f"{url}/v1/extractions",
        files={"file": (SAMPLE.name, SAMPLE.read_bytes())},
        data={"schema": SCHEMA},
        headers={"Authorization": f"Bearer {key}", "Prefer": "wait=60"},
        timeout=90,
        trust_env=False,
    )
    extraction: dict[str, Any] = answer.json()
    if answer.status_code != 200 or extraction["status"] != "succeeded":
        raise CommandError("The sample was not read.")
    return extraction
