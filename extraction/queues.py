"""Which queue a job waits in, by the engine its caller chose: so that some workers may have a GPU, and others none."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from extraction.orders import Options

DEFAULT = "cpu"


def unserved(served: Sequence[str]) -> set[str]:
    """Queues that jobs may come to wait in, and that none of these workers takes from (each its queues, by commas)."""
    if "" in served:
        return set()
    return {DEFAULT, *settings.ENGINE_QUEUES.values()} - {name for names in served for name in names.split(",")}


def queue_for(media_type: str, options: Options) -> str:
    """Without a choice the job is the default engines', which need no GPU."""
    asked = options.asr_engine if media_type.startswith("audio/") else options.ocr_engine
    return settings.ENGINE_QUEUES.get(asked or "", DEFAULT)
