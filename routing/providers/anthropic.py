"""Anthropic's Messages API. The schema goes into `output_config`, system messages into `system`."""

from __future__ import annotations

import logging
from typing import Any

import anthropic
from anthropic.types import Message

from routing.contracts import Completion, CompletionRequest, Endpoint, StopReason
from routing.errors import BadCompletion, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from routing.providers.failures import from_status
from routing.providers.transport import TIMEOUT, open_client, tls_context
from routing.structured import ask_enforced, schema_instruction

# At DEBUG the SDK logs whole requests, prompts included, whatever the level of the house.
logging.getLogger("anthropic").setLevel(logging.INFO)
tls_context()  # this module is imported in a thread: build it here, not on the event loop

MAX_UNIONS = 16  # more nullable leaves than this are refused, so the round trip is saved
STOP_REASONS: dict[str | None, StopReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


async def complete(endpoint: Endpoint, request: CompletionRequest) -> Completion:
    schema = request.response_schema

    async def ask(enforce: bool) -> Completion:
        return await _ask(endpoint, request, enforce=enforce)

    return await ask_enforced(ask, enforce=schema is not None and _count_unions(schema) <= MAX_UNIONS)


async def _ask(endpoint: Endpoint, request: CompletionRequest, *, enforce: bool) -> Completion:
    try:
        # Key, address and telemetry are always given, or the SDK goes looking for them in the
        # environment and on disk; its spans can hold the content of prompts.
        async with anthropic.AsyncAnthropic(
            api_key=endpoint.api_key,
            base_url=endpoint.base_url,
            max_retries=0,
            timeout=TIMEOUT,
            http_client=open_client(),
            open_telemetry=False,
        ) as client:
            message = await client.messages.create(**_body(request, enforce=enforce))
    except anthropic.APIError as error:
        failure = _translate(endpoint.provider, error)
    except ValueError:  # the body was not JSON, though it said so
        failure = BadCompletion(endpoint.provider)
    else:
        return _read(endpoint, request, message)
    # Raised out here, our error has no __context__: the SDK's holds the body, which may echo the prompt.
    raise failure


def _body(request: CompletionRequest, *, enforce: bool) -> dict[str, Any]:
    system = [message.content for message in request.messages if message.role == "system"]
    turns = [{"role": m.role, "content": m.content} for m in request.messages if m.role != "system"]
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_output_tokens,
        "messages": turns,
    }
    if enforce:
        body["output_config"] = {"format": {"type": "json_schema", "schema": request.response_schema}}
    elif request.response_schema is not None:
        system.append(schema_instruction(request.response_schema))
    return body | ({"system": "\n\n".join(system)} if system else {})


def _read(endpoint: Endpoint, request: CompletionRequest, message: Message) -> Completion:
    """The SDK checks nothing that it parses, so a body of another shape shows only here."""
    try:
        usage = message.usage
        cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
        return Completion(
            text="".join(block.text for block in message.content if block.type == "text"),
            input_tokens=usage.input_tokens + cached,  # theirs leaves out what came from the cache
            output_tokens=usage.output_tokens,
            provider=endpoint.provider,
            model=request.model,
            stop_reason=STOP_REASONS.get(message.stop_reason, "other"),
        )
    except (AttributeError, TypeError):
        raise BadCompletion(endpoint.provider) from None


def _translate(provider: str, error: anthropic.APIError) -> UpstreamError:
    if isinstance(error, anthropic.APITimeoutError):
        return UpstreamTimeout(provider)
    if isinstance(error, anthropic.APIStatusError):
        return from_status(provider, error.status_code, error.response.headers)
    if isinstance(error, anthropic.APIResponseValidationError):
        return BadCompletion(provider)
    return UpstreamUnavailable(provider)


def _count_unions(schema: Any) -> int:
    if isinstance(schema, list):
        return sum(map(_count_unions, schema))
    if not isinstance(schema, dict):
        return 0
    here = "anyOf" in schema or isinstance(schema.get("type"), list)
    return here + sum(map(_count_unions, schema.values()))
