"""The privacy policy: its versions, the one in force, what changed between two, and who accepted which."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from privacy.models import PolicyAcceptance, PolicyVersion

OPERATOR = "NGUETOUM NGOUANE Cyrille"
WORD = re.compile(r"\s+|[^\s]+")
Kind = Literal["heading", "list", "paragraph"]
Mark = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading or paragraph (one line), or a list (its items). `anchor`: of a heading."""

    kind: Kind
    lines: list[str]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    mark: Mark
    text: str


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def find_current() -> PolicyVersion | None:
    return PolicyVersion.objects.all().in_force().first()


def find_required() -> PolicyVersion | None:
    """What people have to have accepted: the latest in force that changes much, or the first of all."""
    return PolicyVersion.objects.all().in_force().filter(Q(major=True) | Q(number=1)).defer("text").first()


def accept(user: User, version: PolicyVersion) -> PolicyAcceptance:
    """Once; a repetition finds the first."""
    accepted, _ = PolicyAcceptance.objects.get_or_create(user=user, version=version)
    return accepted


def has_accepted(user: User, version: PolicyVersion) -> bool:
    return PolicyAcceptance.objects.filter(user=user, version=version).exists()


def is_upcoming(version: PolicyVersion) -> bool:
    return version.effective_on > timezone.localdate()


def fill_in(text: str) -> str:
    """The text says by names alone who and where, so that an address can change without a new version."""
    return text.replace("{contact}", settings.CONTACT_EMAIL).replace("{operator}", OPERATOR)


def parse(text: str) -> list[Block]:
    return [_parse_block(lines) for lines in _paragraphs(fill_in(text))]


def compare(old: PolicyVersion, new: PolicyVersion) -> list[list[Piece]]:
    """Paragraph by paragraph, those that changed; within one, word by word."""
    before, after = _written_lines(old), _written_lines(new)
    lines: list[list[Piece]] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [[Piece("same", line)] for line in before[i1:i2]]
        elif tag == "replace" and i2 - i1 == j2 - j1:
            lines += [_compare_words(*pair) for pair in zip(before[i1:i2], after[j1:j2], strict=True)]
        else:
            lines += [[Piece("gone", line)] for line in before[i1:i2]]
            lines += [[Piece("new", line)] for line in after[j1:j2]]
    return list(_changed(lines))


def _changed(lines: list[list[Piece]]) -> Iterator[list[Piece]]:
    """What changed alone, each under the heading it stands under."""
    heading: list[Piece] | None = None
    for line in lines:
        if all(piece.mark == "same" for piece in line):
            heading = line if line[0].text.startswith("#") else heading
            continue
        if heading is not None:
            yield heading
            heading = None
        yield line


def _written_lines(version: PolicyVersion) -> list[str]:
    return [line for line in fill_in(version.text).splitlines() if line.strip()]


def _compare_words(old: str, new: str) -> list[Piece]:
    before, after = WORD.findall(old), WORD.findall(new)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(before[i1:i2])))
            continue
        gone, come = "".join(before[i1:i2]), "".join(after[j1:j2])
        pieces += [Piece("gone", gone)] * bool(gone) + [Piece("new", come)] * bool(come)
    return pieces


def _paragraphs(text: str) -> Iterator[list[str]]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        yield [line.strip() for line in paragraph.splitlines()]


def _parse_block(lines: list[str]) -> Block:
    if lines[0].startswith("#"):
        words = lines[0].lstrip("# ")
        return Block("heading", [words], re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-"))
    if all(line.startswith("- ") for line in lines):
        return Block("list", [line.removeprefix("- ") for line in lines])
    return Block("paragraph", [" ".join(lines)])
