"""manage.py serve: the web server and a worker as one process tree.

The parent does nothing but watch: a child that dies is started again, one Ctrl-C (or SIGTERM) drains
and stops both.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import meters

STOP_WITHIN_SECONDS = 30
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
RESTART_AFTER_SECONDS = 1.0


@dataclass
class Child:
    """A process that is to be alive; `failed_at` keeps one that dies at once from being started in a circle."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = field(default=0.0)

    def keep_alive(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            print(f"{self.name} ended with status {self.process.returncode}: starting it again", file=sys.stderr)
        if time.monotonic() - self.started_at < RESTART_AFTER_SECONDS:
            time.sleep(RESTART_AFTER_SECONDS)
        # A group of its own: Ctrl-C in the terminal reaches the parent alone, which then stops both in order.
        self.process = subprocess.Popen(self.command, start_new_session=True)
        self.started_at = time.monotonic()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> bool:
        """False: it did not end in time and was killed."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            self.process.kill()
            return False
        return True


class Command(BaseCommand):
    help = "Runs the web server and a worker until stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1, help="web processes (uvicorn)")
        parser.add_argument("--server", choices=["uvicorn", "daphne"], default="uvicorn")
        parser.add_argument("--no-worker", action="store_true", help="the web server alone")

    def handle(self, *, host: str, port: int, workers: int, server: str, no_worker: bool, **_: Any) -> None:
        if host not in LOOPBACK and not settings.PRODUCTION:
            self.stderr.write("Serving others with the keys of development: set ENVIRONMENT=production (.env.example).")
        if not settings.PRODUCTION:
            name = host if host == "127.0.0.1" else "localhost"
            os.environ.setdefault("SITE_URL", f"http://{name}:{port}")  # where links in mails lead
        web = [sys.executable, "-m", "littlepull.servers", server, host, str(port), str(workers)]
        children = [Child("web server", web)]
        if not no_worker:
            children.append(Child("worker", [sys.executable, "manage.py", "worker"]))
        meters.forget_ended()
        stopping = False

        def stop(*_: object) -> None:
            nonlocal stopping
            stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        self.stdout.write(f"LittlePull serves http://{host}:{port} until you stop it (Ctrl-C).")
        while not stopping:
            for child in children:
                child.keep_alive()
            time.sleep(0.2)
        for child in children:
            child.stop()
        deadline = time.monotonic() + STOP_WITHIN_SECONDS
        if not all([child.wait(deadline) for child in children]):
            raise CommandError(f"Not everything had ended after {STOP_WITHIN_SECONDS} s; the rest was killed.")
