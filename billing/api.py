"""GET /v1/account: who the key belongs to and what it may still spend."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from ninja import Router, Schema

from accounts.auth import ApiKeyAuth, KeyRequest
from accounts.models import Scope
from billing import ledger
from billing.pricing import format_credits

router = Router(tags=["Account"])


class KeyOut(Schema):
    id: str
    masked: str
    name: str
    mode: str
    scopes: list[str]
    created_at: str
    expires_at: str | None


class CreditsOut(Schema):
    available: str
    held: str
    frozen: str
    debt: str


class AccountOut(Schema):
    id: str
    email: str
    created_at: str
    key: KeyOut
    credits: CreditsOut


@router.get(
    "/account",
    response=AccountOut,
    auth=ApiKeyAuth(Scope.ACCOUNT_READ),
    summary="The account behind this key",
)
async def get_account(request: KeyRequest) -> dict:
    key = request.auth
    wallet = await sync_to_async(ledger.get_wallet)(key)
    return {
        "id": key.user.id,
        "email": key.user.email,
        "created_at": key.user.date_joined.isoformat(),
        "key": {
            "id": key.id,
            "masked": key.masked,
            "name": key.name,
            "mode": key.mode,
            "scopes": key.scopes,
            "created_at": key.created_at.isoformat(),
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        },
        "credits": {name: format_credits(getattr(wallet, name)) for name in ("available", "held", "frozen", "debt")},
    }
