"""The public page of how models do."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse

from littlepull.site.showing import show
from routing.statistics import by_task, model_statistics


async def statistics_page(request: HttpRequest) -> HttpResponse:
    statistics = await sync_to_async(model_statistics)()
    return await show(request, "site/statistics.html", {"statistics": statistics, "tables": by_task(statistics.cells)})
