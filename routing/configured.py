"""Which providers this installation may call. Settings are read at each call, never at import."""

from __future__ import annotations

from django.conf import settings

from routing.contracts import Candidate, Endpoint
from routing.errors import NoProvider, UnknownModel
from routing.providers import PROVIDERS


def get_endpoint(provider: str) -> Endpoint:
    configured = settings.LLM_PROVIDERS.get(provider)
    if provider not in PROVIDERS or configured is None:
        raise UnknownModel
    base_url = configured.get("base_url") or PROVIDERS[provider].base_url
    return Endpoint(provider=provider, base_url=base_url, api_key=configured.get("api_key", ""))


def mapping_candidates() -> list[Candidate]:
    """One model for each configured provider, in the order of PROVIDERS.

    A provider without a model of its own (a self-hosted server) takes part once MAPPING_MODELS names one.
    """
    models = {
        name: settings.MAPPING_MODELS.get(name) or provider.mapping_model
        for name, provider in PROVIDERS.items()
        if name in settings.LLM_PROVIDERS
    }
    return [Candidate(provider, model) for provider, model in models.items() if model]


def get_candidates(model: str) -> list[Candidate]:
    """All of them for "auto"; for "provider/model" that one alone, since whoever names a model means it."""
    if model == "auto":
        if not (candidates := mapping_candidates()):
            raise NoProvider
        return candidates
    provider, _, model_id = model.partition("/")
    if not model_id:
        raise UnknownModel
    get_endpoint(provider)
    return [Candidate(provider, model_id)]
