"""The first page: one screen with a real answer of the API, and figures that are the README's."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings

from littlepull.site.example import SCHEMA, boxes, recorded, spell
from littlepull.site.home import ACCURACY, SPEED
from tests.server import ROOT, SAMPLES

pytestmark = pytest.mark.django_db
VALUE = re.compile(r'<span data-pointer="([^"]+)">(.*?)</span>')


def test_it_shows_each_value_where_it_stands(client):
    page = client.get("/").content.decode()
    values = dict(VALUE.findall(page))
    assert values["/company"] == "&quot;GREENFIELD GROCERY&quot;" and values["/total"] == "42.05"
    assert set(values) == set(re.findall(r'<rect data-pointer="([^"]+)"', page))


def test_it_is_written_in_the_same_numbers_in_every_language(client):
    """A comma for a point would be no JSON, and no SVG."""
    page = client.get("/", headers={"Accept-Language": "fr"}).content.decode()
    assert "42.05</span>" in page and f'x="{next(boxes(recorded()["fields"])).x}"' in page


def test_strangers_see_prices_and_commands_of_this_installation(client):
    page = client.get("/")
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert f"curl {settings.SITE_URL}/v1/extractions" in page.content.decode()
    assert "$0.01" in page.content.decode()
    assert "Set-Cookie" not in page.headers


def test_its_figures_are_the_readme_s():
    readme = (ROOT / "README.md").read_text()
    for row in ACCURACY + SPEED:
        assert row.figure in readme, row


def test_pieces_of_json_are_json():
    value = {"a": [], "b": {"c": [1, {"d": None}]}, "e": [{"f": "ü", "g": True}]}
    assert json.loads("".join(piece.text for piece in spell(value))) == value


@pytest.mark.engine
def test_what_is_shown_is_what_the_api_answers(product):
    """Else: manage.py record_home_example."""
    files = {"file": ("receipt.jpg", (SAMPLES / "receipt.jpg").read_bytes())}
    with product.client(product.create_key("home@example.com", 5)) as client:
        answer = client.post("/v1/extractions", files=files, data={"schema": SCHEMA}, headers={"Prefer": "wait=60"})
    now, then = answer.json(), recorded()
    assert now["data"] == then["data"]
    for one, other in zip(boxes(now["fields"]), boxes(then["fields"]), strict=True):
        assert one.pointer == other.pointer
        assert one[1:] == pytest.approx(other[1:], abs=10)
