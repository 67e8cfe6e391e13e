"""GET /v1/usage: parse, sum, render."""

from __future__ import annotations

from typing import Annotated, Any

from asgiref.sync import sync_to_async
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.answers import render_time
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import Scope
from billing.pricing import format_credits
from billing.windows import Window
from littlepull.usage import Grouping, sum_usage

router = Router(tags=["Account"])


class UsageRow(Schema):
    group: str = Field(description="A day, a key's id, a model, a task or a media type; empty for what has none.")
    requests: int
    succeeded: int
    failed: int
    credits: str


class UsageOut(Schema):
    begin: str | None = Field(alias="from")
    end: str | None = Field(alias="to")
    group_by: str
    data: list[UsageRow]


@router.get(
    "/usage",
    response=UsageOut,
    by_alias=True,
    auth=ApiKeyAuth(Scope.ACCOUNT_READ),
    summary="What the account has used, summed by day, key, model, task or media type",
)
async def get_usage(
    request: KeyRequest, window: Query[Window], group_by: Annotated[Grouping, Query()] = "day"
) -> dict[str, Any]:
    """Of the last thirty days if nothing is said. Gateway requests are kept for ninety days."""
    begin, end = window.resolve()
    sums = await sync_to_async(sum_usage)(request.auth.user, begin, end, by=group_by)
    rows = [
        {
            "group": group,
            "requests": one.requests,
            "succeeded": one.succeeded,
            "failed": one.failed,
            "credits": format_credits(one.credits),
        }
        for group, one in sums.items()
    ]
    return {"from": render_time(begin), "to": render_time(end), "group_by": group_by, "data": rows}
