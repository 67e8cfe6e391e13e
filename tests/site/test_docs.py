"""The guides: each is there, leads nowhere wrong, and is found."""

from __future__ import annotations

import re

import pytest

from littlepull.site.guides import FILES, search

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a [^>]*href="(/[^"]*|#[^"]*)"')


def page(client, slug: str) -> str:
    answer = client.get(f"/docs/{slug}")
    assert answer.status_code == 200 and not answer.cookies
    return answer.content.decode()


@pytest.mark.parametrize("slug", FILES)
def test_a_guide_leads_to_what_is_there(client, slug):
    told = page(client, slug)
    for link in {link.replace("&amp;", "&") for link in LINK.findall(told)}:
        path, _, anchor = link.partition("#")
        if path.startswith("/static/"):
            continue
        target = client.get(path) if path else None
        assert target is None or target.status_code in (200, 302), link
        text = target.content.decode() if target is not None else told
        assert not anchor or f'id="{anchor}"' in text, link


@pytest.mark.parametrize("slug", FILES)
def test_a_guide_is_text_and_not_markup(client, slug):
    told = page(client, slug)
    article = told[told.index("<article") : told.index("</article>")]
    assert "](" not in re.sub(r"<code>.*?</code>", "", article, flags=re.DOTALL) and "```" not in article
    assert "<script" not in article and "style=" not in article
    assert article.count("<h1") == 1


def test_commands_are_of_this_installation(client, settings):
    assert f"curl -s {settings.SITE_URL}/v1/extractions" in page(client, "quick-start")


def test_an_unknown_guide_is_not_there(client):
    for slug in ("nothing", "..", "quick-start%00"):
        assert client.get(f"/docs/{slug}").status_code == 404


def test_all_words_are_looked_for_and_titles_come_first(client):
    hits = search("WEBHOOK verify")
    assert hits and all("webhook" in f"{hit.section.title} {hit.section.text}".casefold() for hit in hits)
    assert "verify" in hits[0].section.title.casefold()
    told = client.get("/docs", {"q": "destruction receipt"}).content.decode()
    assert "<mark>" in told and "/docs/privacy#a-proof-for-each-file" in told


@pytest.mark.parametrize("question", ["zzzzqq", "<script>", "\0", "x" * 5000])
def test_what_is_not_found_is_said(client, question):
    answer = client.get("/docs", {"q": question})
    assert answer.status_code == 200 and "<script>" not in answer.content.decode()


def test_each_guide_and_its_contents_are_listed(client):
    told = client.get("/docs").content.decode()
    assert all(f'href="/docs/{slug}"' in told for slug in FILES)
    assert "/docs/quick-start#a-photograph" in told
