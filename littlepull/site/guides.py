"""The guides: markdown files, rendered once for this installation's own address, and searched.

Those in littlepull/guides are written for these pages; the others are the documentation that the source carries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.html import escape
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

WRITTEN_HERE = "http://127.0.0.1:8000"  # where `make run` serves, in every file
TEACHING, DOCUMENTS = Path("littlepull/guides"), Path("docs")
FILES = {
    "quick-start": TEACHING / "quick-start.md",
    "images-and-pdfs": TEACHING / "images-and-pdfs.md",
    "audio": TEACHING / "audio.md",
    "schemas": DOCUMENTS / "schemas.md",
    "confidence": DOCUMENTS / "confidence.md",
    "webhooks": DOCUMENTS / "webhooks.md",
    "gateway": DOCUMENTS / "gateway.md",
    "credits": DOCUMENTS / "credits.md",
    "payments": DOCUMENTS / "payments.md",
    "errors": DOCUMENTS / "errors.md",
    "privacy": TEACHING / "privacy.md",
    "python": Path("clients/python/README.md"),
}
EXCERPT = 160
MOST_HITS = 20


@dataclass(frozen=True, slots=True)
class Section:
    """`anchor` is empty before the first heading. `text`: what it says, without marks, code included."""

    title: str
    anchor: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Guide:
    slug: str
    title: str
    html: str
    sections: tuple[Section, ...]

    @property
    def contents(self) -> list[Section]:
        return [section for section in self.sections if section.level == 2]


@dataclass(frozen=True, slots=True)
class Hit:
    """A section in which every word stands; `before`, `found` and `after` are the excerpt around the first."""

    guide: Guide
    section: Section
    before: str
    found: str
    after: str


@cache
def read_guide(slug: str) -> Guide:
    """Raises KeyError for a name that is none."""
    text = (settings.BASE_DIR / FILES[slug]).read_text(encoding="utf-8")
    tokens = _parser().parse(text.replace(WRITTEN_HERE, settings.SITE_URL.rstrip("/")))
    sections = tuple(_anchored(tokens))
    return Guide(slug, sections[0].title, _parser().renderer.render(tokens, _parser().options, {}), sections)


def all_guides() -> list[Guide]:
    return [read_guide(slug) for slug in FILES]


def search(words: str) -> list[Hit]:
    """Sections that hold each of the words, those with one in their title first."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    every = ((guide, section) for guide in all_guides() for section in guide.sections)
    hits = [(guide, section) for guide, section in every if _holds(section, wanted)]
    hits.sort(key=lambda pair: not any(word in pair[1].title.casefold() for word in wanted))
    return [_excerpt(guide, section, wanted[0]) for guide, section in hits[:MOST_HITS]]


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("fence", _render_fence)
    parser.add_render_rule("code_block", _render_fence)
    parser.add_render_rule("table_open", lambda *_: '<div class="frame" tabindex="0" role="group"><table>')
    parser.add_render_rule("table_close", lambda *_: "</table></div>")
    return parser


def _render_fence(_renderer: object, tokens: list[Token], index: int, _options: object, _env: object) -> str:
    return f'<pre class="copy" tabindex="0"><code>{escape(tokens[index].content)}</code></pre>\n'


def _anchored(tokens: list[Token]) -> Iterator[Section]:
    """Gives headings their anchors and links their targets, in place, and cuts the text at the headings."""
    title, anchor, level = "", "", 0
    said: list[str] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            if title:
                yield Section(title, anchor, level, " ".join(said))
            title, level, said = _plain(tokens[index + 1]), int(token.tag[1]), []
            anchor = "" if level == 1 else slugify(title)
            if anchor:
                token.attrSet("id", anchor)
        elif token.type == "inline":
            _lead_inside(token)
            said.append(_plain(token))
        elif token.type == "fence":
            said.append(token.content)
    yield Section(title, anchor, level, " ".join(said))


def _plain(token: Token) -> str:
    return "".join(child.content or " " for child in token.children or ())


def _lead_inside(token: Token) -> None:
    """A link to another file becomes one to its guide; to a file that is no guide, the words alone."""
    by_file = {path.name: slug for slug, path in FILES.items() if path.parent == DOCUMENTS}
    children, inside = [], True
    for child in token.children or []:
        if child.type == "link_open":
            target = str(child.attrGet("href"))
            name, _, anchor = target.partition("#")
            if Path(name).name in by_file and "://" not in name:
                child.attrSet("href", f"/docs/{by_file[Path(name).name]}" + (f"#{anchor}" if anchor else ""))
            inside = target.startswith(("/", "#", "http")) or Path(name).name in by_file
        if child.type not in {"link_open", "link_close"} or inside:
            children.append(child)
    token.children = children


def _holds(section: Section, wanted: list[str]) -> bool:
    text = f"{section.title} {section.text}".casefold()
    return all(word in text for word in wanted)


def _excerpt(guide: Guide, section: Section, word: str) -> Hit:
    text = re.sub(r"\s+", " ", section.text)
    at = text.casefold().find(word)
    if at < 0:
        return Hit(guide, section, text[:EXCERPT], "", "")
    begin = max(0, at - EXCERPT // 2)
    end = at + len(word)
    before = ("… " if begin else "") + text[begin:at]
    return Hit(guide, section, before, text[at:end], text[end : end + EXCERPT // 2])
