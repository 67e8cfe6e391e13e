"""The measures the policies name: TLS, hashes, safe sign-in, a database that strangers cannot reach."""

from __future__ import annotations

import ipaddress
import stat
from pathlib import Path
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings
from django.db import connection

from accounts.sign_in import KEPT_OF_A_PROVIDER
from privacy.promises.promise import Finding, found
from routing.configured import get_endpoint

HALF_A_YEAR = 180 * 24 * 60 * 60


def connections_are_encrypted() -> Finding:
    faults = []
    if settings.PRODUCTION:
        if not settings.SECURE_SSL_REDIRECT and not settings.SECURE_PROXY_SSL_HEADER:
            faults.append("plain HTTP is answered")
        if settings.SECURE_HSTS_SECONDS < HALF_A_YEAR:
            faults.append("browsers are not told to stay with TLS")
    where = "in production" if settings.PRODUCTION else "a development server"
    return found(f"{where}: requests without TLS are redirected in production, and browsers told to stay", faults)


def vendors_are_called_over_tls() -> Finding:
    addresses = {name: get_endpoint(name).base_url for name in settings.LLM_PROVIDERS}
    faults = [f"{name} is called without TLS" for name, url in addresses.items() if url and not _is_safe(url)]
    return found(f"{len(addresses)} providers configured, each called over TLS or within our own network", faults)


def signing_in_by_others_is_safe() -> Finding:
    """The code flow with PKCE, over TLS, and no token of theirs is kept."""
    faults = []
    for name, configured in settings.SOCIALACCOUNT_PROVIDERS.items():
        if not configured.get("OAUTH_PKCE_ENABLED"):
            faults.append(f"{name} is asked without PKCE")
        urls = [value for key, value in configured.items() if key.endswith("_URL")]
        faults += [f"{name} is asked without TLS" for url in urls if not _is_safe(str(url))]
    if getattr(settings, "SOCIALACCOUNT_STORE_TOKENS", False) or SocialToken.objects.exists():
        faults.append("tokens of sign-in providers are kept")
    return found(f"{len(settings.SOCIALACCOUNT_PROVIDERS)} providers: code flow with PKCE, tokens not kept", faults)


def providers_tell_name_address_picture() -> Finding:
    """Of what a provider says about a person only that is kept."""
    accounts = SocialAccount.objects.values_list("extra_data", flat=True)
    more = {key for data in accounts.iterator(chunk_size=1000) for key in data} - set(KEPT_OF_A_PROVIDER)
    faults = [f"{name} is kept of what a provider told" for name in sorted(more)]
    return found(f"{accounts.count()} connected accounts: name, address and picture", faults)


def database_is_reached_from_inside() -> Finding:
    told = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        mode = path.stat().st_mode if path.exists() else 0
        faults = ["everybody on the machine may write to the database"] if mode & stat.S_IWOTH else []
        return found("a file of the machine, that no network reaches", faults)
    host = str(told.get("HOST") or "localhost")
    is_open = not _is_inside(host) and not _has_tls(told)
    faults = ["the database stands on a public address, without TLS"] if is_open else []
    return found("a database server within our own network, or reached over TLS", faults)


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or _is_inside(parts.hostname or "")


def _is_inside(host: str) -> bool:
    """A name without a dot is one of our own network's; so is a private address."""
    if host.startswith("/") or ("." not in host and ":" not in host):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.endswith((".internal", ".local", ".localhost"))
    return address.is_private or address.is_loopback


def _has_tls(database: dict) -> bool:
    return str(database.get("OPTIONS", {}).get("sslmode", "")) in {"require", "verify-ca", "verify-full"}
