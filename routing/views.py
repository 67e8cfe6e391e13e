"""The page of public statistics."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from routing.statistics import by_task, model_statistics


async def statistics_page(request: HttpRequest) -> HttpResponse:
    statistics = await sync_to_async(model_statistics)()
    context = {"statistics": statistics, "tables": by_task(statistics.cells)}
    response = render(request, "routing/statistics.html", context)
    response["Cache-Control"] = "public, max-age=300"
    return response
