"""Every way in for a file: multipart, base64 in JSON, an https address; and a password where it needs one."""

from __future__ import annotations

import base64
import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.extraction.test_media_password import PASSWORD, protected
from tests.flows.conftest import RECEIPT, SMALL_SCHEMA, post_extraction

BASE64 = base64.b64encode(RECEIPT.read_bytes()).decode()


class Shelf(BaseHTTPRequestHandler):
    """A file server of somebody else's."""

    def do_GET(self) -> None:
        self.server.visits.append(self.path)  # type: ignore[attr-defined]
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/receipt.jpg")
            self.end_headers()
        elif self.path.startswith("/inside"):
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/receipt.jpg")  # type: ignore[attr-defined]
            self.end_headers()
        elif self.path.startswith("/endless"):
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):  # until the other side has enough
                while True:
                    self.wfile.write(b"x" * 1_000_000)
        elif self.path.startswith("/receipt.jpg"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(RECEIPT.read_bytes())
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def shelf() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    server.visits = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def at(shelf: ThreadingHTTPServer, path: str) -> str:
    """By the name that the tests' product trusts; by its number it does not."""
    return f"http://localhost:{shelf.server_port}{path}"


def ask(client, *, wait: int = 60, headers: dict[str, str] | None = None, **body: object):
    body.setdefault("schema", SMALL_SCHEMA)
    return client.post("/v1/extractions", json=body, headers={"Prefer": f"wait={wait}", **(headers or {})})


def test_base64_in_json(alice_client):
    """F20: a JSON body with the file in base64, schema and options as objects, or a data: URL."""
    plain = ask(alice_client, file=BASE64, options={"metadata": {"ref": "9"}})
    assert plain.status_code == 200, plain.text
    assert plain.json()["data"] == {"total": 42.05}
    assert plain.json()["metadata"] == {"ref": "9"}
    assert ask(alice_client, file=f"data:image/jpeg;base64,{BASE64}").json()["data"] == {"total": 42.05}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"file": "%%%"}, 422, "invalid_request"),
        ({"file": 7}, 422, "invalid_request"),
        ({"file": [BASE64, BASE64]}, 422, "invalid_request"),
        ({"file": BASE64, "url": "https://example.com/a.jpg"}, 422, "invalid_request"),
        ({}, 422, "invalid_request"),
        ({"file": base64.b64encode(b"no media").decode()}, 415, "unsupported_media_type"),
        ({"file": ""}, 422, "media_unreadable"),
    ],
)
def test_json_that_is_no_order(product, alice_client, body, status, code):
    """F20: refused with a reason, and nothing stays in the spool."""
    answer = ask(alice_client, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not list(product.spool.glob("*"))


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"[" * 100_000, b"\xff\xfe", b'{"file": NaN}'])
def test_a_body_that_is_no_json_object(alice_client, content):
    """F20, F26: a clear refusal, never an error of ours."""
    headers = {"Content-Type": "application/json"}
    answer = alice_client.post("/v1/extractions", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_by_url(alice_client, shelf):
    """F20: fetched by us, redirects followed and checked, read like an upload; a retry does not fetch again."""
    headers = {"Idempotency-Key": f"by-url-{shelf.server_port}"}
    first = ask(alice_client, url=at(shelf, "/moved?signature=presigned"), headers=headers)
    assert first.status_code == 200, first.text
    assert first.json()["data"] == {"total": 42.05}
    visits = len(shelf.visits)  # type: ignore[attr-defined]
    again = ask(alice_client, url=at(shelf, "/moved?signature=presigned"), headers=headers)
    assert again.json()["id"] == first.json()["id"]
    assert len(shelf.visits) == visits  # type: ignore[attr-defined]
    form = {"url": at(shelf, "/receipt.jpg"), "schema_name": "receipt"}
    assert (
        alice_client.post("/v1/extractions", data=form, headers={"Prefer": "wait=60"}).json()["data"]["total"] == 42.05
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/receipt.jpg",
        "https://127.0.0.1/receipt.jpg",
        "https://10.0.0.7/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0x7f000001/",
        "https://user:secret@example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https://" + "a" * 2050,
        "nonsense",
    ],
)
def test_addresses_we_do_not_go_to(product, alice_client, url):
    """F20: https only, public only; nothing charged, nothing left."""
    before = alice_client.get("/v1/account").json()["credits"]
    answer = ask(alice_client, url=url)
    assert answer.status_code == 422
    assert answer.json()["code"] in {"address_not_allowed", "address_unreachable"}
    assert "127" not in answer.json()["detail"]
    assert alice_client.get("/v1/account").json()["credits"] == before
    assert not list(product.spool.glob("*"))


def test_a_redirect_into_our_own_network_is_not_followed(alice_client, shelf):
    """F20: each hop is checked like the first."""
    answer = ask(alice_client, url=at(shelf, "/inside"))
    assert answer.json()["code"] == "address_not_allowed"
    assert shelf.visits == ["/inside"]  # type: ignore[attr-defined]


def test_a_url_that_leads_to_nothing_or_never_ends(own_product, shelf):
    """F20, F22: the size is checked while it streams."""
    product = own_product(MAX_UPLOAD_BYTES="3000000", ENGINE_PRELOAD="", OUTBOUND_TRUSTED_HOSTS="localhost")
    product.start()
    with product.client(product.create_key(credits=5)) as client:
        assert ask(client, url=at(shelf, "/missing")).json()["code"] == "url_not_readable"
        endless = ask(client, url=at(shelf, "/endless"))
        assert (endless.status_code, endless.json()["code"]) == (413, "media_too_large")
        assert ask(client, url="https://nothing.invalid/x.jpg").json()["code"] == "address_unreachable"
        assert client.get("/v1/account").json()["credits"]["available"] == "5.000000"
    assert not list(product.spool.glob("*"))


def test_files_over_the_limit_are_refused_while_they_arrive(own_product):
    """F19, F22: in multipart and in JSON; nothing stays behind."""
    product = own_product(MAX_UPLOAD_BYTES="200000", MAX_INLINE_BYTES="300000", ENGINE_PRELOAD="")
    product.start()
    with product.client(product.create_key(credits=5)) as client:
        for large in (
            post_extraction(client, b"x" * 200_001),
            ask(client, file="A" * 300_000),
            ask(client, file="A" * 270_000),
        ):
            assert (large.status_code, large.json()["code"]) == (413, "media_too_large"), large.text
    assert not list(product.spool.glob("*"))


def test_a_protected_document_is_opened_by_its_password(product, alice_client):
    """F21: in a form and in JSON; the password is in no table and no log."""
    pdf = protected()
    answer = post_extraction(alice_client, pdf, password=PASSWORD, options={"include": ["text"]}).json()
    body = {"file": base64.b64encode(pdf).decode(), "schema": SMALL_SCHEMA, "password": PASSWORD}
    as_json = alice_client.post("/v1/extractions", json=body, headers={"Prefer": "wait=60"}).json()
    assert answer["text"] == "Printed behind a password"
    assert as_json["status"] == "succeeded"
    kept = product.dump()
    assert as_json["id"] in kept
    assert PASSWORD not in kept
    assert PASSWORD not in product.log.read_text()


@pytest.mark.parametrize("form", [{}, {"password": "wrong"}])
def test_without_its_password_a_document_is_refused_and_nothing_charged(alice_client, form):
    """F21: with a code of its own."""
    before = alice_client.get("/v1/account").json()["credits"]
    refused = post_extraction(alice_client, protected(), **form)
    assert (refused.status_code, refused.json()["code"]) == (422, "encrypted_document")
    assert alice_client.get("/v1/account").json()["credits"] == before
