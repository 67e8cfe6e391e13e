"""`littlepull verify-receipt`: is this destruction receipt genuine, and is it about this file?"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from littlepull_client.cli.words import UsageError, as_json, clean, say
from littlepull_client.client import fetch_signing_keys
from littlepull_client.receipts import verify_receipt

if TYPE_CHECKING:
    from littlepull_client.cli.words import Commands


def add_to(commands: Commands) -> None:
    parser = commands.add_parser("verify-receipt", help="is a destruction receipt genuine?")
    parser.add_argument("file", type=Path, help="the JSON of an extraction or of its receipt, or the bare JWS")
    parser.add_argument("--media", type=Path, metavar="FILE", help="the file that was sent: is the receipt about it?")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="published keys kept earlier: asks no server")
    parser.add_argument("--json", action="store_true", help="the statement that was signed")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    receipt = _read_receipt(args.file)
    if args.media is not None and not args.media.is_file():
        raise UsageError(f"There is no file {args.media}.")
    keys = fetch_signing_keys() if args.keys is None else _read_keys(args.keys)
    found = verify_receipt(receipt, keys, media=args.media)
    if args.json:
        say(as_json(found.raw))
        return
    about = " It is about this file." if args.media is not None else ""
    say(clean(f"genuine: the file of {found.extraction_id} was destroyed at {found.destroyed_at.isoformat()}.{about}"))
    say(clean(f"sha-256  {found.sha256} ({found.bytes} bytes)"))


def _read_receipt(path: Path) -> Any:
    text = _read(path)
    return _parse(path, text) if text.lstrip().startswith("{") else text


def _read_keys(path: Path) -> dict[str, Any]:
    return _parse(path, _read(path))


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise UsageError(f"{path} cannot be read as JSON.")
    return told


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text.") from None
