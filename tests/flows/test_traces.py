"""Spans of requests, jobs and calls of models, as a collector receives them; and none where there is no collector."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.fakes import Fails, FakeVendor, Says
from tests.flows.conftest import post_extraction
from tests.server import ROOT

EMAIL, FROM, IN_PROMPT, IN_ANSWER = "zora.canary@example.com", "203.0.113.77", "ZANZIBAR7731", "QUOKKA8842"


class Collector(ThreadingHTTPServer):
    """Speaks OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.bodies: list[tuple[str, bytes]] = []

    def spans(self) -> list[tuple[str, Span]]:
        """With the service each is of."""
        told = []
        for _, body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                service = attributes(resource.resource)["service.name"]
                told += [(service, span) for scope in resource.scope_spans for span in scope.spans]
        return told


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        self.server.bodies.append((self.path, body))
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def attributes(told) -> dict[str, object]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in told.attributes}


def test_spans_of_requests_jobs_and_attempts_name_nobody(own_product, collector):
    with FakeVendor("openai", Fails(500), Says(f"It is {IN_ANSWER}.")) as vendor:
        product = own_product(
            GROQ_API_KEY=vendor.settings()["api_key"], GROQ_BASE_URL=vendor.base_url, ENGINE_PRELOAD="rapidocr",
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}",
        )  # fmt: skip
        product.start()
        key = product.create_key(EMAIL, 100)
        prompt = {"messages": [{"role": "user", "content": f"Who is {IN_PROMPT}, {EMAIL}?"}]}
        with product.client(key) as client:
            client.headers.update({"X-Forwarded-For": FROM, "Idempotency-Key": IN_PROMPT})
            extraction = post_extraction(client, options={"mapper": "embedded"}).json()
            client.get(f"/v1/extractions/{extraction['id']}", params={"q": EMAIL})
            del client.headers["Idempotency-Key"]
            model = {"model": "groq/openai/gpt-oss-20b"}
            statuses = [client.post("/v1/chat/completions", json=model | prompt).status_code for _ in range(2)]
        assert sorted(statuses) == [200, 503]
        assert product.stop() == 0  # what has not been sent yet is sent on the way out
    spans = collector.spans()
    assert {path for path, _ in collector.bodies} == {"/v1/traces"}
    named = {(service, span.name): span for service, span in spans}
    got = named["littlepull-web", "GET /v1/extractions/{extraction_id}"]
    assert attributes(got)["http.response.status_code"] == 200
    job = named["littlepull-worker", "extraction"]
    assert attributes(job)["littlepull.job_id"] == extraction["id"]
    steps = {name: span for (service, name), span in named.items() if span.trace_id == job.trace_id}
    assert set(steps) == {"extraction", "read", "decode", "recognize", "map", "finish"}
    assert steps["recognize"].parent_span_id == steps["read"].span_id
    assert steps["map"].parent_span_id == steps["finish"].parent_span_id == job.span_id
    chats = [span for _, span in spans if span.name == "chat"]
    attempts = [span for _, span in spans if span.name == "attempt"]
    assert len(chats) == len(attempts) == 2
    assert {span.parent_span_id for span in attempts} == {span.span_id for span in chats}
    assert all(attributes(span)["littlepull.provider"] == "groq" for span in attempts)
    assert [attributes(span)["error.type"] for span in attempts if "error.type" in attributes(span)] == [
        "UpstreamUnavailable"
    ]
    assert not any(span.events for _, span in spans)
    sent = b"".join(body for _, body in collector.bodies)
    for canary in (EMAIL, FROM, IN_PROMPT, IN_ANSWER, key, key[-20:], "127.0.0.1", str(product.folder)):
        assert canary.encode() not in sent, canary


def test_without_a_collector_nothing_of_it_is_loaded(tmp_path):
    # The client of Redis looks for the API of metrics by itself where somebody has installed it.
    ours = ("opentelemetry.sdk.trace", "opentelemetry.exporter")
    script = f"import sys, littlepull.asgi; print([one for one in sys.modules if one.startswith({ours})])"
    environment = {**os.environ, "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
