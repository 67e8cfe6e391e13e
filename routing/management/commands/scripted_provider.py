"""manage.py scripted_provider: a provider of model calls that calls no model, for developing against."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from routing.providers.scripted import start
from routing.providers.scripted_trouble import TROUBLE


class Command(BaseCommand):
    help = "Serves scripted answers in OpenAI's wire format until stopped; any key, any model."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8099)

    def handle(self, *, host: str, port: int, **_: Any) -> None:
        try:
            asyncio.run(self.serve(host, port))
        except KeyboardInterrupt:
            pass  # how a developer stops it

    async def serve(self, host: str, port: int) -> None:
        server = await start(host, port)
        self.stdout.write(f"SELFHOSTED_BASE_URL={server.base_url}")
        self.stdout.write(f"Any model answers, but these fail: {', '.join(TROUBLE)}")
        self.stdout.flush()
        try:
            await asyncio.Event().wait()
        finally:
            await server.close()
