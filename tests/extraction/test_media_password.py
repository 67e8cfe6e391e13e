"""A protected PDF: opened by its password, refused without it, and the password told to nobody."""

from __future__ import annotations

import asyncio
import io
import logging

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from extraction.engines.process import EngineProcess
from extraction.errors import MediaError
from extraction.media.facts import RecognizeRequest
from extraction.recognized import Recognized

PASSWORD = "grün-4719"


def protected(*, strength: int = 128) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption(PASSWORD, ownerPassword="owner", strength=strength))
    canvas.drawString(72, 700, "Printed behind a password")
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def read(media: bytes, password: str | None) -> Recognized:
    async def quiet(stage: str, done: int, total: int) -> None:
        pass

    async def story() -> Recognized:
        engine = EngineProcess("engine")
        try:
            assert (await engine.probe(media, password=password)).pages == 1
            return await engine.recognize(media, RecognizeRequest("application/pdf", password=password), quiet)
        finally:
            await engine.close()

    return asyncio.run(story())


@pytest.mark.parametrize("strength", [40, 128])
@pytest.mark.parametrize("password", [PASSWORD, "owner"])
def test_its_password_opens_it(strength, password):
    assert read(protected(strength=strength), password).text == "Printed behind a password"


@pytest.mark.parametrize("password", [None, "", "wrong", "grün", "\ud800", "\0"])
def test_without_it_the_document_is_refused(password, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(MediaError) as refused:
        read(protected(), password)
    assert refused.value.code == "encrypted_document"
    assert not password or password not in str(refused.value) + caplog.text


def test_a_password_nobody_asked_for_is_passed_over():
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.drawString(72, 700, "Open to everybody")
    canvas.save()
    assert read(buffer.getvalue(), PASSWORD).text == "Open to everybody"


def test_it_is_not_shown_with_the_request():
    assert PASSWORD not in repr(RecognizeRequest("application/pdf", password=PASSWORD))
