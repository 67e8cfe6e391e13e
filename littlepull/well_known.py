"""What machines look for under /.well-known: here, the keys by which our statements are verified."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse

from accounts.signing import public_keys


async def signing_keys(request: HttpRequest) -> JsonResponse:
    """A JWK Set. It may be cached: a key that is retired stays published."""
    response = JsonResponse(public_keys())
    response["Cache-Control"] = "public, max-age=3600"
    return response
