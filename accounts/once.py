"""An act with an Idempotency-Key, or without: the act and the memory of it in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from accounts import idempotency
from accounts.models import ApiKey


def carry_out(
    api_key: ApiKey, header: str | None, act: Callable[[], str], *, route: str, asked: str
) -> tuple[str, bool]:
    """The id that `act` answers, and whether it is the answer to an earlier request. Raises IdempotencyError."""
    if header is None:
        return act(), False
    request = idempotency.begin(api_key, header, route=route, fingerprint=idempotency.fingerprint(asked))
    if request.answer_id:
        return request.answer_id, True
    try:
        with transaction.atomic():
            answer_id = act()
            idempotency.answer(request, answer_id)
    except BaseException:
        idempotency.abandon(request)
        raise
    return answer_id, False
