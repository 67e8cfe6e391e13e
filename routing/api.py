"""/v1/models, /v1/generations, the dry run of a choice, and public statistics: parse, call one verb, render."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse, JsonResponse
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import Scope
from accounts.paging import read_page
from routing import dry_run, vitals
from routing.generation_rows import GENERATION_ID, find_generation, render_generation, render_row
from routing.models import Generation
from routing.offers import offers_to, render_offer
from routing.statistics import model_statistics, render
from routing.words import Cause, Exclusion, Finish, Outcome, Policy, Task

router = Router(tags=["Gateway"])
READ, WRITE = ApiKeyAuth(Scope.CHAT_READ), ApiKeyAuth(Scope.CHAT_WRITE)
Share = Annotated[float, Field(ge=0, le=1)]
Credits = Annotated[str, Field(pattern=r"^\d+\.\d{6}$", description="Credits; a credit is a US cent")]


class PriceOut(Schema):
    """Credits for a million tokens. Null: as other input."""

    input: Credits
    cached_input: Credits | None
    cache_write: Credits | None
    output: Credits
    unit: Literal["credits per million tokens"]
    version: int


class DataPolicyOut(Schema):
    """Null: unknown."""

    retention_days: int | None
    trains_on_requests: bool | None
    region: str | None


class ModelOut(Schema):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str = Field(description="The provider")
    context_length: int
    max_output_tokens: int
    capabilities: list[Literal["tools", "structured_output", "vision", "streaming"]]
    pricing: PriceOut
    data_policy: DataPolicyOut
    quality: dict[Task, Share]


class ModelList(Schema):
    """`policies`: what may stand for a model's name, to have one chosen."""

    object: Literal["list"]
    data: list[ModelOut]
    policies: list[str]


class TokensOut(Schema):
    input_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    output_tokens: int
    estimated: bool


class TokenCostOut(Schema):
    """`total` null: the price was unknown."""

    total: Credits | None
    input: Credits
    cached_input: Credits
    cache_write: Credits
    output: Credits


class GenerationRow(Schema):
    id: str
    object: Literal["generation"]
    created_at: datetime
    api_key_id: str
    status: Literal["succeeded", "failed", "cut", "canceled"]
    outcome: Outcome
    task: Task
    cause: Cause
    confidence: Share
    difficulty: Share
    policy: Policy
    model: str | None
    provider: str | None
    streamed: bool
    finish_reason: Finish | None
    usage: TokensOut
    cost: TokenCostOut
    latency_ms: int
    first_token_ms: int | None
    overhead_ms: float
    feedback: Share | None


class GenerationList(Schema):
    data: list[GenerationRow]
    next_cursor: str | None = None


class AttemptOut(Schema):
    number: int
    model: str
    outcome: Outcome
    status: int | None
    latency_ms: int
    first_token_ms: int | None


class CandidateOut(Schema):
    model: str
    rank: int
    score: Share
    quality: Share | None
    expected_cost: Credits
    expected_ms: int


class ExcludedOut(Schema):
    model: str
    reason: Exclusion


class DecisionOut(Schema):
    explored: bool
    affine: bool
    quality_version: int | None
    price_version: int | None
    reason: str
    candidates: list[CandidateOut]
    excluded: list[ExcludedOut]


class GenerationOut(GenerationRow):
    attempts: list[AttemptOut]
    decision: DecisionOut


class DryRunOut(Schema):
    object: Literal["dry_run"]
    task: Task
    cause: Cause
    confidence: Share
    difficulty: Share
    policy: Policy
    model: str | None = Field(description="Who would be asked first; null: nobody can serve it")
    decision: DecisionOut


class FeedbackIn(Schema):
    model_config = ConfigDict(extra="forbid")

    score: Share = Field(description="How good the answer was: 0 useless, 1 as wished")


class PeriodOut(Schema):
    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")


class ThresholdsOut(Schema):
    keys: int
    requests: int


class CellOut(Schema):
    """Figures are rounded; null where too few keys stand behind one."""

    task: Task
    model: str
    requests: int
    success_share: Share
    input_tokens: int
    output_tokens: int
    first_token_ms_p50: int | None
    first_token_ms_p95: int | None
    tokens_per_second_p50: int | None
    feedback_mean: Share | None


class StatisticsOut(Schema):
    """`withheld`: how many cells fewer keys or requests stand behind than `thresholds` says."""

    object: Literal["list"]
    period: PeriodOut
    thresholds: ThresholdsOut
    withheld: int
    data: list[CellOut]


@router.get("/models", response=ModelList, summary="The models that this key may call", auth=READ)
async def list_models(request: KeyRequest) -> HttpResponse:
    offers = await offers_to(request.auth)
    policies = ["auto", *(f"auto:{policy}" for policy in ("cheapest", "fastest", "best"))]
    data = [render_offer(offer) for offer in offers]
    return JsonResponse({"object": "list", "data": data, "policies": policies if data else []})


@router.get("/generations", response=GenerationList, summary="Your requests, newest first", auth=READ)
async def list_generations(
    request: KeyRequest,
    task: Task | None = None,
    model: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")] = None,
    status: Literal["succeeded", "failed", "cut", "canceled"] | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(pattern=f"^{GENERATION_ID.pattern}$")] = None,
) -> HttpResponse:
    wanted = {"task": task, "model": model, "status": status}
    mine = Generation.objects.owned_by(request.auth.user)
    mine = mine.filter(**{name: value for name, value in wanted.items() if value is not None})
    rows, next_cursor = await read_page(mine, limit=limit, cursor=cursor)
    return JsonResponse({"data": [render_row(row) for row in rows], "next_cursor": next_cursor})


@router.get(
    "/generations/{generation_id}",
    response=GenerationOut,
    summary="One request: figures, tries, and the decision behind it",
    auth=READ,
)
async def get_generation(request: KeyRequest, generation_id: str) -> HttpResponse:
    return JsonResponse(render_generation(await _get_owned(request, generation_id)))


@router.post(
    "/generations/{generation_id}/feedback",
    response=GenerationOut,
    summary="How good was the answer?",
    auth=WRITE,
)
async def give_feedback(request: KeyRequest, generation_id: str, body: FeedbackIn) -> HttpResponse:
    """A later word replaces an earlier one."""
    generation = await _get_owned(request, generation_id)
    first_word = generation.score is None
    generation.score = round(1000 * body.score)
    await generation.asave(update_fields=["score"])
    if first_word and generation.model_id:
        vitals.note_feedback(generation.model_id, body.score)
    return JsonResponse(render_generation(generation))


@router.post(
    "/chat/completions/dry-run",
    response=DryRunOut,
    summary="Which model would answer, and why; nobody is asked, nothing is stored or charged",
    openapi_extra=dry_run.BODY,
    auth=WRITE,
)
async def try_dry(request: KeyRequest) -> HttpResponse:
    return JsonResponse(await dry_run.decide(request.auth, request.body, request.headers))


@router.get(
    "/statistics/models",
    response=StatisticsOut,
    by_alias=True,
    summary="How models do, by kind of task: public, and only where it names nobody",
    auth=None,
)
async def get_statistics(request: Any) -> HttpResponse:
    response = JsonResponse(render(await sync_to_async(model_statistics)()))
    response["Cache-Control"] = "public, max-age=300"
    return response


async def _get_owned(request: KeyRequest, generation_id: str) -> Generation:
    generation = await find_generation(request.auth.user, generation_id)
    if generation is None:
        raise Http404
    return generation
