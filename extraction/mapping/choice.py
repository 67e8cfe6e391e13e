"""Who maps: the embedded mapper alone, or a language model over it."""

from __future__ import annotations

from routing.complete import available_models
from routing.configured import get_candidates


def choose_llm(mapper: str, *, test: bool) -> str | None:
    """ "auto" or "provider/model" for routing.complete, or None where no text may leave the machine.

    Test keys never reach a vendor. Raises UnknownModel for a model that nobody here can serve.
    """
    if test or mapper == "embedded":
        return None
    if mapper == "auto":
        return "auto" if available_models() else None
    get_candidates(mapper)
    return mapper
