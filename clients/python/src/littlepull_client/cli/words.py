"""What the commands have in common: reading arguments, and words on a terminal."""

from __future__ import annotations

import argparse
import getpass
import json
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from littlepull_client.orders import Options
from littlepull_client.sources import Source, find_url

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

SCHEMA_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}(@\d{1,5})?")
LISTS = ("languages", "include")
# Arguments of the client that are no options of the API.
NO_OPTIONS = {"source", "schema", "wait", "on_progress", "password", "idempotency_key", "page_count", "seconds"}
# What a terminal would obey rather than show, and what turns the order of letters round.
UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class UsageError(Exception):
    """The command was used wrongly."""


def add_source_arguments(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    words = "an image, a PDF or a recording; an https address; or - for standard input"
    parser.add_argument("file", nargs="?" if optional else None, help=words)
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="of the API: pages=1-3, languages=en,fr, strict=true, result_ttl_seconds=0, metadata.order=4711 …",
    )
    parser.add_argument("--ask-password", action="store_true", help="ask for the password of a protected PDF")


def read_source(name: str) -> Source:
    if name == "-":
        return sys.stdin.buffer.read()
    if find_url(name) is None and not Path(name).is_file():
        raise UsageError(f"There is no file {name}.")
    return name


def read_schema(name: str) -> str | dict[str, Any]:
    """A JSON file if there is one of that name, else the name of a saved or built-in schema."""
    path = Path(name)
    if not path.is_file():
        if SCHEMA_NAME.fullmatch(name) or re.fullmatch(r"sch_[0-9a-z]+(@\d{1,5})?", name):
            return name
        raise UsageError(f"{name} is neither a file nor the name of a schema.")
    try:
        schema = json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise UsageError(f"{name} cannot be read as JSON.") from None
    if not isinstance(schema, dict):
        raise UsageError(f"{name} is JSON, but no schema: a schema is an object.")
    return schema


def read_options(given: list[str]) -> Options:
    """NAME=VALUE: a value that is JSON is taken so, any other as text; metadata.NAME=VALUE makes labels."""
    options: dict[str, Any] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name or name in NO_OPTIONS:
            raise UsageError(f"{one} is no option: an option is NAME=VALUE, as the API names them.")
        if name.startswith("metadata."):
            options.setdefault("metadata", {})[name.removeprefix("metadata.")] = value
        else:
            options[name] = _read_value(name, value)
    return options  # type: ignore[return-value]  # the server knows which names there are


def read_password(args: argparse.Namespace) -> str | None:
    return getpass.getpass("Password of the document: ") if args.ask_password else None


def clean(text: str) -> str:
    """Fit for a terminal: no control characters, whatever was in the file."""
    return UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def as_json(document: Any) -> str:
    """Readable, and no terminal obeys it: what `clean` would take out is escaped, which JSON reads the same."""
    showable = (sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(document, indent=2, ensure_ascii=not showable)
    return re.sub(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]", lambda one: f"\\u{ord(one[0]):04x}", text)


def in_credits(amount: Decimal) -> str:
    return f"{amount.normalize():f} credits"


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stderr.write(clean(text) + "\n")


def _read_value(name: str, value: str) -> Any:
    if name in LISTS and not value.startswith("["):
        return [part.strip() for part in value.split(",") if part.strip()]
    if name in ("pages", "quote"):
        return value  # "2" is a range of pages, and no number
    try:
        return json.loads(value)
    except ValueError:
        return value
