"""Between our requests and httpx: what both colours of the client share."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx

from littlepull_client.flow import Answer, NoAnswer, Request
from littlepull_client.sending import Patience

CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Terms:
    """Where, as whom, and how patiently."""

    base_url: str
    api_key: str = field(repr=False)
    timeout: float
    patience: Patience
    user_agent: str


def prepare(request: Request, terms: Terms, files: ExitStack) -> dict[str, Any]:
    """The arguments of httpx's build_request; uploads are opened anew, and closed with `files`."""
    silent = terms.timeout + request.lasts
    built: dict[str, Any] = {
        "method": request.method,
        "url": terms.base_url + request.path,
        "params": dict(request.params) or None,
        "headers": {
            **({"Authorization": f"Bearer {terms.api_key}"} if terms.api_key and not request.public else {}),
            "User-Agent": terms.user_agent,
            "Accept": "application/json",
            **request.headers,
        },
        "timeout": httpx.Timeout(silent, connect=min(CONNECT_SECONDS, terms.timeout)),
    }
    if request.uploads:
        built["files"] = [("file", ("upload", files.enter_context(one.open()))) for one in request.uploads]
        built["data"] = dict(request.form)
    elif request.json is not None:
        built["json"] = request.json
    return built


def answer_of(response: httpx.Response, body: bytes = b"") -> Answer:
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def no_answer(error: httpx.RequestError) -> NoAnswer:
    """By its kind alone: what else an error of the network holds is the request."""
    silent = isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout | httpx.PoolTimeout)
    reason = "No answer in time." if silent else f"No answer from the server ({type(error).__name__})."
    return NoAnswer(reason, silent=silent)
