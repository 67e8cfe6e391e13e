"""The mail an owner gets when an endpoint of theirs is told nothing more."""

from __future__ import annotations

from django.conf import settings

from accounts.attempts import MOST_FAILURES
from accounts.mail import send_best_effort
from accounts.models import WebhookEndpoint

REASONS = {
    WebhookEndpoint.Disabled.FAILURES: f"{MOST_FAILURES} messages in a row could not be delivered to it.",
    WebhookEndpoint.Disabled.GONE: "It answered 410 Gone, which asks us not to come again.",
}
TEXT = """\
Hello,

your webhook endpoint {id} at {url} has been switched off:
{reason}

Switch it on again with PATCH {site}/v1/webhook-endpoints/{id} and {{"enabled": true}}.
What it has missed is listed at {site}/v1/webhook-deliveries?endpoint_id={id}&status=failed
for 90 days, and each message can be sent again from there.

LittlePull
"""


def tell_owner(email: str, endpoint: WebhookEndpoint, disabled_because: str) -> None:
    """Best effort: the endpoint itself says why it is off. Asks nothing of the database."""
    reason = REASONS[WebhookEndpoint.Disabled(disabled_because)]
    text = TEXT.format(id=endpoint.pk, url=endpoint.url, reason=reason, site=settings.SITE_URL)
    send_best_effort(email, "A webhook endpoint of yours has been switched off", text, about=f"endpoint {endpoint.pk}")
