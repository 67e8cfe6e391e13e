"""The client before the real server: every operation of extractions, batches and schemas, in both colours."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from littlepull_client import (
    AsyncLittlePull,
    AuthenticationFailed,
    ExtractionFailed,
    InsufficientCredits,
    InvalidRequest,
    LittlePull,
    NotConfigured,
    NotFound,
)
from tests.clients.colours import asker
from tests.server import SAMPLES

RECEIPT = SAMPLES / "receipt.jpg"
SCHEMA = json.loads((SAMPLES / "receipt.schema.json").read_text())
TRUTH = json.loads((SAMPLES / "receipt.truth.json").read_text())
ORDER = ["received", "decoding", "recognizing", "mapping", "done"]


def test_a_path_and_a_named_schema_make_typed_json(ask):
    stages = []
    extraction = ask("extract", str(RECEIPT), schema="receipt", on_progress=lambda one: stages.append(one.stage))
    assert extraction.status == "succeeded"
    assert extraction.value_at("/total") == TRUTH["total"]
    assert extraction.value_at("/items/0/description")
    assert sorted(set(stages), key=ORDER.index) == ORDER
    assert stages == sorted(stages, key=ORDER.index)
    field = extraction.field_at("/total")
    assert field.value == TRUTH["total"]
    assert 0.5 < field.confidence <= 1
    assert field.grounded
    [citation] = field.citations[:1]
    assert citation.page == 1
    assert len(citation.bbox) == 4
    assert str(TRUTH["total"]) in citation.text
    assert extraction.cost.charged == Decimal(1)
    assert extraction.media.bytes == RECEIPT.stat().st_size
    assert extraction.created_at < extraction.media_destroyed_at < datetime.now(UTC)
    assert extraction.schema_valid
    assert extraction.raw["id"] == extraction.id


def test_bytes_an_open_file_a_schema_of_ones_own_and_options(ask):
    with RECEIPT.open("rb") as file:
        for source in (RECEIPT.read_bytes(), file):
            extraction = ask(
                "extract", source, schema=SCHEMA, include=("text", "segments"), metadata={"ref": "7"}, languages=["en"]
            )
            assert extraction.value_at("/total") == TRUTH["total"]
            assert "GREENFIELD" in extraction.text
            assert extraction.metadata == {"ref": "7"}


def test_a_class_that_knows_its_schema_is_one(ask):
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Till", total=(float | None, None))
    assert ask("extract", RECEIPT, schema=model).data == {"total": TRUTH["total"]}


def test_a_url_is_fetched_by_the_server_under_its_rules(ask):
    with pytest.raises(InvalidRequest, match="public https") as refused:
        ask("extract", "https://169.254.169.254/latest", schema="receipt")
    assert refused.value.code == "address_not_allowed"


def test_what_stood_in_a_file_is_in_no_repr(ask):
    extraction = ask("extract", RECEIPT, schema="receipt", include=["text"])
    assert "GREENFIELD" in json.dumps(extraction.raw)
    told = f"{extraction!r} {extraction.fields!r} {ExtractionFailed(extraction)!r}"
    assert "GREENFIELD" not in told
    assert str(TRUTH["total"]) not in told


def test_looking_listing_events_and_deleting(ask):
    extraction = ask("extract", RECEIPT, schema=SCHEMA, wait=False)
    ended = ask("wait", extraction.id)
    assert ended.data["total"] == TRUTH["total"]
    assert ask("get", extraction.id).data == ended.data
    assert ask("list", limit=1)[0].id == extraction.id
    assert ask("list", limit=1)[0].data is None
    events = ask("events", extraction.id)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert (events[-1].type, events[-1].is_last) == ("succeeded", True)
    assert ask("events", extraction.id, after=2) == events[2:]
    gone = ask("delete", extraction.id)
    assert gone.result_destroyed_at is not None
    assert ask("get", extraction.id).data is None


def test_a_result_to_be_seen_once_is_in_the_answer_though_its_progress_was_watched(ask):
    heard = []
    extraction = ask("extract", RECEIPT, schema=SCHEMA, result_ttl_seconds=0, on_progress=heard.append)
    assert extraction.data["total"] == TRUTH["total"]
    assert heard[-1].stage == "done"
    assert ask("get", extraction.id).data is None


def test_strict_and_hostile_files_are_exceptions_with_codes(ask):
    schema = {"type": "object", "properties": {"iban": {"type": "string"}}, "required": ["iban"]}
    with pytest.raises(ExtractionFailed) as failed:
        ask("extract", RECEIPT, schema=schema, strict=True)
    assert failed.value.code == "schema_unsatisfied"
    assert failed.value.extraction.cost.charged == 1
    with pytest.raises(InvalidRequest) as refused:
        ask("extract", b"no media", schema="receipt")
    assert (refused.value.status, refused.value.code) == (415, "unsupported_media_type")
    assert refused.value.request_id.startswith("req_")
    with pytest.raises(NotFound) as refused:
        ask("extract", RECEIPT, schema="no-such-schema")
    assert refused.value.code == "schema_not_found"
    with pytest.raises(InvalidRequest) as refused:
        ask("extract", RECEIPT, schema="receipt", pages="3-1")
    assert refused.value.errors[0].pointer == "/options/pages"


def test_the_same_idempotency_key_is_one_extraction_and_one_charge(ask):
    before = ask("account").credits.available
    asked = {"schema": SCHEMA, "idempotency_key": f"client-{datetime.now(UTC).timestamp()}"}
    first, second = ask("extract", RECEIPT, **asked), ask("extract", RECEIPT, **asked)
    assert first.id == second.id
    assert before - ask("account").credits.available == 1
    with pytest.raises(InvalidRequest) as refused:
        ask("extract", RECEIPT, **{**asked, "schema": "receipt"})
    assert refused.value.code == "idempotency_key_reused"


def test_a_quote_is_what_is_charged(ask):
    quote = ask("quote", RECEIPT)
    assert quote.credits == 1
    assert quote.valid_until > datetime.now(UTC)
    assert ask("quote", page_count=3).credits == 3
    assert ask("quote", seconds=60.0).credits == quote.prices["audio_second"] * 60
    assert ask("extract", RECEIPT, schema=SCHEMA, quote=quote).cost.charged == quote.credits


def test_too_few_credits(product, colour):
    poor = asker(colour, product.base_url, product.create_key("poor@example.com", 0))
    with pytest.raises(InsufficientCredits) as refused:
        poor("extract", RECEIPT, schema="receipt")
    assert (refused.value.required, refused.value.available) == (1, 0)


def test_a_batch_its_refusals_and_its_results(ask):
    batch = ask("batch", [RECEIPT, b"no media", RECEIPT.read_bytes()], schema=SCHEMA)
    assert [one.index for one in batch.refused] == [1]
    results = ask("batch_results", batch.id)
    assert [one.data["total"] for one in results] == [TRUTH["total"]] * 2
    ended = ask("get_batch", batch.id)
    assert ended.finished
    assert ended.counts["succeeded"] == 2
    assert {one.id for one in ended.extractions} == {one.id for one in results}
    assert {one.id for one in ask("list", batch_id=batch.id)} == {one.id for one in results}
    assert all(one.result_destroyed_at for one in ask("delete_batch", batch.id).extractions)
    assert ask("batch", [RECEIPT], schema=SCHEMA, wait=60).finished


def test_saved_schemas(ask, colour):
    name, first = f"note-{colour}", {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}
    second = {"type": "object", "properties": {"b": {"type": ["string", "null"]}}}
    assert ask("schemas.create", name, first, description="What it is for").version == 1
    assert ask("schemas.update", name, second).version == 2
    assert ask("schemas.get", name).schema == second
    assert ask("schemas.get", f"{name}@1").schema == ask("schemas.get", name, version=1).schema == first
    assert [one.version for one in ask("schemas.versions", name)] == [2, 1]
    assert {name, "receipt"} <= {one.name for one in ask("schemas.list")}
    assert ask("schemas.delete", name) is None
    with pytest.raises(NotFound):
        ask("schemas.get", name)
    report = ask("schemas.lint", {"type": "object", "properties": {"x": {"requried": True}}})
    assert report.valid
    assert "requried" in {warning["keyword"] for warning in report.warnings}
    assert not ask("schemas.lint", {"type": "nonsense"}).valid


def test_the_account_what_it_used_and_its_ledger(ask):
    ask("extract", RECEIPT, schema=SCHEMA)
    account = ask("account")
    assert account.email == "clients@example.com"
    assert account.key.mode == "live"
    usage = ask("usage", group_by="media_type", begin=datetime(2026, 1, 1, tzinfo=UTC))
    assert {row.group for row in usage.rows} >= {"image/jpeg"}
    moved = ask("credits.ledger", limit=3)
    assert [one.kind for one in moved[:2]] == ["settle", "hold"]
    assert moved[0].balance == account.credits.available


def test_credits_move_between_ones_own_keys(product, colour):
    source = asker(colour, product.base_url, product.create_key(f"two-{colour}@example.com", 10))
    target = asker(colour, product.base_url, product.create_key(f"two-{colour}@example.com", 0))
    ends = {"from_key": source("account").key.id, "to_key": target("account").key.id}
    assert source("credits.transfer", **ends, credits="2.5").credits == Decimal("2.5")
    assert target("account").credits.available == Decimal("2.5")


def test_the_gateway_in_openais_shape(product, colour):
    ask = asker(colour, product.base_url, product.create_key("chat@example.com", 0, "--mode", "test"))
    asked = [{"role": "user", "content": "Translate into French: good morning"}]
    chat = ask("chat.completions.create", messages=asked)
    assert chat.choices[0].message.content == chat["choices"][0]["message"]["content"]
    assert chat.usage.completion_tokens > 0
    assert chat.routing.task == "translation"
    assert chat.choices[0].message.content not in repr(chat)
    generation = ask("generations.get", chat.routing.generation)
    assert (generation.status, generation.task) == ("succeeded", "translation")
    assert ask("generations.feedback", chat.routing.generation, 0.5).feedback == 0.5
    assert chat.routing.generation in {one.id for one in ask("generations.list", limit=5)}
    chunks = ask("chat.completions.create", messages=asked, stream=True)
    told = "".join(chunk.choices[0].delta.get("content") or "" for chunk in chunks if chunk.choices)
    assert told == chat.choices[0].message.content
    assert all(model.id for model in ask("models"))
    for stream in (False, True):
        with pytest.raises(InvalidRequest) as refused:
            ask("chat.completions.create", messages=[], stream=stream)
        assert refused.value.code == "invalid_request"


def test_a_callback_may_be_a_coroutine_function_and_calls_run_side_by_side(product, client_key):
    heard = []

    async def hear(progress) -> None:
        await asyncio.sleep(0)
        heard.append(progress.stage)

    async def both() -> list:
        async with AsyncLittlePull(client_key, base_url=product.base_url) as client:
            asked = [client.extract(RECEIPT, schema=SCHEMA, on_progress=hear) for _ in range(2)]
            return await asyncio.gather(*asked)

    assert [one.data["total"] for one in asyncio.run(both())] == [TRUTH["total"]] * 2
    assert heard.count("done") == 2


def test_key_and_address_from_the_environment(product, client_key, monkeypatch):
    monkeypatch.setenv("LITTLEPULL_API_KEY", f"{client_key}\n")
    monkeypatch.setenv("LITTLEPULL_BASE_URL", f"{product.base_url}/v1/")
    with LittlePull() as client:
        assert client.account().email == "clients@example.com"
        assert client_key not in repr(client) + repr(vars(client)) + repr(client.hands.terms)


def test_a_key_that_cannot_be_is_refused_before_it_travels_and_never_quoted(product, monkeypatch):
    monkeypatch.delenv("LITTLEPULL_API_KEY", raising=False)
    with pytest.raises(NotConfigured, match="LITTLEPULL_API_KEY"):
        LittlePull()
    for key in ("lp_live_clé", "lp_live\nX-Evil: 1", "a b"):
        with pytest.raises(NotConfigured) as refused:
            LittlePull(key)
        assert key not in str(refused.value)
    for url in ("ftp://example.com", "example.com", "http://user:word@example.com", "https://example.com?x=1"):
        with pytest.raises(NotConfigured):
            LittlePull("lp_live_x", base_url=url)
    with LittlePull("lp_live_wrong", base_url=product.base_url) as client, pytest.raises(AuthenticationFailed):
        client.account()


def test_ids_cannot_lead_to_another_address(ask):
    with pytest.raises(NotFound):
        ask("get", "../account")
    with pytest.raises(ValueError, match="not empty"):
        ask("get", "..")
