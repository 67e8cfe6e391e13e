"""`littlepull account`: whose key it is, and what it has left."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from littlepull_client.cli.words import as_json, clean, in_credits, say
from littlepull_client.client import LittlePull

if TYPE_CHECKING:
    from littlepull_client.cli.words import Commands


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("account", help="whose key it is, and what it may still spend")
    parser.add_argument("--json", action="store_true", help="everything")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    with LittlePull() as client:
        account = client.account()
    if args.json:
        say(as_json(account.raw))
        return
    credits = account.credits
    rows = {
        "account": account.email,
        "key": f"{account.key.masked} {account.key.name}".strip(),
        "mode": account.key.mode,
        "available": in_credits(credits.available),
        "held": in_credits(credits.held) if credits.held else "",
        "frozen": in_credits(credits.frozen) if credits.frozen else "",
        "debt": in_credits(credits.debt) if credits.debt else "",
    }
    for name, value in rows.items():
        if value:
            say(f"{name:<10}  {clean(value)}")
