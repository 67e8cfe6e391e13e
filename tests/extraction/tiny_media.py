"""Small files of every kind we read, made where they are needed."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageDraw, ImageFont
from pillow_heif import register_heif_opener

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def picture(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    if kind == "HEIF":
        register_heif_opener()
    buffer = io.BytesIO()
    (image or Image.new("RGB", (40, 30), "white")).save(buffer, kind, **options)
    return buffer.getvalue()


def note(*lines: str, size: tuple[int, int] = (900, 500), mode: str = "RGB") -> Image.Image:
    """Black print on white, large enough to be read without doubt."""
    page = Image.new(mode, size, "white")
    font = ImageFont.load_default(44)
    for row, line in enumerate(lines):
        ImageDraw.Draw(page).text((60, 60 + 80 * row), line, "black", font)
    return page


def sound(container: str, codec: str, seconds: float = 1.0, *, rate: int = 16_000, **options: str) -> bytes:
    """A tone."""
    wave = np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 440 / rate) * 0.3
    return encode(wave.astype(np.float32), container, codec, rate=rate, options=options)


def encode(
    wave: np.ndarray, container: str, codec: str, *, rate: int = 16_000, options: dict[str, str] | None = None
) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container, options=options or {}) as target:
        stream = target.add_stream(codec, rate=48_000 if codec == "libopus" else rate, layout="mono")
        resampler = av.AudioResampler(
            format=stream.format or "flt", layout="mono", rate=stream.rate, frame_size=stream.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    return buffer.getvalue()


def video(container: str = "mp4") -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as target:
        stream = target.add_stream("vp8" if container == "webm" else "mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            target.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        target.mux(stream.encode(None))
    return buffer.getvalue()


class Pdf:
    """Pages with words at places (points from the top left) and pictures."""

    def __init__(self) -> None:
        self.document = pdfium.PdfDocument.new()

    def page(
        self,
        words: Sequence[tuple[float, float, str]] = (),
        *,
        picture: Image.Image | None = None,
        rotation: int = 0,
        size: tuple[float, float] = (595, 842),
    ) -> Pdf:
        page = self.document.new_page(*size)
        if picture is not None:
            self._picture(page, picture, size)
        for x, y, text in words:
            piece = pdfium_c.FPDFPageObj_NewTextObj(self.document, b"Helvetica", 11)
            encoded = (text + "\0").encode("utf-16-le")
            pdfium_c.FPDFText_SetText(piece, ctypes.cast(encoded, ctypes.POINTER(ctypes.c_ushort)))
            pdfium_c.FPDFPageObj_Transform(piece, 1, 0, 0, 1, x, size[1] - y)
            pdfium_c.FPDFPage_InsertObject(page, piece)
        page.gen_content()
        page.set_rotation(rotation)
        return self

    def _picture(self, page: pdfium.PdfPage, picture: Image.Image, size: tuple[float, float]) -> None:
        placed = pdfium.PdfImage.new(self.document)
        placed.set_bitmap(pdfium.PdfBitmap.from_pil(picture))
        placed.set_matrix(pdfium.PdfMatrix().scale(*size))
        page.insert_obj(placed)

    def bytes(self) -> bytes:
        buffer = io.BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()
