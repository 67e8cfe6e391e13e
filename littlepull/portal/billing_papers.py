"""What can be read back: every movement of credits, receipts, and statements to keep."""

from __future__ import annotations

import re
from datetime import timedelta

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.models import ApiKey
from billing import ledger, moves, receipts, statement
from billing.models import Payment, Receipt
from littlepull.portal.access import PortalRequest, signed_in
from littlepull.portal.billing_fields import live_keys
from littlepull.portal.billing_forms import StatementForm
from littlepull.portal.billing_overview import show
from littlepull.portal.billing_words import move_words

PAGE = 50
CURSOR = re.compile(r"txn_[0-9a-z]{26}")
MOST_KEYS = 200


@signed_in
@require_GET
def ledger_page(request: PortalRequest) -> HttpResponse:
    """Of one key's credits, newest first."""
    keys, cursor = list(live_keys(request.user)[:MOST_KEYS]), request.GET.get("cursor", "")
    if cursor and not CURSOR.fullmatch(cursor):
        raise Http404
    asked = request.GET.get("key")
    key = get_object_or_404(ApiKey.objects.owned_by(request.user), pk=asked) if asked else next(iter(keys), None)
    page: list[moves.Move] = []
    older = None
    if key is not None:
        page, older = moves.read_page(ledger.get_wallet(key), limit=PAGE, cursor=cursor or None)
    shown = {
        "section": "billing",
        "keys": keys,
        "key": key,
        "rows": [(move, move_words(move.transaction.kind)) for move in page],
        "older": older,
        "cursor": cursor,
    }
    return render(request, "portal/billing_ledger.html", shown)


@signed_in
@require_GET
def receipt_page(request: PortalRequest, order_id: str) -> HttpResponse:
    return HttpResponse(receipts.render_html(_receipt(request, order_id)))


@signed_in
@require_GET
def receipt_pdf(request: PortalRequest, order_id: str) -> HttpResponse:
    receipt = _receipt(request, order_id)
    response = HttpResponse(receipts.render_pdf(receipt), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="receipt-{receipt.number}.pdf"'
    return response


@signed_in
@require_GET
def download_statement(request: PortalRequest) -> HttpResponse:
    form = StatementForm(request.GET, user=request.user)
    if not form.is_valid():
        return show(request, statement_form=form)
    wallet, begin = ledger.get_wallet(form.cleaned_data["key"]), form.cleaned_data["begin"]
    end = statement.close_window(wallet, form.cleaned_data["end"])
    stated = wallet, min(begin, end), end
    as_csv = request.GET.get("format") == "csv"
    lines, kind = (statement.as_csv, "csv") if as_csv else (statement.as_json, "json")
    content_type = "text/csv; charset=utf-8" if as_csv else "application/json"
    response = StreamingHttpResponse(lines(*stated), content_type=content_type)
    last_day = min(form.cleaned_data["end"] - timedelta(days=1), end)
    name = f"statement-{begin:%Y-%m-%d}-to-{last_day:%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response  # type: ignore[return-value]  # the stubs know no response that streams


def _receipt(request: PortalRequest, order_id: str) -> Receipt:
    rows = Receipt.objects.select_related("payment__product", "payment__user")
    return get_object_or_404(rows, payment__in=Payment.objects.filter(user=request.user, pk=order_id))


urlpatterns = [
    path("portal/billing/ledger", ledger_page, name="billing_ledger"),
    path("portal/billing/statement", download_statement, name="billing_statement"),
    path("portal/billing/orders/<str:order_id>/receipt", receipt_page, name="billing_receipt"),
    path("portal/billing/orders/<str:order_id>/receipt.pdf", receipt_pdf, name="billing_receipt_pdf"),
]
