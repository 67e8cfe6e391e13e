"""/v1/payments: parse, call one verb, render."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from accounts import once
from accounts.answers import IdempotencyKey, mark_replayed, render_time
from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import ApiKey, Scope
from accounts.paging import read_page
from billing import ledger, payments, receipts
from billing.errors import UnknownProduct
from billing.models import Payment, Product, Wallet
from billing.pricing import format_credits
from billing.providers.words import Provider

router = Router(tags=["Payments"])
READ, WRITE = ApiKeyAuth(Scope.ACCOUNT_READ), ApiKeyAuth(Scope.BILLING_WRITE)
Credits = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$", description="A decimal number of credits.")]
Url = Annotated[str, Field(max_length=500, pattern=r"^https?://[^\s]+$")]
ProductCode = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_-]+$")]
Id = Annotated[str, Field(max_length=32, pattern=r"^[a-z]{3}_[0-9a-z]{26}$")]


class OrderIn(Schema):
    model_config = ConfigDict(extra="forbid")

    product: ProductCode
    key_id: Id | None = Field(None, description="Whose credits; the calling key's if left out.")
    provider: Provider | None = None
    return_url: Url = ""
    cancel_url: Url = ""


class PaymentOut(Schema):
    id: str
    key_id: str
    product: str
    purpose: str
    provider: str
    status: str
    credits: str
    amount: int = Field(description="As offered, before tax, in the currency's smallest unit.")
    currency: str
    paid: int | None = Field(description="Charged, with tax, in paid_currency's smallest unit.")
    paid_currency: str
    refunded: int
    reference: str = Field(description="The provider's own.")
    checkout_url: str | None
    receipt_number: int | None
    created_at: str
    paid_at: str | None


class PaymentList(Schema):
    data: list[PaymentOut]
    next_cursor: str | None = None


@router.post("/payments", response={201: PaymentOut}, auth=WRITE, summary="Buy credits: answers with a page to pay on")
async def create_payment(request: KeyRequest, body: OrderIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    def order() -> tuple[Payment, bool]:
        wallet, product = find_wallet(request, body.key_id), find_product(body.product)
        provider = body.provider or Provider.DODO

        def place() -> str:
            key = f"api:{uuid.uuid4()}"
            return payments.place_order(wallet, product, user=request.auth.user, provider=provider, key=key).pk

        asked = {"route": "POST /v1/payments", "asked": body.model_dump_json()}
        payment_id, replayed = once.carry_out(request.auth, idempotency_key, place, **asked)
        placed = Payment.objects.select_related("product", "user").get(pk=payment_id)
        payments.open_checkout(placed, return_url=body.return_url, cancel_url=body.cancel_url)
        return _payment(request, payment_id), replayed

    payment, replayed = await sync_to_async(order)()
    response = mark_replayed(JsonResponse(_render_payment(payment), status=201), replayed)
    response["Location"] = f"/v1/payments/{payment.pk}"
    return response


@router.get("/payments", response=PaymentList, auth=READ, summary="Your payments, newest first")
async def list_payments(
    request: KeyRequest,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(pattern=r"^pay_[0-9a-z]{26}$")] = None,
) -> dict[str, Any]:
    rows = Payment.objects.filter(user=request.auth.user).select_related("wallet", "receipt")
    page, following = await read_page(rows, limit=limit, cursor=cursor)
    return {"data": [_render_payment(row) for row in page], "next_cursor": following}


@router.get("/payments/{payment_id}", response=PaymentOut, auth=READ, summary="One payment")
async def get_payment(request: KeyRequest, payment_id: str) -> dict[str, Any]:
    return _render_payment(await sync_to_async(_payment)(request, payment_id))


@router.get("/payments/{payment_id}/receipt", auth=READ, summary="Its receipt, as a page or a PDF")
async def get_receipt(
    request: KeyRequest, payment_id: str, format: Annotated[Literal["html", "pdf"], Query()] = "pdf"
) -> HttpResponse:
    def render() -> HttpResponse:
        receipt = getattr(_payment(request, payment_id), "receipt", None)
        if receipt is None:
            raise Http404
        if format == "html":
            return HttpResponse(receipts.render_html(receipt))
        response = HttpResponse(receipts.render_pdf(receipt), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="receipt-{receipt.number}.pdf"'
        return response

    return await sync_to_async(render)()


def find_wallet(request: KeyRequest, key_id: str | None) -> Wallet:
    """Of the calling key, or of another live one of its owner's."""
    own = ApiKey.objects.usable().owned_by(request.auth.user)
    key = request.auth if key_id is None else get_object_or_404(own, pk=key_id)
    if key.is_test:
        raise UnknownProduct("A test key has no credits to buy: it is free.")
    return ledger.get_wallet(key)


def find_product(code: str) -> Product:
    product = Product.objects.filter(pk=code, active=True).first()
    if product is None:
        raise UnknownProduct("There is no product of this code: GET /v1/prices lists them.")
    return product


def _payment(request: HttpRequest, payment_id: str) -> Payment:
    rows = Payment.objects.filter(user=request.auth.user).select_related("wallet", "receipt")  # type: ignore[attr-defined]
    return get_object_or_404(rows, pk=payment_id)


def _render_payment(payment: Payment) -> dict[str, Any]:
    receipt = getattr(payment, "receipt", None)
    return {
        "id": payment.pk,
        "key_id": payment.wallet.api_key_id,
        "product": payment.product_id,
        "purpose": payment.purpose,
        "provider": payment.provider,
        "status": payment.status,
        "credits": format_credits(payment.credits),
        "amount": payment.amount,
        "currency": payment.currency,
        "paid": payment.paid,
        "paid_currency": payment.paid_currency,
        "refunded": payment.refunded,
        "reference": payment.ref,
        "checkout_url": payment.checkout_url if payment.status == Payment.Status.CREATED else None,
        "receipt_number": receipt.number if receipt else None,
        "created_at": render_time(payment.created_at),
        "paid_at": render_time(payment.paid_at),
    }
