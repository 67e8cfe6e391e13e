"""`littlepull quote`: what it would cost."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from littlepull_client.cli.words import (
    UsageError,
    add_source_arguments,
    as_json,
    in_credits,
    read_options,
    read_password,
    read_source,
    say,
)
from littlepull_client.client import LittlePull

if TYPE_CHECKING:
    from littlepull_client.cli.words import Commands


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("quote", help="what a file, or so many pages or seconds, would cost at most")
    add_source_arguments(parser, optional=True)
    parser.add_argument("--pages", type=int, metavar="N", help="instead of a file")
    parser.add_argument("--seconds", type=float, metavar="N", help="of sound, instead of a file")
    parser.add_argument("--json", action="store_true", help="everything, with the token for --option quote=…")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    if [args.file, args.pages, args.seconds].count(None) != 2:
        raise UsageError("Name a file, --pages or --seconds: one of them.")
    options = read_options(args.option)
    with LittlePull() as client:
        quote = client.quote(
            read_source(args.file) if args.file is not None else None,
            page_count=args.pages,
            seconds=args.seconds,
            password=read_password(args),
            **options,
        )
    say(as_json(quote.raw) if args.json else f"{in_credits(quote.credits)} at most")
