"""Which engine reads which language, and what is said where none does."""

from __future__ import annotations

import pytest

from extraction.engines import easy_ocr, seeing
from extraction.errors import MediaError
from extraction.media.facts import RecognizeRequest


def choose(*languages: str, engine: str | None = None) -> str:
    return seeing.choose(RecognizeRequest("image/png", languages=languages, ocr_engine=engine))


@pytest.mark.parametrize("languages", [(), ("en",), ("de", "pl"), ("pt-BR",), ("zh-CN", "en"), ("ja",)])
def test_the_quick_engine_reads_what_it_can(languages):
    assert choose(*languages) == "rapidocr"


@pytest.mark.parametrize("languages", [("ru",), ("ko", "en"), ("vi",), ("ar",), ("th",)])
def test_other_scripts_go_to_easyocr(monkeypatch, languages):
    monkeypatch.setattr(easy_ocr, "installed", lambda: True)
    assert choose(*languages) == "easyocr"


def test_the_engine_asked_for_is_taken():
    assert choose("en", engine="easyocr") == "easyocr"


@pytest.mark.parametrize(("languages", "engine"), [(("xx",), None), (("ru",), "rapidocr"), (("el",), "easyocr")])
def test_a_language_beyond_the_engine_is_refused(languages, engine):
    with pytest.raises(MediaError) as refused:
        choose(*languages, engine=engine)
    assert refused.value.code == "language_not_available"


def test_without_torch_other_scripts_are_refused_and_the_engine_said_to_be_missing(monkeypatch):
    monkeypatch.setattr(easy_ocr, "installed", lambda: False)
    with pytest.raises(MediaError) as refused:
        choose("ru")
    assert refused.value.code == "language_not_available"
    with pytest.raises(MediaError) as refused:
        easy_ocr._reader.__wrapped__(("en",))
    assert refused.value.code == "engine_not_installed"
