"""manage.py demo: a server, a worker, and the two samples through the public API, as a customer would do it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

SAMPLES = settings.BASE_DIR / "samples"
READY_WITHIN_SECONDS = 180


class Command(BaseCommand):
    help = "Reads the sample receipt and the sample voice memo, and prints what the API answers."

    def handle(self, **_: Any) -> None:
        call_command("migrate", verbosity=0)
        key = subprocess.run(
            [sys.executable, "manage.py", "createkey", "--email", "demo@example.com", "--credits", "10"],
            check=True,
            capture_output=True,
            text=True,
            cwd=settings.BASE_DIR,
        ).stdout.strip()
        with running_server() as url, httpx.Client(base_url=url, timeout=90, trust_env=False) as client:
            client.headers["Authorization"] = f"Bearer {key}"
            for sample in ("receipt.jpg", "voice_memo"):
                self._extract(client, next(SAMPLES.glob(f"{sample}*")))
        self.stdout.write(
            self.style.SUCCESS("Both samples were read. Next: make run, then http://127.0.0.1:8000/v1/docs")
        )

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


@contextmanager
def running_server() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(40)


def _wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.2)
    raise CommandError("The server did not get ready.")
