"""Chat completions as OpenAI defined them: Together AI, Fireworks, Groq, and any server of one's own.

They differ in base URL, key and how much of a JSON Schema they enforce. Most hold the model
to it by grammar and never show it the schema, so the schema is always in the prompt as well.
"""

from __future__ import annotations

import logging
from typing import Any

import openai
from openai.types.chat import ChatCompletion

from routing.contracts import Completion, CompletionRequest, Endpoint, StopReason
from routing.errors import BadCompletion, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from routing.providers.failures import from_status
from routing.providers.transport import TIMEOUT, open_client, tls_context
from routing.structured import ask_enforced, schema_instruction

# No debug log of an SDK is worth the prompts it may come to hold.
logging.getLogger("openai").setLevel(logging.INFO)
tls_context()  # this module is imported in a thread: build it here, not on the event loop

STOP_REASONS: dict[str | None, StopReason] = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "content_filter": "refusal",
}


async def complete(endpoint: Endpoint, request: CompletionRequest) -> Completion:
    async def ask(enforce: bool) -> Completion:
        return await _ask(endpoint, request, enforce=enforce)

    return await ask_enforced(ask, enforce=request.response_schema is not None)


async def _ask(endpoint: Endpoint, request: CompletionRequest, *, enforce: bool) -> Completion:
    try:
        async with _client(endpoint) as client:
            chat = await client.chat.completions.create(**_body(request, enforce=enforce))
    except openai.APIError as error:
        failure = _translate(endpoint.provider, error)
    except ValueError:  # the body was not JSON, though it said so
        failure = BadCompletion(endpoint.provider)
    else:
        return _read(endpoint, request, chat)
    # Raised out here, our error has no __context__: the SDK's holds the body, which may echo the prompt.
    raise failure


def _client(endpoint: Endpoint) -> openai.AsyncOpenAI:
    client = openai.AsyncOpenAI(
        api_key=endpoint.api_key or "none",  # a server of one's own may want none, the SDK insists
        base_url=endpoint.base_url,
        max_retries=0,
        timeout=TIMEOUT,
        http_client=open_client(),
    )
    # Taken from the environment when not given; they name an account at OpenAI, nobody else's business.
    client.organization = client.project = None
    return client


def _body(request: CompletionRequest, *, enforce: bool) -> dict[str, Any]:
    # One system message, at the start: chat templates of open models refuse any other arrangement.
    system = [message.content for message in request.messages if message.role == "system"]
    turns = [{"role": m.role, "content": m.content} for m in request.messages if m.role != "system"]
    body: dict[str, Any] = {"model": request.model, "max_tokens": request.max_output_tokens}
    if request.response_schema is not None:
        system.append(schema_instruction(request.response_schema))
        body["response_format"] = _format(request.response_schema) if enforce else {"type": "json_object"}
    first = [{"role": "system", "content": "\n\n".join(system)}] if system else []
    return body | {"messages": first + turns}


def _format(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "result", "strict": True, "schema": schema}}


def _read(endpoint: Endpoint, request: CompletionRequest, chat: ChatCompletion) -> Completion:
    """The SDK checks nothing that it parses, so a body of another shape shows only here."""
    try:
        choice, usage = chat.choices[0], chat.usage
        refused = bool(choice.message.refusal)
        return Completion(
            text=choice.message.content or "",
            input_tokens=usage.prompt_tokens if usage else 0,
            output_tokens=usage.completion_tokens if usage else 0,
            provider=endpoint.provider,
            model=request.model,
            stop_reason="refusal" if refused else STOP_REASONS.get(choice.finish_reason, "other"),
        )
    except (AttributeError, TypeError, IndexError):
        raise BadCompletion(endpoint.provider) from None


def _translate(provider: str, error: openai.APIError) -> UpstreamError:
    if isinstance(error, openai.APITimeoutError):
        return UpstreamTimeout(provider)
    if isinstance(error, openai.APIStatusError):
        return from_status(provider, error.status_code, error.response.headers)
    if isinstance(error, openai.APIResponseValidationError):
        return BadCompletion(provider)
    return UpstreamUnavailable(provider)
