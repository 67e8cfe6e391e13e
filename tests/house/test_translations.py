"""French says all that English says: every text of a page has its translation, compiled as it is written."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
FRENCH = ROOT / "locale" / "fr" / "LC_MESSAGES"
APPS = ("accounts", "billing", "routing", "extraction", "privacy", "littlepull")
KEYWORDS = {"gettext": None, "gettext_lazy": None, "_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
KEYWORDS |= {"gettext_noop": None, "npgettext": ((1, "c"), 2, 3), "ngettext_lazy": (1, 2)}


LITERAL = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
IN_TEMPLATES = re.compile(rf"\b(n?p?gettext|_)\(\s*{LITERAL}(?:,\s*{LITERAL})?")


def texts() -> Iterator[tuple[Path, str, str | None]]:
    """Each text that is marked for translation, with its context, in code and templates; of plurals the singular."""
    for app in APPS:
        for path in (ROOT / app).rglob("*"):
            where = path.relative_to(ROOT)
            if path.suffix == ".py":
                for _line, text, _comments, context in extract("python", io.BytesIO(path.read_bytes()), KEYWORDS):
                    yield where, text if isinstance(text, str) else text[0], context
            elif path.suffix in (".html", ".txt") and "templates" in path.parts:
                for function, first, second in IN_TEMPLATES.findall(templatize(path.read_text(), origin=str(path))):
                    one, other = ast.literal_eval(first), ast.literal_eval(second or "None")
                    yield (where, other, one) if "p" in function else (where, one, None)


def test_every_text_is_translated():
    catalogue = read_po(io.BytesIO((FRENCH / "django.po").read_bytes()))
    missing = []
    for path, text, context in texts():
        message = catalogue.get(text, context)
        if (
            message is None
            or message.fuzzy
            or not all([message.string] if isinstance(message.string, str) else message.string)
        ):
            missing.append(f"{path}: {text}")
    assert not missing, "\n".join(missing)


def test_the_compiled_catalogue_is_the_written_one():
    written = read_po(io.BytesIO((FRENCH / "django.po").read_bytes()))
    compiled = read_mo(io.BytesIO((FRENCH / "django.mo").read_bytes()))
    assert {said(m) for m in written if m.id and not m.fuzzy} == {said(m) for m in compiled if m.id}


def said(message: Message) -> tuple[str, str]:
    """Of plurals every form; the two readers differ in what they put them into."""
    ids, strings = ([one] if isinstance(one, str) else list(one) for one in (message.id, message.string))
    return str(ids), str(strings)


def test_a_translation_keeps_its_placeholders():
    for message in read_po(io.BytesIO((FRENCH / "django.po").read_bytes())):
        assert not list(message.check()), message.id
