"""Time: a provider that hangs takes its share and no more, and hears it when nobody waits any longer."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from routing.complete import complete
from routing.contracts import CompletionRequest, Message
from routing.errors import UpstreamTimeout
from routing.providers import load_adapter
from tests.fakes import FakeVendor, Hangs, Says

REQUEST = CompletionRequest(messages=(Message("user", "Total 12.50"),))


async def warm() -> None:
    """The SDKs are imported outside the clock of these tests, as in a server that has served once."""
    await load_adapter("anthropic")
    await load_adapter("groq")


async def test_a_provider_that_hangs_leaves_time_for_the_next(settings):
    await warm()
    with FakeVendor("anthropic", Hangs()) as hanging, FakeVendor("openai", Says("hello")) as well:
        settings.LLM_PROVIDERS = {"anthropic": hanging.settings(), "groq": well.settings()}
        completion = await complete(REQUEST, budget_seconds=1)
        assert await asyncio.to_thread(hanging.hung_up.wait, 5)
    assert [attempt.outcome for attempt in completion.attempts] == ["upstream_timeout", "ok"]
    assert completion.attempts[0].latency == pytest.approx(0.5, abs=0.25)


async def test_the_budget_holds_for_all_tries_together(settings):
    await warm()
    with FakeVendor("anthropic", Hangs()) as one, FakeVendor("openai", Hangs()) as two:
        settings.LLM_PROVIDERS = {
            "anthropic": one.settings(),
            "groq": two.settings(),
            "together": two.settings(),
        }
        started = monotonic()
        with pytest.raises(UpstreamTimeout) as raised:
            await complete(REQUEST, budget_seconds=0.6)
        assert monotonic() - started < 1.2
    assert [attempt.outcome for attempt in raised.value.attempts] == ["upstream_timeout"] * 3


async def test_a_spent_budget_asks_nobody_twice(settings):
    with FakeVendor("openai", Says("late")) as vendor:
        settings.LLM_PROVIDERS = {"groq": vendor.settings(), "together": vendor.settings()}
        with pytest.raises(UpstreamTimeout):
            await complete(REQUEST, budget_seconds=0)
    assert vendor.requests == []


async def test_cancelling_hangs_up_on_the_provider(settings):
    await warm()
    with FakeVendor("openai", Hangs()) as hanging:
        settings.LLM_PROVIDERS = {"groq": hanging.settings(), "together": hanging.settings()}
        task = asyncio.create_task(complete(REQUEST))
        assert await asyncio.to_thread(hanging.asked.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(hanging.hung_up.wait, 5)
    assert len(hanging.requests) == 1


async def test_many_at_once_share_one_loop(settings):
    with FakeVendor("openai", Says("hello")) as vendor:
        settings.LLM_PROVIDERS = {"groq": vendor.settings()}
        completions = await asyncio.gather(*(complete(REQUEST) for _ in range(20)))
    assert {completion.text for completion in completions} == {"hello"}
    assert len(vendor.requests) == 20
