"""The record of processing for anybody to read: every table and column, as a page, as JSON and as CSV."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from accounts.spreadsheets import write_row
from littlepull.site.showing import show
from privacy.data_map import WHOLE_MAP, Category
from privacy.policies import OPERATOR
from privacy.record import COLUMNS, by_category, columns_of, describe_columns, describe_tables, recipients_of

KEPT_SECONDS = 300


@require_safe
async def record(request: HttpRequest) -> HttpResponse:
    categories = [
        (category, [(row, recipients_of(row), columns_of(row)) for row in rows])
        for category, rows in by_category().items()
    ]
    shown = {
        "categories": categories,
        "tables": len(WHOLE_MAP),
        "columns": sum(len(row.fields) for row in WHOLE_MAP),
        "nobody": Category.NOBODY,
    }
    return await show(request, "site/policy_record.html", shown)


@require_safe
def record_json(request: HttpRequest) -> HttpResponse:
    told = {"controller": OPERATOR, "contact": settings.CONTACT_EMAIL, "tables": describe_tables()}
    return _public(JsonResponse(told))


@require_safe
def record_csv(request: HttpRequest) -> HttpResponse:
    """A column a line."""
    told = [{**one, "recipients": ", ".join(one["recipients"])} for one in describe_columns()]
    lines = [COLUMNS, *([one[name] for name in COLUMNS] for one in told)]
    answer = HttpResponse(map(write_row, lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="littlepull-record-of-processing.csv"'
    return _public(answer)


def _public(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return answer


urlpatterns = [
    path("privacy/record", record, name="processing_record"),
    path("privacy/record.json", record_json, name="processing_record_json"),
    path("privacy/record.csv", record_csv, name="processing_record_csv"),
]
