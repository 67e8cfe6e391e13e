"""Spans for OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT names a collector; elsewhere nothing, not even an import.

A span says what was done, to which id, how it ended and how long it took: words of ours and rows of the catalogue,
never content, an address or an error's message.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from time import time_ns
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_tracer: Any = None
_provider: Any = None
MS = 1_000_000  # nanoseconds
LAST_SECONDS = 3


def begin(role: str) -> None:
    """In a server's or a worker's process. `role`: web or worker."""
    global _tracer, _provider
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT or _tracer is not None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        says = "OTEL_EXPORTER_OTLP_ENDPOINT is set: install requirements-otel.txt, or unset it."
        raise ImproperlyConfigured(says) from None
    _provider = TracerProvider(resource=Resource.create({"service.name": f"littlepull-{role}"}), shutdown_on_exit=False)
    endpoint = f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT.rstrip('/')}/v1/traces"
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    atexit.register(end)
    _tracer = _provider.get_tracer("littlepull")


def end() -> None:
    """Sends what has not been sent. A collector that does not answer does not keep us from ending."""
    if _provider is not None:
        _provider.force_flush(LAST_SECONDS * 1000)


class Nothing:
    """A span where nobody collects any."""

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def set_attribute(self, name: str, value: object) -> None:
        pass

    def update_name(self, name: str) -> None:
        pass


NOTHING = Nothing()


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """`attributes` under littlepull., with what is set later by its whole name."""
    return NOTHING if _tracer is None else _span(name, attributes)


def tell_laps(timings: Mapping[str, int], *names: str) -> None:
    """Spans of what was timed elsewhere, in another process: one after the other, up to now."""
    if _tracer is None:
        return
    began = time_ns() - MS * sum(timings.get(f"{name}_ms", 0) for name in names)
    for name in names:
        ended = began + MS * timings.get(f"{name}_ms", 0)
        _tracer.start_span(name, start_time=began).end(end_time=ended)
        began = ended


@contextmanager
def _span(name: str, attributes: Mapping[str, str | int]) -> Iterator[Any]:
    told = {f"littlepull.{key}": value for key, value in attributes.items()}
    # Its own record of an exception would hold the message.
    with _tracer.start_as_current_span(
        name, attributes=told, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_attribute("error.type", type(error).__qualname__)
            raise
