"""What is tried again, how often, how soon, and under which Idempotency-Key: before a server that misbehaves."""

from __future__ import annotations

import io
import logging
import pickle
import re
import socket
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from littlepull_client import (
    APIError,
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    ExtractionFailed,
    InsufficientCredits,
    InvalidRequest,
    LittlePullError,
    NotFound,
    NotPermitted,
    RateLimited,
    ServerFailed,
    TimedOut,
)
from littlepull_client.sending import Patience
from tests.clients.troubled import DROP, Say, Troubled, problem, stream

EXT = "ext_01kaq0xdrx2w7m8dpxg5gxj4mf"


def extraction(status: str = "succeeded", **more) -> dict:
    return {
        "id": EXT,
        "status": status,
        "created_at": "2026-11-23T03:37:26.120Z",
        "media": {"type": "image/png", "bytes": 7, "pages": 1},
        "progress": {"stage": "done", "done": 1, "total": 1},
        "cost": {"estimated": "1.000000", "held": "0.000000", "charged": "1.000000"},
        "data": {"total": 1} if status == "succeeded" else None,
        **more,
    }


def event(sequence: int, kind: str = "progress", stage: str = "recognizing") -> dict:
    return {
        "id": EXT,
        "sequence": sequence,
        "type": kind,
        "progress": {"stage": stage, "done": 0, "total": 1},
        "created_at": "2026-11-23T03:37:26.120Z",
    }


BUSY = problem(429, "rate_limited", headers={"Retry-After": "0"})
RUNNING = problem(409, "idempotency_in_progress", headers={"Retry-After": "0"})
ENDED, ACCEPTED = Say(200, extraction()), Say(202, extraction("queued"))


@pytest.mark.parametrize(
    "trouble", [(BUSY,), (problem(503, "internal_error"),), (Say(502, b"<html>"),), (DROP, DROP), (RUNNING,) * 7],
    ids=["429", "503", "html", "dropped", "still running"],
)  # fmt: skip
def test_a_submission_is_repeated_under_one_idempotency_key_with_the_whole_file(ask_at, trouble):
    with Troubled(*trouble, ENDED) as server:
        ended = ask_at(server.url)("extract", b"the file", schema="receipt")
    assert ended.data == {"total": 1}
    assert len(server.asked) == len(trouble) + 1
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1
    assert all(b"the file" in asked.body for asked in server.asked)


def test_every_call_has_a_key_of_its_own_unless_one_is_given(ask_at):
    with Troubled(ENDED) as server:
        ask = ask_at(server.url)
        for options in ({}, {}, {"idempotency_key": "mine"}):
            ask("extract", b"x", schema="receipt", **options)
    first, second, third = (asked.headers["idempotency-key"] for asked in server.asked)
    assert first != second
    assert third == "mine"


def test_an_open_file_is_sent_from_where_it_stood_in_every_try(ask_at, tmp_path):
    class Pipe(io.RawIOBase):
        """Cannot go back."""

        def __init__(self) -> None:
            self.rest = b"read once"

        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            content, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
            buffer[: len(content)] = content
            return len(content)

    seekable = io.BytesIO(b"skipped|the rest")
    seekable.seek(8)
    path = tmp_path / "a-telling-name.bin"
    path.write_bytes(b"on disk")
    for source, content in ((seekable, b"\r\n\r\nthe rest\r\n"), (Pipe(), b"read once"), (path, b"on disk")):
        with Troubled(BUSY, DROP, ENDED) as server:
            ask_at(server.url)("extract", source, schema="receipt")
        assert [content in asked.body for asked in server.asked] == [True, True, True]
        assert b"a-telling-name" not in server.asked[0].body
    assert not seekable.closed


def test_retries_are_bounded(ask_at):
    with (
        Troubled(problem(500, "internal_error", request_id="req_1", headers={"X-Request-Id": "req_1"})) as server,
        pytest.raises(ServerFailed) as failed,
    ):
        ask_at(server.url, max_retries=2, patience=Patience(retries=2, first_delay=0.01))("account")
    assert len(server.asked) == 3
    assert (failed.value.status, failed.value.code, failed.value.request_id) == (500, "internal_error", "req_1")


def test_still_running_is_waited_for_by_time_and_not_by_count(ask_at):
    patience = Patience(retries=1, first_delay=0.02, still_running=0.4)
    with Troubled(RUNNING) as server, pytest.raises(Conflict, match="idempotency_in_progress"):
        ask_at(server.url, patience=patience)("extract", b"x", schema="receipt")
    assert len(server.asked) > 5


def test_retry_after_is_honoured_in_seconds_and_as_a_date(ask_at):
    for as_date in (False, True):
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
        delay = date if as_date else "1"
        with Troubled(problem(429, "rate_limited", headers={"Retry-After": delay}), ENDED) as server:
            began = time.monotonic()
            ask_at(server.url)("get", EXT)
        assert time.monotonic() - began > 0.9


def test_who_is_to_wait_too_long_is_told_so_at_once(ask_at):
    """A limit of the month is nothing to sleep for."""
    with (
        Troubled(problem(429, "key_limit_reached", headers={"Retry-After": "86400"})) as server,
        pytest.raises(RateLimited) as refused,
    ):
        ask_at(server.url)("get", EXT)
    assert len(server.asked) == 1
    assert refused.value.retry_after == 86400


def test_the_back_off_doubles_has_full_jitter_and_a_ceiling():
    patience = Patience(first_delay=0.5, longest_delay=8.0)
    for failures, most in ((1, 0.5), (2, 1.0), (4, 4.0), (5, 8.0), (50, 8.0)):
        delays = [patience.delay(failures, None) for _ in range(300)]
        assert max(delays) <= most
        assert min(delays) < 0.2 * most < 0.8 * most < max(delays)
    assert 10 <= patience.delay(1, 10) <= 10.5


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, InvalidRequest), (401, AuthenticationFailed), (403, NotPermitted), (404, NotFound), (409, Conflict),
     (410, NotFound), (413, InvalidRequest), (415, InvalidRequest), (422, InvalidRequest), (302, APIError)],
)  # fmt: skip
def test_refusals_are_not_repeated_and_have_their_own_exception(ask_at, status, kind):
    errors = [{"pointer": "/options/pages", "message": "Page ranges count from 1."}]
    with (
        Troubled(problem(status, "some_code", errors=errors, headers={"X-Request-Id": "req_7"})) as server,
        pytest.raises(kind) as refused,
    ):
        ask_at(server.url)("extract", b"x", schema="receipt")
    assert len(server.asked) == 1
    assert (refused.value.code, refused.value.detail) == ("some_code", "It is some_code.")
    assert refused.value.errors[0].pointer == "/options/pages"
    assert refused.value.request_id == "req_7"


def test_missing_credits_say_how_many(ask_at):
    with (
        Troubled(problem(402, "insufficient_credits", required="2.000000", available="0.500000")) as server,
        pytest.raises(InsufficientCredits) as refused,
    ):
        ask_at(server.url)("extract", b"x", schema="receipt")
    assert (refused.value.required, refused.value.available) == (Decimal(2), Decimal("0.5"))
    with Troubled(problem(402, "spending_cap_reached")) as server, pytest.raises(InsufficientCredits) as refused:
        ask_at(server.url)("extract", b"x", schema="receipt")
    assert refused.value.required is None


def test_nobody_there(ask_at):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ConnectionFailed) as failed:
        ask_at(url)("account")
    assert "lp_live_secret" not in repr(failed.value) + str(failed.value.__cause__) + str(failed.value.__context__)


def test_a_server_that_falls_silent(ask_at):
    patience = Patience(retries=1, first_delay=0.01)
    with Troubled(Say(200, {}, after=2)) as server, pytest.raises(TimedOut):
        ask_at(server.url, timeout=0.2, patience=patience)("account")
    assert len(server.asked) == 2


def test_an_answer_cut_off_in_its_middle_is_asked_for_again(ask_at):
    with Troubled(Say(200, extraction(), promised=50), ENDED) as server:
        assert ask_at(server.url)("get", EXT).status == "succeeded"


def test_no_answer_of_a_stranger_is_quoted(ask_at):
    """A proxy's page may hold anything."""
    with (
        Troubled(Say(404, b"<html>secret of a proxy", {"Content-Type": "text/html"})) as server,
        pytest.raises(NotFound) as refused,
    ):
        ask_at(server.url)("get", EXT)
    assert "secret" not in str(refused.value)
    with Troubled(Say(200, b"<html>secret of a proxy")) as server, pytest.raises(APIError, match="base URL") as refused:
        ask_at(server.url)("get", EXT)
    assert "secret" not in str(refused.value)


def test_waiting_follows_the_events_through_broken_connections(ask_at):
    """F3: taken up again after the last event heard, and none is told twice."""
    heard = []
    first, rest = stream(event(1), event(2), promised=100), stream(event(2), event(3), event(4, "succeeded", "done"))
    with Troubled(ACCEPTED, first, DROP, rest, ENDED) as server:
        ended = ask_at(server.url)("extract", b"x", schema="receipt", on_progress=lambda one: heard.append(one.stage))
    assert ended.data == {"total": 1}
    assert heard == ["recognizing"] * 3 + ["done"]
    assert [asked.headers.get("last-event-id") for asked in server.asked] == [None, "0", "2", "2", None]


def test_where_events_do_not_get_through_the_client_asks_until_the_end(ask_at):
    running = Say(200, extraction("running", data=None))
    with Troubled(ACCEPTED, DROP, DROP, running, running, ENDED) as server:
        patience = Patience(retries=1, first_delay=0.01)
        assert ask_at(server.url, patience=patience)("extract", b"x", schema="receipt").status == "succeeded"
    assert re.fullmatch(r"/v1/extractions/ext_\w+", server.asked[-1].path)


def test_an_extraction_that_does_not_end_in_time_tells_its_id(ask_at):
    with (
        Troubled(ACCEPTED, stream(), Say(200, extraction("running"))) as server,
        pytest.raises(TimedOut) as late,
    ):
        ask_at(server.url)("extract", b"x", schema="receipt", wait=0.7)
    assert late.value.extraction_id == EXT
    assert server.asked[0].headers["prefer"] == "wait=1"


def test_an_extraction_that_failed_is_an_exception_with_its_code(ask_at):
    broken = {"code": "engine_crashed", "detail": "Our engine could not finish it."}
    with (
        Troubled(Say(200, extraction("failed", error=broken))) as server,
        pytest.raises(ExtractionFailed) as failed,
    ):
        ask_at(server.url)("extract", b"x", schema="receipt")
        assert ask_at(server.url)("get", EXT).error.code == "engine_crashed"
    assert (failed.value.code, failed.value.extraction.id) == ("engine_crashed", EXT)


def test_without_waiting_nobody_waits(ask_at):
    with Troubled(ACCEPTED) as server:
        begun = ask_at(server.url)("extract", b"x", schema="receipt", wait=False)
    assert (begun.status, begun.is_finished, len(server.asked)) == ("queued", False, 1)
    assert "prefer" not in server.asked[0].headers


def test_lists_are_fetched_page_by_page_and_no_further_than_wanted(ask_at):
    page = {"data": [extraction()] * 100, "next_cursor": EXT}
    with Troubled(Say(200, page), Say(200, {**page, "next_cursor": None})) as server:
        assert len(ask_at(server.url)("list")) == 200
        assert "cursor=" not in server.asked[0].path
        assert f"cursor={EXT}" in server.asked[1].path
    with Troubled(Say(200, page)) as server:
        assert len(ask_at(server.url)("list", limit=3)) == 3
    assert "limit=3" in server.asked[0].path
    assert len(server.asked) == 1


def test_a_redirect_never_takes_the_key_elsewhere(ask_at):
    with Troubled(ENDED) as elsewhere, Troubled(Say(307, {}, {"Location": elsewhere.url})) as server:
        with pytest.raises(APIError):
            ask_at(server.url)("get", EXT)
        assert not elsewhere.asked


CHAT = {"messages": [{"role": "user", "content": "hello"}], "stream": True}


def chunks(*messages: str, promised: int = 0) -> Say:
    body = "".join(f"data: {message}\n\n" for message in messages).encode()
    return Say(200, body, {"Content-Type": "text/event-stream"}, promised=promised)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (chunks('{"choices": []}', '{"error": {"code": "cut", "message": "It broke off."}}'), ServerFailed),
        (chunks('{"choices": []}'), ConnectionFailed),
        (chunks('{"choices": []}', promised=9), ConnectionFailed),
    ],
    ids=["told", "no end", "dropped"],
)
def test_a_stream_that_breaks_off_says_so_and_is_not_begun_again(ask_at, answer, kind):
    with Troubled(BUSY, DROP, answer) as server, pytest.raises(kind):
        ask_at(server.url)("chat.completions.create", **CHAT)
    assert len(server.asked) == 3
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1


def test_the_key_is_in_no_log_even_at_its_most_talkative(ask_at, caplog, monkeypatch):
    for name in ("", "httpx", "httpcore", "httpcore.connection", "httpcore.http11"):
        caplog.set_level("DEBUG", name)
        monkeypatch.setattr(logging.getLogger(name), "disabled", False)
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    with Troubled(DROP, BUSY, ENDED) as server:
        ask_at(server.url)("extract", b"content of the file", schema={"title": "schema of mine"})
    assert server.asked[0].headers["authorization"] == "Bearer lp_live_secret"
    assert "/v1/extractions" in caplog.text
    assert "send_request_headers" in caplog.text
    assert not any(words in caplog.text for words in ("lp_live_secret", "content of the file", "schema of mine"))


def test_exceptions_travel_between_processes(ask_at):
    poor = problem(402, "insufficient_credits", required="2.000000", available="0.500000")
    failed = Say(200, extraction("failed", error={"code": "engine_crashed", "detail": "It crashed."}))
    for answer, names in ((poor, ("status", "code", "required")), (failed, ("code", "extraction"))):
        with Troubled(answer) as server, pytest.raises(LittlePullError) as raised:
            ask_at(server.url)("extract", b"x", schema="receipt")
        copy = pickle.loads(pickle.dumps(raised.value))
        assert (type(copy), str(copy)) == (type(raised.value), str(raised.value))
        assert all(getattr(copy, name) == getattr(raised.value, name) for name in names)
