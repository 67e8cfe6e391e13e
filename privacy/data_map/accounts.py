"""People, how they sign in, their keys and webhooks. Parents first."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.erasure import mask_keys, mask_user
from privacy.data_map.field import ADDRESS_OF, HASHED, OF_A_LIST, OWNERS_LABEL, SEALED_KEY, columns
from privacy.data_map.row import ACTIVE, CONTRACT, DAYS_90, LEGITIMATE, Act, Category, Row
from privacy.data_map.term import HOURS_24, NINETY_DAYS, Term

MAIL = ("mail",)
ACCOUNT, SIGN_INS, KEYS, WEBHOOKS = Category.ACCOUNT, Category.SIGN_INS, Category.KEYS, Category.WEBHOOKS
AS_YOU_LIKE = _("to show pages as you like them")
STAFF_ALONE = _("to let staff do their work")
OUR_ROUTE = _("an address of our own API, and a label by which its caller knows the request")

PEOPLE = (
    Row(
        "accounts.User",
        _("e-mail address, name, password hash, wishes about pages"),
        _("to sign in and be reached"),
        CONTRACT,
        ACTIVE,
        columns(
            identifier="id",
            contact="email",
            name="name",
            digest="password",
            config="theme language usage_kept_days",
            state="is_active is_staff is_superuser",
            time="last_login date_joined",
            because={"email": ADDRESS_OF, "password": HASHED, "name": OWNERS_LABEL},
            purpose={
                "theme language": AS_YOU_LIKE,
                "usage_kept_days": _("to keep records of extractions no longer than you like"),
                "is_staff is_superuser": STAFF_ALONE,
            },
            sent="email",
            masked="email name password theme language usage_kept_days is_active is_staff is_superuser last_login "
            "date_joined",
        ),
        category=ACCOUNT,
        owner="pk",
        secret=("password",),
        act=Act.MASK,
        by=mask_user,
        ground=_("The emptied row stays, since bookkeeping refers to it; it names nobody."),
        recipients=MAIL,
    ),
    Row(
        "accounts.SignIn",
        _("IP address, browser and device of each sign-in"),
        _("to show you who signed in, and warn of strangers"),
        LEGITIMATE,
        DAYS_90,
        columns(identifier="id", link="user", time="at", state="method", network="ip browser device"),
        category=SIGN_INS,
        owner="user",
        term=Term("at", NINETY_DAYS),
    ),
    Row(
        "accounts.Session",
        _("that you are signed in"),
        _("to keep you signed in"),
        CONTRACT,
        _("24 hours"),
        columns(
            secret="session_key session_data",  # noqa: S106 (columns)
            time="expire_date",
            link="user sign_in",
            because={
                "session_data": _("who is signed in, how, and wishes about pages, signed; pages put nothing else in")
            },
        ),
        category=SIGN_INS,
        owner="user",
        secret=("session_key", "session_data"),
        fleeting=True,
        term=Term("expire_date"),
    ),
)
OF_KEYS = (
    Row(
        "accounts.ApiKey",
        _("names, digests and dates of API keys"),
        _("to authenticate API requests"),
        CONTRACT,
        ACTIVE,
        columns(
            identifier="id public_id",
            link="user pays_from",
            label="name",
            digest="digest",
            state="mode",
            config="scopes",
            time="created_at expires_at revoked_at last_used_at",
            because={"name": OWNERS_LABEL, "scopes": OF_A_LIST},
            masked="name public_id digest scopes last_used_at expires_at revoked_at pays_from",
        ),
        category=KEYS,
        owner="user",
        secret=("digest",),
        act=Act.MASK,
        by=mask_keys,
        ground=_("Revoked at once. A key that has moved credits stays in the books, without its name or its secret."),
    ),
    Row(
        "accounts.RetiredSecret",
        _("digest of a key before its reroll"),
        _("to end it with grace"),
        CONTRACT,
        _("24 hours"),
        columns(identifier="id public_id", link="api_key", digest="digest", time="expires_at"),
        category=KEYS,
        owner="api_key__user",
        secret=("digest",),
        fleeting=True,
        term=Term("expires_at"),
    ),
    Row(
        "accounts.IdempotentRequest",
        _("keyed hash of a request"),
        _("to answer a retry once"),
        CONTRACT,
        _("24 hours"),
        columns(
            identifier="id answer_id",
            link="api_key",
            label="route key",
            digest="fingerprint",
            time="created_at",
            because={"route key": OUR_ROUTE},
        ),
        category=KEYS,
        owner="api_key__user",
        secret=("fingerprint",),
        fleeting=True,
        term=Term("created_at", HOURS_24),
    ),
)
OF_WEBHOOKS = (
    Row(
        "accounts.WebhookEndpoint",
        _("addresses to be told at"),
        _("to tell the customer"),
        CONTRACT,
        ACTIVE,
        columns(
            identifier="id",
            link="user",
            address="url",
            label="description",
            config="event_types",
            state="disabled_because",
            usage="failures_in_a_row",
            time="created_at",
            because={"url": ADDRESS_OF, "description": OWNERS_LABEL, "event_types": OF_A_LIST},
        ),
        category=WEBHOOKS,
        owner="user",
    ),
    Row(
        "accounts.WebhookSecret",
        _("sealed signing secrets"),
        _("to sign what we tell"),
        CONTRACT,
        ACTIVE,
        columns(
            identifier="id",
            link="user endpoint",
            sealed="wrapped",
            time="created_at expires_at",
            because={"wrapped": SEALED_KEY},
        ),
        category=WEBHOOKS,
        owner="user",
        secret=("wrapped",),
        fleeting=True,
        term=Term("expires_at"),
    ),
    Row(
        "accounts.WebhookDelivery",
        _("messages sent: ids, states, dates, the caller's own labels; the address"),
        _("to deliver, and to send again on request"),
        CONTRACT,
        DAYS_90,
        columns(
            identifier="id event_id",
            link="user endpoint",
            address="url",
            label="payload",
            state="event_type status",
            usage="attempts",
            time="next_attempt_at created_at ended_at",
            because={
                "url": ADDRESS_OF,
                "payload": _("a message has ids, states, dates and the caller's own labels; a result is a link in it"),
            },
        ),
        category=WEBHOOKS,
        owner="user",
        fleeting=True,
        term=Term("created_at", NINETY_DAYS),
    ),
    Row(
        "accounts.WebhookAttempt",
        _("times and answers of attempts"),
        _("delivery log"),
        CONTRACT,
        DAYS_90,
        columns(
            identifier="id",
            link="delivery",
            usage="number milliseconds",
            time="started_at",
            state="status_code error",
        ),
        category=WEBHOOKS,
        owner="delivery__user",
        fleeting=True,
        goes_with="delivery",
    ),
)
ACCOUNTS = (*PEOPLE, *OF_KEYS, *OF_WEBHOOKS)
