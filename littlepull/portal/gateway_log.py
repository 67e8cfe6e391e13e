"""The gateway's log: a line a request, and the decision behind each. Of what was asked and answered nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from littlepull.portal.access import PortalRequest, signed_in
from littlepull.portal.cursor_pages import get_owned, read_page
from littlepull.portal.gateway_form import GenerationForm
from littlepull.portal.gateway_words import (
    CAUSES,
    EXCLUSIONS,
    OUTCOMES,
    POLICIES,
    Ending,
    Words,
    ending_of,
    task_words,
)
from littlepull.portal.group_words import name_key
from littlepull.portal.job_words import duration_words
from littlepull.portal.jobs import shorten_id
from littlepull.portal.latency_bar import LatencyBar, draw_latency
from routing.generation_rows import render_generation
from routing.models import Attempt, Generation, Weighed
from routing.words import Outcome


@dataclass(frozen=True, slots=True)
class GenerationRow:
    generation: Generation
    short_id: str
    task: str
    ending: Ending
    key: str
    tokens: str
    took: str
    bar: LatencyBar


@dataclass(frozen=True, slots=True)
class Try:
    attempt: Attempt
    tone: str
    outcome: Words
    took: str
    first_token: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """`why_not` is empty where it was in the running."""

    weighed: Weighed
    expected: str
    why_not: Words


@signed_in
@require_GET
def gateway_page(request: PortalRequest) -> HttpResponse:
    mine = Generation.objects.owned_by(request.user)
    form = GenerationForm(request.GET, user=request.user)
    rows = form.narrow(mine).select_related("api_key").prefetch_related("attempts")
    found, older = read_page(rows, request)
    shown = {
        "section": "gateway",
        "form": form,
        "rows": _rows(found),
        "older": older,
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "is_open": bool(settings.LLM_PROVIDERS),
    }
    return render(request, "portal/gateway_log.html", shown)


@signed_in
@require_GET
def generation_page(request: PortalRequest, generation_id: str) -> HttpResponse:
    mine = Generation.objects.owned_by(request.user).select_related("api_key")
    generation = get_owned(mine.prefetch_related("attempts", "weighed"), generation_id)
    shown = {
        "section": "gateway",
        "generation": generation,
        "row": _rows([generation])[0],
        "cause": CAUSES.get(generation.cause, generation.cause),
        "policy": POLICIES.get(generation.policy, generation.policy),
        "reason": render_generation(generation)["decision"]["reason"],
        "tries": _tries(generation),
        **_candidates(generation),
    }
    return render(request, "portal/generation.html", shown)


def _rows(found: list[Generation]) -> list[GenerationRow]:
    longest = max((one.latency_ms for one in found), default=0)
    return [
        GenerationRow(
            one,
            shorten_id(one.pk),
            task_words(one.task),
            ending_of(one),
            name_key(one.api_key),
            f"{one.input_tokens:,} → {one.output_tokens:,}",
            duration_words(one.latency_ms),
            draw_latency(one, longest=longest),
        )
        for one in found
    ]


def _tries(generation: Generation) -> list[Try]:
    return [
        Try(
            one,
            "good" if one.outcome == Outcome.OK else "bad",
            OUTCOMES.get(one.outcome, one.outcome),
            duration_words(one.latency_ms),
            "–" if one.first_token_ms is None else duration_words(one.first_token_ms),
        )
        for one in sorted(generation.attempts.all(), key=lambda one: one.number)
    ]


def _candidates(generation: Generation) -> dict[str, Any]:
    """In the order in which they were to be tried; and those that were not in the running."""
    weighed = sorted(generation.weighed.all(), key=lambda one: (one.rank is None, one.rank, one.model_id))
    return {
        "ranked": [_candidate(one) for one in weighed if one.rank is not None],
        "excluded": [_candidate(one) for one in weighed if one.rank is None],
    }


def _candidate(one: Weighed) -> Candidate:
    expected = "–" if one.expected_ms is None else duration_words(one.expected_ms)
    return Candidate(one, expected, EXCLUSIONS.get(one.excluded, one.excluded))


urlpatterns = [
    path("portal/gateway", gateway_page, name="gateway_log"),
    path("portal/gateway/<str:generation_id>", generation_page, name="generation"),
]
