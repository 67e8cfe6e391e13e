"""POST /webhooks/{provider}: takes a payment provider's delivery in, and answers before anything is done about it."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.intake import take_in
from billing.providers.errors import BadSignature, MalformedEvent


@csrf_exempt
@require_POST
async def receive(request: HttpRequest, provider: str) -> HttpResponse:
    """200: it is stored. 401: not believed. 400: signed, and yet not to be read."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        await sync_to_async(take_in)(provider, headers, request.body)
    except BadSignature:
        return HttpResponse(status=401)
    except MalformedEvent:
        return HttpResponse(status=400)
    return HttpResponse(status=200)
