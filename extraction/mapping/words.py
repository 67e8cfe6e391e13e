"""Text cut into folded words that remember where they stood: the ground for every comparison of labels."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W\d_{_CJK}]+|\d+|[#%]")
# Three letters on either side: "InclGST" is two words, "MwSt" and "USt" are one.
_CAMEL = re.compile(r"(?<=[a-zà-ÿ]{3})(?=[A-ZÀ-Þ][A-Za-zÀ-ÿ]{2})")
_SPECIAL = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "ı": "i", "’": "'"})


@dataclass(frozen=True, slots=True)
class Token:
    word: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case, no accents, full-width forms made plain."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_SPECIAL)
    return "".join(char for char in plain if not unicodedata.combining(char))


def tokens(text: str) -> tuple[Token, ...]:
    """The words of `text`. camelCase and glued print ("InclGST") part where the case turns."""
    found = []
    for match in _TOKEN.finditer(text):
        start = match.start()
        if not match[0].isalpha() or match[0].islower() or match[0].isupper():
            found.append(Token(fold(match[0]), start, match.end()))
            continue
        for piece in _CAMEL.split(match[0]):
            found.append(Token(fold(piece), start, start + len(piece)))
            start += len(piece)
    return tuple(found)


def words(text: str) -> tuple[str, ...]:
    return tuple(token.word for token in tokens(text))


_NAME_CASE = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def name_words(name: str) -> tuple[str, ...]:
    """The words of a property's name: snake_case, camelCase, kebab-case, VATNumber."""
    return words(_NAME_CASE.sub(" ", name[:200]))


def alphanumeric(text: str) -> str:
    """Only the letters and digits, folded: for comparing what was read with what is meant."""
    return "".join(char for char in fold(text) if char.isalnum())


def singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
