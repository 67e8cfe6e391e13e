"""A Whisper that does not listen to what it appended itself.

Every stretch is padded to thirty seconds before it is encoded, and encoding costs more than in proportion: a
memo of six seconds spends most of its time there. Here the padding is cut to some seconds. None at all would
be too little: the model then does not know where the speech ends, and invents more of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.vad import VadOptions, collect_chunks, get_speech_timestamps

FRAMES_A_SECOND = 100
PADDING = 5 * FRAMES_A_SECOND
SHORTEST = 15 * FRAMES_A_SECOND


class ShortWhisper(WhisperModel):
    _encoded: tuple[np.ndarray, Any] | None = None

    def encode(self, features: np.ndarray) -> Any:
        """What was encoded to find the language is not encoded again to be transcribed."""
        if self._encoded is None or not np.array_equal(self._encoded[0], features):
            self._encoded = features, super().encode(features[:, : _length(features)])
        return self._encoded[1]

    def forget(self) -> None:
        self._encoded = None

    def chances(self, samples: np.ndarray, vad: VadOptions) -> list[tuple[str, float]]:
        """By language, the likeliest first, from the first half minute that is spoken; none where nobody speaks."""
        spoken = get_speech_timestamps(samples, vad)
        if not spoken:
            return []
        pieces, _ = collect_chunks(samples, spoken)
        features = self.feature_extractor(np.concatenate(pieces))[:, :-1]
        _, _, chances = self.detect_language(features=features[:, : self.feature_extractor.nb_max_frames])
        return sorted(chances, key=lambda chance: -chance[1])


def _length(features: np.ndarray) -> int:
    filled = int(np.flatnonzero(np.any(features, axis=0)).max(initial=0)) + 1
    return min(features.shape[1], max(SHORTEST, filled + PADDING))
