"""manage.py createkey --email E: makes the account if it is missing; prints the key alone on stdout."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from accounts.api_keys import create_key
from accounts.models import ApiKey, Scope, User
from billing import ledger
from billing.pricing import parse_credits


class Command(BaseCommand):
    help = "Creates an API key and prints its plaintext, which is never shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--credits", default="0", help="credits to grant, up to six decimal places")
        parser.add_argument("--mode", choices=ApiKey.Mode.values, default=ApiKey.Mode.LIVE)
        parser.add_argument("--name", default="")
        parser.add_argument("--scopes", nargs="+", choices=Scope.values, help="all of them if not given")

    def handle(self, *, email: str, credits: str, mode: str, name: str, scopes: list[str] | None, **_: Any) -> None:
        try:
            validate_email(email)
            amount = parse_credits(credits)
        except (ValidationError, ValueError) as error:
            raise CommandError(" ".join(getattr(error, "messages", [str(error)]))) from None
        if amount < 0:
            raise CommandError("Credits to grant cannot be negative.")
        with transaction.atomic():
            user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email)
            key, plaintext = create_key(user, mode=mode, name=name, scopes=scopes)
            wallet = ledger.get_wallet(key)
            if amount:
                ledger.grant(wallet, amount, key=f"createkey:{uuid.uuid4()}", note="createkey")
        self.stdout.write(plaintext)
