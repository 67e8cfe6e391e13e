"""Requests to train on, made from the templates in `training/`.

A file has sections: `## coding` templates of a task, `## system: coding` system prompts, `## =topic` fillers. One a
line, `\\n` is a line break, `[a|b]` a choice, `{topic}` a filler (of the language, or of `code.txt`, or of English).
The files in `training/whole/` hold whole requests instead, each of which is a sample a few times; nothing is trained on
those in `training/checks/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from routing.words import Task

FOLDER = Path(__file__).parent / "training"
SHARED, MOTHER = "code", "en"
DEEPEST = 40  # replacements in one template; a loop in the fillers ends here
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([a-z]+\d?|N)\}")
_OPEN, _CLOSE = "\ue000", "\ue001"  # stand for brackets that are meant


@dataclass(frozen=True, slots=True)
class Sample:
    """`language`: which file it was made from."""

    body: dict[str, Any] = field(repr=False)
    task: Task
    language: str


@dataclass(frozen=True, slots=True)
class Book:
    language: str
    templates: dict[str, list[str]]
    systems: dict[str, list[str]]
    fillers: dict[str, list[str]]


def read_books() -> dict[str, Book]:
    return {path.stem: _read_book(path) for path in sorted(FOLDER.glob("*.txt"))}


def _read_book(path: Path) -> Book:
    book = Book(path.stem, {}, {}, {})
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            lines = _section(book, line[3:].strip())
        elif line.strip():
            lines.append(line)
    return book


def _section(book: Book, name: str) -> list[str]:
    if name.startswith("="):
        return book.fillers.setdefault(name[1:], [])
    if name.startswith("system: "):
        return book.systems.setdefault(name[8:], [])
    return book.templates.setdefault(name, [])


def make_samples(*, each: int, mother_each: int, seed: int) -> Iterator[Sample]:
    """`each` samples of every task in every language, `mother_each` in English."""
    books = read_books()
    for language, book in books.items():
        if language == SHARED:
            continue
        writer = Writer(books, book, Random(f"{seed} {language}"))  # noqa: S311 (nothing secret is drawn)
        for task in Task:
            for _ in range(mother_each if language == MOTHER else each):
                yield Sample(writer.request(task), task, language)


def make_whole_samples(*, seed: int) -> Iterator[Sample]:
    """The requests that were written one by one, each with other fillers, without its last sign, and in lower case."""
    books = read_books()
    for path in sorted((FOLDER / "whole").glob("*.txt")):
        writer = Writer(books, books[path.stem], Random(f"{seed} {path.stem}"))  # noqa: S311 (nothing secret is drawn)
        for task, lines in _read_book(path).templates.items():
            for line in lines:
                texts = [writer.fill(line) for _ in range(3)]
                texts[1] = texts[1].rstrip(" .!?。？！؟।")
                texts.append(texts[0].lower())
                for text in texts:
                    yield Sample({"messages": [{"role": "user", "content": text}]}, Task(task), path.stem)


def read_checks() -> Iterator[Sample]:
    """Requests that nothing is trained on: for measuring in languages that the labelled prompts lack."""
    for path in sorted((FOLDER / "checks").glob("*.txt")):
        for task, lines in _read_book(path).templates.items():
            for line in lines:
                text = line.replace("\\n", "\n")
                yield Sample({"messages": [{"role": "user", "content": text}]}, Task(task), path.stem)


class Writer:
    """Makes requests in one language."""

    def __init__(self, books: dict[str, Book], book: Book, random: Random) -> None:
        self.books, self.book, self.random = books, book, random
        self.shelves = [book.fillers, books[SHARED].fillers, books[MOTHER].fillers]

    def request(self, task: Task) -> dict[str, Any]:
        """Mostly one user message; sometimes a system prompt, or the instruction is the system prompt."""
        random = self.random
        text = self._text(task)
        messages = [{"role": "user", "content": text}]
        own = self.book.systems.get(task) or self.books[MOTHER].systems.get(task, [])
        any_system = self.book.systems.get("any") or self.books[MOTHER].systems["any"]
        dice = random.random()
        if dice < 0.12:
            messages.insert(0, {"role": "system", "content": self.fill(random.choice(any_system))})
        elif dice < 0.22 and own:
            messages.insert(0, {"role": "system", "content": self.fill(random.choice(own))})
            if task in INSTRUCTED_BY_SYSTEM and random.random() < 0.7:
                messages[1]["content"] = self.fill(random.choice(["{passage}", "{short}", "{review}", "{long}"]))
        return {"messages": messages}

    def _text(self, task: Task) -> str:
        text = self.fill(self.random.choice(self.book.templates[task]))
        extras = self.book.fillers
        if "before" in extras and self.random.random() < 0.06:
            text = self.random.choice(extras["before"]) + " " + text
        if "after" in extras and self.random.random() < 0.18:
            text = text.rstrip() + self.random.choice([" ", "\n", "\n\n"]) + self.random.choice(extras["after"])
        if self.random.random() < 0.15:
            text = text.rstrip(" .!?。？！؟।")
        return text

    def fill(self, template: str) -> str:
        text = template.replace("\\n", "\n")
        for _ in range(DEEPEST):
            filled = _SLOT.sub(self._filler, _CHOICE.sub(self._choice, text))
            if filled == text:
                break
            text = filled
        return text.replace(_OPEN, "[").replace(_CLOSE, "]").strip()

    def _choice(self, found: re.Match[str]) -> str:
        inner = found[1]
        return self.random.choice(inner.split("|")) if "|" in inner else f"{_OPEN}{inner}{_CLOSE}"

    def _filler(self, found: re.Match[str]) -> str:
        name = found[1]
        if name in ("n", "n2"):
            return str(self.random.randint(2, 60))
        if name == "N":
            return str(self.random.randint(61, 5000))
        if name in PASSAGES and self.random.random() < 0.08:
            return self.random.choice(self.books[MOTHER].fillers[name]).replace("\\n", "\n")
        for shelf in self.shelves:
            if name in shelf:
                return self.random.choice(shelf[name]).replace("\\n", "\n")
        return found[0]


INSTRUCTED_BY_SYSTEM = {Task.TRANSLATION, Task.SUMMARIZATION, Task.CLASSIFICATION, Task.EXTRACTION, Task.REWRITING}
PASSAGES = {"passage", "long"}
