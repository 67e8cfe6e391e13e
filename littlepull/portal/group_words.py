"""How groups of usage are called, on pages and in downloads."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from accounts.models import ApiKey, User
from littlepull.portal.gateway_words import task_words
from littlepull.usage import Grouping, Half

Named = tuple[Half, str]


def key_names(user: User) -> dict[str, str]:
    return {key.pk: name_key(key) for key in ApiKey.objects.owned_by(user)}


def name_key(key: ApiKey) -> str:
    return key.name or key.masked


def name_group(group: Named, by: Grouping, keys: Mapping[str, str]) -> str:
    """`group`: half and name, as the sums have them."""
    half, name = group
    if by == "key":
        return keys.get(name, name)
    if half == "extraction":
        return name if by == "media_type" else _("Extractions")
    if by == "media_type":
        return _("Gateway requests")
    return task_words(name) if by == "task" else name or _("No model answered")
