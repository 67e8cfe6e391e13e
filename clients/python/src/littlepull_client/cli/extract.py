"""`littlepull extract`: a file in, JSON or a table out."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from littlepull_client.cli.progress import Display
from littlepull_client.cli.table import as_table
from littlepull_client.cli.words import (
    UsageError,
    add_source_arguments,
    as_json,
    complain,
    read_options,
    read_password,
    read_schema,
    read_source,
    say,
)
from littlepull_client.client import LittlePull
from littlepull_client.extraction import Extraction

if TYPE_CHECKING:
    from littlepull_client.cli.words import Commands


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("extract", help="read a file into JSON that fits a schema")
    add_source_arguments(parser)
    parser.add_argument("--schema", required=True, help="the name of a schema (receipt, invoice@1 …) or a JSON file")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="the whole extraction as JSON, not its data alone")
    shape.add_argument("--table", action="store_true", help="values with confidence and place, for reading")
    parser.add_argument("--output", metavar="FILE", type=Path, help="write there instead of to standard output")
    parser.add_argument("--wait", metavar="SECONDS", type=float, default=600.0, help="at most so long (default 600)")
    parser.add_argument("--quiet", action="store_true", help="say nothing of the progress")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    if args.wait <= 0:
        raise UsageError("--wait is more than 0 seconds.")
    _check_output(args.output)
    schema, options = read_schema(args.schema), read_options(args.option)
    with LittlePull() as client, Display(sys.stderr, quiet=args.quiet) as display:
        extraction = client.extract(
            read_source(args.file),
            schema=schema,
            wait=args.wait,
            on_progress=display.show,
            password=read_password(args),
            **options,
        )
    text = _render(extraction, args)
    _deliver(text, args.output)
    if extraction.schema_valid is False and not args.quiet:
        complain(f"The result does not satisfy the schema in {len(extraction.schema_errors)} place(s).")


def _render(extraction: Extraction, args: argparse.Namespace) -> str:
    if args.table:
        return as_table(extraction)
    return as_json(extraction.raw if args.json else extraction.data)


def _deliver(text: str, path: Path | None) -> None:
    if path is not None:
        try:
            path.write_text(text + "\n", encoding="utf-8")
            return
        except OSError as error:
            complain(f"{path}: {error.strerror}. Here it is instead:")  # it has been paid for
    say(text)


def _check_output(path: Path | None) -> None:
    """Before anything is charged."""
    if path is None:
        return
    if path.is_dir() or not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise UsageError(f"{path} cannot be written.")
