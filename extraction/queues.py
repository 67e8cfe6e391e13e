"""Which queue a job waits in, by the engine its caller chose: so that some workers may have a GPU, and others none."""

from __future__ import annotations

from django.conf import settings

from extraction.orders import Options

DEFAULT = "cpu"


def queue_for(media_type: str, options: Options) -> str:
    """Without a choice the job is the default engines', which need no GPU."""
    asked = options.asr_engine if media_type.startswith("audio/") else options.ocr_engine
    return settings.ENGINE_QUEUES.get(asked or "", DEFAULT)
