"""Sound: opened by the one demuxer its bytes call for, measured, and turned into blocks of 16 kHz mono."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from extraction.media.decoding import decoding
from extraction.media.facts import MediaFacts
from extraction.media.refusals import MAX_AUDIO_SECONDS, refused
from extraction.media.sniff import Sniffed

if TYPE_CHECKING:
    import numpy as np

RATE = 16_000
MIN_SECONDS = 0.02
BLOCK_SECONDS = 240  # what is in memory at once: four hours as one array would be 900 MB
CUT_WITHIN_SECONDS = 30  # a block ends at the quietest moment of its last half minute
CODECS = {"aac", "alac", "flac", "mp3", "mp3float", "opus", "libopus", "vorbis", "libvorbis"}
CODEC_FAMILIES = ("pcm_", "adpcm_")
ATTACHED_PICTURE = 1 << 10  # FFmpeg's AV_DISPOSITION_ATTACHED_PIC: cover art is not a video


@contextmanager
def open_audio(media: bytes, sniffed: Sniffed) -> Iterator[Any]:
    """The container, with an allowed sound track. No protocol, no playlist: FFmpeg gets these bytes only."""
    import av

    options = {"protocol_whitelist": "none", "format_whitelist": _demuxers(sniffed)}
    with (
        decoding(),
        av.open(
            io.BytesIO(media), format=sniffed.format, metadata_errors="ignore", container_options=options
        ) as container,
    ):
        _check_streams(container)
        yield container


def _demuxers(sniffed: Sniffed) -> str:
    """FFmpeg knows some demuxers by a list of names, and wants every one of them."""
    return {"mov": "mov,mp4,m4a,3gp,3g2,mj2", "matroska": "matroska,webm"}.get(sniffed.format, sniffed.format)


def _check_streams(container: Any) -> None:
    if any(not int(stream.disposition) & ATTACHED_PICTURE for stream in container.streams.video):
        raise refused("unsupported_media_type")
    if not container.streams.audio:
        raise refused("media_unreadable")
    codec = container.streams.audio[0].codec_context.name
    if codec not in CODECS and not codec.startswith(CODEC_FAMILIES):
        raise refused("unsupported_media_type")


def probe_audio(media: bytes, sniffed: Sniffed) -> MediaFacts:
    """Counts what is there, packet by packet: a header may claim any duration, or none."""
    with open_audio(media, sniffed) as container:
        seconds = _measure(container)
    with open_audio(media, sniffed) as container:
        if not any(frame.samples for frame in _first_frames(container)) or seconds < MIN_SECONDS:
            raise refused("media_unreadable")
    return MediaFacts("audio", sniffed.media_type, len(media), seconds=round(seconds, 3))


def _measure(container: Any) -> float:
    stream = container.streams.audio[0]
    ticks, last = 0, 0
    for packet in container.demux(stream):
        ticks += packet.duration or 0
        last = max(last, (packet.pts or 0) + (packet.duration or 0))
        if ticks * stream.time_base > MAX_AUDIO_SECONDS:
            raise refused("media_too_long")
    return float((ticks or last) * stream.time_base)


def _first_frames(container: Any) -> Iterator[Any]:
    """Some encoders begin with a packet that cannot be decoded alone; sixteen bad ones are no recording."""
    import av

    for number, packet in enumerate(container.demux(container.streams.audio[0])):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            if number >= 16:
                return


def blocks(media: bytes, sniffed: Sniffed) -> Iterator[tuple[float, np.ndarray]]:
    """(start in seconds, samples): pieces of some minutes, cut where it is quiet."""
    import numpy as np

    held: list[np.ndarray] = []
    size, offset = 0, 0
    for samples in _samples(media, sniffed):
        held.append(samples)
        size += len(samples)
        if size >= BLOCK_SECONDS * RATE:
            block = np.concatenate(held)
            cut = _quietest(block)
            yield offset / RATE, block[:cut]
            held, size, offset = [block[cut:].copy()], len(block) - cut, offset + cut
    if size:
        yield offset / RATE, np.concatenate(held)


def _quietest(block: np.ndarray) -> int:
    """Where to cut: the middle of the quietest fifth of a second near the end."""
    import numpy as np

    window = RATE // 5
    tail = block[-CUT_WITHIN_SECONDS * RATE :]
    loudness = np.square(tail[: len(tail) // window * window]).reshape(-1, window).sum(axis=1)
    return len(block) - len(tail) + int(loudness.argmin()) * window + window // 2


def _samples(media: bytes, sniffed: Sniffed) -> Iterator[np.ndarray]:
    """Mono at 16 kHz. A damaged packet is passed over; what decodes is kept, up to the limit."""
    import av

    with open_audio(media, sniffed) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        left = MAX_AUDIO_SECONDS * RATE
        for frame in _frames(container):
            for piece in resampler.resample(frame):
                yield piece.to_ndarray().reshape(-1)[:left]
                left -= piece.samples
            if left <= 0:
                return


def _frames(container: Any) -> Iterator[Any]:
    import av

    for packet in container.demux(container.streams.audio[0]):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            continue
    yield None  # flushes the resampler
