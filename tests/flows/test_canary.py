"""Words from an image and from a schema are found nowhere once the result is delivered and destroyed."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.flows.conftest import post_extraction

IN_IMAGE, IN_SCHEMA = "ZANZIBAR7731", "quokkafield8842"


def picture_of(text: str) -> bytes:
    image = Image.new("RGB", (900, 300), "white")
    ImageDraw.Draw(image).text((40, 100), f"Reference: {text}", fill="black", font=ImageFont.load_default(60))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_nothing_of_media_schema_text_or_result_stays_anywhere(own_product):
    product = own_product(ENGINE_PRELOAD="rapidocr", LOG_LEVEL="DEBUG")
    if not product.on_sqlite:
        pytest.skip("it reads SQLite's own files; tests/privacy looks into a dump of PostgreSQL")
    product.start()
    media = picture_of(IN_IMAGE)
    schema = {
        "type": "object",
        "description": f"the {IN_SCHEMA} of it",
        "properties": {"reference": {"type": ["string", "null"]}, IN_SCHEMA: {"type": ["string", "null"]}},
    }
    with product.client(product.create_key(credits=20)) as client:
        extraction = post_extraction(client, media, schema=schema, options={"include": ["text"]}).json()
        assert IN_IMAGE in extraction["text"]
        assert extraction["data"]["reference"] == IN_IMAGE
        client.delete(f"/v1/extractions/{extraction['id']}")
        once = post_extraction(client, media, schema=schema, options={"result_ttl_seconds": 0}).json()
        assert once["data"]["reference"] == IN_IMAGE
        post_extraction(client, media[: len(media) // 2], schema=schema)  # refused as unreadable
        post_extraction(client, media, schema={**schema, "type": "objekt"})  # refused as a schema
        post_extraction(client, media, schema={**schema, "required": ["absent"]}, options={"strict": True})
    assert product.stop() == 0
    places = [path for path in product.folder.rglob("*") if path.is_file()]
    assert any(path.name == "littlepull.sqlite3" for path in places)
    assert any(path.name == "server.log" for path in places)
    for path in places:
        content = path.read_bytes()
        for canary in (IN_IMAGE, IN_SCHEMA):
            assert canary.encode() not in content, f"{canary} in {path.name}"
            assert canary.lower().encode() not in content.lower(), f"{canary} in {path.name}"
        assert media[100:160] not in content, f"the image itself in {path.name}"
    assert not list(product.spool.glob("*"))
