"""`manage.py verify_receipt receipt.json [--media file] [--keys keys.json]`: is this receipt ours, and of this file?"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.signing import NotGenuine, public_keys
from extraction.receipts import verify_receipt


class Command(BaseCommand):
    help = "Verifies a destruction receipt; takes a whole extraction as well, and - for standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("receipt", type=argparse.FileType("r"), default=sys.stdin)
        parser.add_argument("--media", type=argparse.FileType("rb"), help="the file that was sent, to compare its hash")
        parser.add_argument(
            "--keys",
            type=argparse.FileType("r"),
            help="a copy of /.well-known/littlepull-keys.json; this installation's own keys if not given",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        key_set = json.load(options["keys"]) if options["keys"] else public_keys()
        try:
            found = json.load(options["receipt"])
            statement = verify_receipt(found.get("destruction_receipt", found), key_set)
        except (NotGenuine, ValueError, KeyError, AttributeError, TypeError) as error:
            reason = str(error) if isinstance(error, NotGenuine) else "This is not a receipt."
            raise CommandError(reason) from None
        if options["media"] and _sha256(options["media"]) != statement["media"]["sha256"]:
            raise CommandError("The receipt is genuine, but of another file.")
        self.stdout.write(
            f"genuine: media of {statement['job_id']} ({statement['media']['bytes']} bytes, "
            f"SHA-256 {statement['media']['sha256']}) was destroyed at {statement['destroyed_at']}"
        )


def _sha256(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
