"""How times and amounts are shown: in words or short, with the exact value in the title."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.pricing import format_credits, format_money

register = template.Library()
SOON = timedelta(minutes=1)


@register.simple_tag
def moment(value: datetime | None, nothing: str = "–") -> SafeString | str:
    """Relative words, the exact time (UTC) in the title; beyond a month the date."""
    if not value:
        return nothing
    exact = f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, relative(value))


def relative(value: datetime) -> str:
    away = value - timezone.now()
    distance = abs(away)
    if distance < SOON:
        return _("just now") if away <= timedelta() else _("in a moment")
    if distance >= timedelta(days=30):
        return formats.date_format(value, "j M Y")
    told = _distance(distance)
    return _("in %(time)s") % {"time": told} if away > timedelta() else _("%(time)s ago") % {"time": told}


def _distance(distance: timedelta) -> str:
    if distance < timedelta(hours=1):
        minutes = round(distance / timedelta(minutes=1))
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    if distance < timedelta(days=1):
        hours = round(distance / timedelta(hours=1))
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(distance / timedelta(days=1))
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


@register.simple_tag
def credits(micro: int | None, nothing: str = "–") -> SafeString | str:
    """Two places, more only where they are all there is; every place in the title."""
    if micro is None:
        return nothing
    exact = format_credits(micro)
    unit = _("credit") if exact == "1.000000" else _("credits")
    return format_html('<span class="amount" title="{} {}">{} {}</span>', exact, unit, shorten(exact), unit)


def shorten(exact: str) -> str:
    """`exact`: a decimal with six places, of which as few are kept as tell the amount from nothing."""
    sign, bare = ("−", exact[1:]) if exact.startswith("-") else ("", exact)
    whole, _point, places = bare.partition(".")
    kept = places[:2] if int(whole) or int(places[:2] or 0) else places
    kept = kept.rstrip("0")
    return f"{sign}{int(whole):,}" + (f".{kept}" if kept else "")


@register.simple_tag
def money(amount: int, currency: str) -> str:
    return format_money(amount, currency)


@register.filter
def share(part: int, whole: int) -> int:
    """Percent, for a meter; 0 of nothing."""
    return round(100 * part / whole) if whole else 0
