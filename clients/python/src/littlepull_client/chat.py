"""`client.chat.completions.create`, as OpenAI's clients have it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from typing import Any, Literal, overload

from littlepull_client import gateway
from littlepull_client.awaiting import AsyncHands
from littlepull_client.blocking import Hands
from littlepull_client.gateway import ChatCompletion
from littlepull_client.record import Record

Messages = Iterable[Mapping[str, Any]]


class Completions:
    def __init__(self, hands: Hands) -> None:
        self.hands = hands

    @overload
    def create(
        self,
        *,
        messages: Messages,
        model: str = ...,
        stream: Literal[False] = ...,
        idempotency_key: str | None = ...,
        **more: Any,
    ) -> ChatCompletion: ...
    @overload
    def create(
        self,
        *,
        messages: Messages,
        model: str = ...,
        stream: Literal[True],
        idempotency_key: str | None = ...,
        **more: Any,
    ) -> Generator[Record, None, None]: ...
    def create(
        self,
        *,
        messages: Messages,
        model: str = "auto",
        stream: bool = False,
        idempotency_key: str | None = None,
        **more: Any,
    ) -> ChatCompletion | Generator[Record, None, None]:
        """With `stream`, an iterator over chunks. `more` is passed on: tools, response_format, max_tokens, provider…"""
        body = {"model": model, "messages": list(messages), **more}
        if stream:
            return self.hands.iterate(gateway.stream(body, idempotency_key))
        return self.hands.run(gateway.complete(body, idempotency_key))


class Chat:
    def __init__(self, hands: Hands) -> None:
        self.completions = Completions(hands)


class AsyncCompletions:
    def __init__(self, hands: AsyncHands) -> None:
        self.hands = hands

    @overload
    async def create(
        self,
        *,
        messages: Messages,
        model: str = ...,
        stream: Literal[False] = ...,
        idempotency_key: str | None = ...,
        **more: Any,
    ) -> ChatCompletion: ...
    @overload
    async def create(
        self,
        *,
        messages: Messages,
        model: str = ...,
        stream: Literal[True],
        idempotency_key: str | None = ...,
        **more: Any,
    ) -> AsyncGenerator[Record, None]: ...
    async def create(
        self,
        *,
        messages: Messages,
        model: str = "auto",
        stream: bool = False,
        idempotency_key: str | None = None,
        **more: Any,
    ) -> ChatCompletion | AsyncGenerator[Record, None]:
        """As of the blocking client: `async for chunk in await create(stream=True, …)`."""
        body = {"model": model, "messages": list(messages), **more}
        if stream:
            return self.hands.iterate(gateway.stream(body, idempotency_key))
        return await self.hands.run(gateway.complete(body, idempotency_key))


class AsyncChat:
    def __init__(self, hands: AsyncHands) -> None:
        self.completions = AsyncCompletions(hands)
