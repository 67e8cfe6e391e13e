"""manage.py demo: a server, a worker, and the two samples through the public API, as a customer would do it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from littlepull.local_server import manage, running_server

SAMPLES = settings.BASE_DIR / "samples"


class Command(BaseCommand):
    help = "Reads the sample receipt and the sample voice memo, and prints what the API answers."

    def handle(self, **_: Any) -> None:
        manage("migrate", "--verbosity", "0", environment=os.environ)
        key = manage("createkey", "--email", "demo@example.com", "--credits", "10", environment=os.environ)
        with running_server(os.environ) as url, httpx.Client(base_url=url, timeout=90, trust_env=False) as client:
            client.headers["Authorization"] = f"Bearer {key}"
            for sample in ("receipt.jpg", "voice_memo.m4a"):
                self._extract(client, SAMPLES / sample)
        self.stdout.write(self.style.SUCCESS("Both samples were read. Next: make run, then http://127.0.0.1:8000"))

    def _extract(self, client: httpx.Client, file: Path) -> None:
        schema = SAMPLES / f"{file.stem}.schema.json"
        self.stdout.write(
            f"\n$ curl -H 'Authorization: Bearer lp_live_…' -H 'Prefer: wait=60' \\\n"
            f"    -F file=@samples/{file.name} -F 'schema=<samples/{schema.name}' {client.base_url}v1/extractions\n"
        )
        answer = client.post(
            "/v1/extractions",
            files={"file": (file.name, file.read_bytes())},
            data={"schema": schema.read_text()},
            headers={"Prefer": "wait=60"},
        )
        extraction = answer.json()
        self.stdout.write(json.dumps(extraction, indent=2, ensure_ascii=False))
        if answer.status_code != 200 or extraction["status"] != "succeeded":
            raise CommandError(f"{file.name} was not read.")
        self.stdout.write(f"\n{file.name}:")
        for field in extraction["fields"]:
            self.stdout.write(
                f"  {field['pointer']:<28} {field['value']!s:<40.40} {field['confidence']:.2f}  {_place(field)}"
            )


def _place(field: dict[str, Any]) -> str:
    if not field["citations"]:
        return field["reason"] or ""
    citation = field["citations"][0]
    if citation.get("bbox"):
        return f"page {citation['page']} at " + " ".join(f"{edge:.3f}" for edge in citation["bbox"])
    return f"{citation['start']:.1f}-{citation['end']:.1f} s"
