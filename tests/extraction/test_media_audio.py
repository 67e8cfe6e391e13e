"""From recordings to samples: one rate, one channel, bounded blocks, nothing lost at the seams."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.errors import MediaError
from extraction.media import audio
from extraction.media.audio import blocks
from extraction.media.sniff import WAV, sniff
from tests.extraction.tiny_media import encode, sound

RATE = 16_000


def read(media: bytes) -> np.ndarray:
    return np.concatenate([samples for _, samples in blocks(media, sniff(media))])


@pytest.mark.parametrize(("container", "codec"), [("wav", "pcm_s16le"), ("flac", "flac"), ("mp3", "libmp3lame")])
@pytest.mark.parametrize("rate", [8000, 44_100])
def test_everything_becomes_16_khz_mono(container, codec, rate):
    wave = (np.sin(np.arange(2 * rate) * 2 * np.pi * 440 / rate) * 0.3).astype(np.float32)
    samples = read(encode(wave, container, codec, rate=rate))
    assert samples.dtype == np.float32 and len(samples) / RATE == pytest.approx(2.0, abs=0.15)
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() * RATE / len(samples) == pytest.approx(440, abs=3)


def test_long_recordings_come_in_blocks_cut_where_it_is_quiet(monkeypatch):
    monkeypatch.setattr(audio, "BLOCK_SECONDS", 10)
    monkeypatch.setattr(audio, "CUT_WITHIN_SECONDS", 4)
    wave = np.random.default_rng(1).normal(0, 0.2, 25 * RATE).astype(np.float32)
    wave[8 * RATE : 9 * RATE] = 0
    media = encode(wave, "wav", "pcm_s16le")
    pieces = list(blocks(media, WAV))
    assert 8.0 < pieces[1][0] < 9.0
    ends = [round(start * RATE) + len(samples) for start, samples in pieces]
    assert [round(start * RATE) for start, _ in pieces] == [0, *ends[:-1]]
    assert ends[-1] == pytest.approx(25 * RATE, abs=RATE // 10)


def test_a_damaged_middle_does_not_take_the_rest_away():
    media = bytearray(sound("mp3", "libmp3lame", 6.0))
    middle = len(media) // 2
    media[middle : middle + 600] = bytes(600)
    assert len(read(bytes(media))) / RATE > 5.0


def test_noise_under_a_good_name_is_refused():
    with pytest.raises(MediaError) as refused:
        read(b"fLaC" + bytes(5000))
    assert refused.value.code == "media_unreadable"
