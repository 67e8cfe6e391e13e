"""Makes the samples in this folder: `python samples/make_samples.py`. Shops, people and numbers are invented.

The picture needs the DejaVu fonts, the memo the `flite` command (apt-get install fonts-dejavu-core flite).
"""

from __future__ import annotations

import ctypes
import random
import subprocess
import tempfile
from pathlib import Path

import av
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).resolve().parent
INK = (38, 36, 40)
PAPER = (250, 248, 242)

RECEIPT_HEAD = ["48 Mill Lane, Riverton, OR 97035", "Tel (503) 555-0147", "www.greenfieldgrocery.example"]
RECEIPT_FACTS = [("Receipt No. 20418", "Register 2"), ("Date: Mar 4, 2026", "14:32"), ("Cashier: Maya", "")]
RECEIPT_ITEMS = [
    ("2", "Sourdough bread", "4.50", "9.00"),
    ("1", "Olive oil 750 ml", "12.80", "12.80"),
    ("3", "Chopped tomatoes", "1.65", "4.95"),
    ("1", "Farm eggs, dozen", "5.40", "5.40"),
    ("2", "Cheddar 200 g", "3.95", "7.90"),
]
RECEIPT_SUMS = [("Subtotal", "40.05"), ("Sales tax 5.00 %", "2.00")]

MEMO = (
    "Hello, this is Anna Keller from Blue Harbor Books. I am calling about order number 4 7 1 9. "
    "Your three boxes of notebooks are ready. The order total is 86 dollars and 40 cents. "
    "Please call me back at 5 5 5, 0 1 4 2, by Friday, March 6th. Thank you, and goodbye."
)


def make_receipt(path: Path) -> None:
    """A till slip on a table, photographed a little aslant in uneven light."""
    random.seed(7)
    paper = _printed_receipt()
    width, height = 900, 1300
    photo = _table(width, height)
    corners = ((150, 62), (741, 96), (716, 1252), (118, 1212))
    mask = Image.new("L", paper.size, 255)
    placed, cover = (_in_perspective(picture, (width, height), corners) for picture in (paper, mask))
    shadow = Image.new("L", (width, height), 0)
    shadow.paste(cover, (14, 18))
    photo.paste((20, 14, 10), mask=shadow.filter(ImageFilter.GaussianBlur(16)).point(lambda value: value * 0.6))
    photo.paste(placed, mask=cover.filter(ImageFilter.GaussianBlur(0.8)))
    photo = _lit(photo).filter(ImageFilter.GaussianBlur(0.6))
    photo.save(path, "JPEG", quality=82, optimize=True)


def _printed_receipt() -> Image.Image:
    paper = Image.new("RGB", (640, 1180), PAPER)
    draw = ImageDraw.Draw(paper)
    plain, bold = ImageFont.truetype("DejaVuSansMono.ttf", 23), ImageFont.truetype("DejaVuSansMono-Bold.ttf", 24)
    large = ImageFont.truetype("DejaVuSans-Bold.ttf", 38)
    draw.text((320, 78), "GREENFIELD GROCERY", INK, large, anchor="mm")
    for row, line in enumerate(RECEIPT_HEAD):
        draw.text((320, 134 + 34 * row), line, INK, plain, anchor="mm")
    y = 262
    for left, right in RECEIPT_FACTS:
        _row(draw, y, plain, left, right)
        y += 36
    y = _rule(draw, y + 8)
    _item(draw, y, bold, ("Qty", "Item", "Price", "Amount"))
    y += 44
    for item in RECEIPT_ITEMS:
        _item(draw, y, plain, item)
        y += 42
    y = _rule(draw, y + 8)
    for label, amount in RECEIPT_SUMS:
        _row(draw, y, plain, label, amount)
        y += 40
    _row(draw, y + 8, ImageFont.truetype("DejaVuSansMono-Bold.ttf", 32), "TOTAL", "$42.05")
    y = _rule(draw, y + 66)
    _row(draw, y, plain, "VISA **** 4821", "42.05")
    draw.text((320, y + 96), "Thank you for shopping with us!", INK, plain, anchor="mm")
    draw.text((320, y + 134), "Returns within 30 days with receipt", INK, plain, anchor="mm")
    return paper


def _row(draw: ImageDraw.ImageDraw, y: int, font: ImageFont.FreeTypeFont, left: str, right: str) -> None:
    draw.text((52, y), left, INK, font, anchor="lm")
    draw.text((588, y), right, INK, font, anchor="rm")


def _item(draw: ImageDraw.ImageDraw, y: int, font: ImageFont.FreeTypeFont, cells: tuple[str, str, str, str]) -> None:
    for x, text, anchor in zip((52, 118, 470, 588), cells, ("lm", "lm", "rm", "rm"), strict=True):
        draw.text((x, y), text, INK, font, anchor=anchor)


def _rule(draw: ImageDraw.ImageDraw, y: int) -> int:
    for x in range(52, 588, 14):
        draw.line((x, y, x + 8, y), (90, 88, 92), 2)
    return y + 36


def _in_perspective(picture: Image.Image, size: tuple[int, int], corners: tuple[tuple[int, int], ...]) -> Image.Image:
    """The picture's four corners at these places: eight equations, eight coefficients."""
    width, height = picture.size
    ours = [(0, 0), (width, 0), (width, height), (0, height)]
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, ours, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    coefficients = np.linalg.solve(np.array(rows, float), np.array(values, float))
    return picture.transform(size, Image.Transform.PERSPECTIVE, list(coefficients), Image.Resampling.BICUBIC)


def _table(width: int, height: int) -> Image.Image:
    """Wood, near enough: bands of brown with a grain along them."""
    noise = np.random.default_rng(7)
    grain = noise.normal(0, 1, (height, 1)).cumsum(axis=0)
    grain = (grain - grain.min()) / np.ptp(grain)
    streaks = Image.fromarray((noise.random((height // 2, 12)) * 255).astype(np.uint8))
    fine = np.asarray(streaks.resize((width, height), Image.Resampling.BICUBIC), dtype=float) / 255
    tone = 0.72 + 0.2 * grain + 0.12 * fine
    return Image.fromarray(np.clip(np.array([148, 104, 70]) * tone[..., None], 0, 255).astype(np.uint8))


def _lit(photo: Image.Image) -> Image.Image:
    """A lamp to the upper left, and the grain of a small sensor."""
    pixels = np.asarray(photo, dtype=float)
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    light = 1.06 - 0.26 * np.hypot((x - 0.3 * width) / width, (y - 0.25 * height) / height)
    noise = np.random.default_rng(11).normal(0, 3.0, (height, width, 1))
    return Image.fromarray(np.clip(pixels * light[..., None] + noise, 0, 255).astype(np.uint8))


SELLER = ["Northgate Paper Ltd", "12 Quay Street", "Bristol BS1 4DJ", "United Kingdom", "VAT No. GB 123 4567 89"]
BUYER = ["Bill to", "Blue Harbor Books", "Anna Keller", "77 Lighthouse Road", "Brighton BN2 1TW", "United Kingdom"]
INVOICE_FACTS = [
    ("Invoice number", "NG-2026-0318"),
    ("Invoice date", "2026-02-17"),
    ("Due date", "2026-03-19"),
    ("Purchase order", "PO-4719"),
]
INVOICE_ITEMS = [
    ("Description", "Qty", "Unit price", "Amount"),
    ("Notebook A5, dotted, 120 pages", "40", "6.20", "248.00"),
    ("Fountain pen ink, midnight blue, 50 ml", "12", "9.75", "117.00"),
    ("Kraft envelopes C5, box of 250", "3", "21.50", "64.50"),
    ("Delivery, two pallets", "1", "35.00", "35.00"),
]
INVOICE_SUMS = [("Net total", "464.50"), ("VAT 20 %", "92.90"), ("Total due", "GBP 557.40")]
INVOICE_FOOT = [
    "Please pay within 30 days to Northgate Paper Ltd, IBAN GB33 BUKB 2020 1555 5555 55, BIC BUKBGB22.",
    "Questions? accounts@northgatepaper.example, +44 117 496 0123",
]
COLUMNS = (56, 370, 455, 539)


class Sheet:
    """A4, written with PDFium's standard fonts: a real text layer, and no further library."""

    def __init__(self) -> None:
        self.document = pdfium.PdfDocument.new()
        self.page = self.document.new_page(595, 842)

    def text(
        self, x: float, y: float, words: str, size: float = 10, *, bold: bool = False, right: bool = False
    ) -> None:
        font = b"Helvetica-Bold" if bold else b"Helvetica"
        piece = pdfium_c.FPDFPageObj_NewTextObj(self.document, font, size)
        encoded = (words + "\0").encode("utf-16-le")
        pdfium_c.FPDFText_SetText(piece, ctypes.cast(encoded, ctypes.POINTER(ctypes.c_ushort)))
        bounds = [ctypes.c_float() for _ in range(4)]
        pdfium_c.FPDFPageObj_GetBounds(piece, *map(ctypes.byref, bounds))
        left = x - bounds[2].value if right else x
        pdfium_c.FPDFPageObj_Transform(piece, 1, 0, 0, 1, left, 842 - y)
        pdfium_c.FPDFPage_InsertObject(self.page, piece)

    def band(self, y: float, height: float, shade: int) -> None:
        piece = pdfium_c.FPDFPageObj_CreateNewRect(48, 842 - y - height, 499, height)
        pdfium_c.FPDFPageObj_SetFillColor(piece, shade, shade, shade + 6, 255)
        pdfium_c.FPDFPath_SetDrawMode(piece, pdfium_c.FPDF_FILLMODE_WINDING, False)
        pdfium_c.FPDFPage_InsertObject(self.page, piece)

    def save(self, path: Path) -> None:
        pdfium_c.FPDFPage_GenerateContent(self.page)
        self.document.save(str(path))


def make_invoice(path: Path) -> None:
    sheet = Sheet()
    sheet.text(56, 78, "INVOICE", 26, bold=True)
    for row, line in enumerate(SELLER):
        sheet.text(539, 66 + 14 * row, line, 10.5 if row else 12, bold=not row, right=True)
    for row, line in enumerate(BUYER):
        sheet.text(56, 170 + 15 * row, line, 9 if not row else 10.5, bold=row == 1)
    for row, (label, value) in enumerate(INVOICE_FACTS):
        sheet.text(340, 170 + 17 * row, label, 10)
        sheet.text(539, 170 + 17 * row, value, 10, bold=True, right=True)
    sheet.band(296, 24, 232)
    for row, item in enumerate(INVOICE_ITEMS):
        y = 312 + 28 * row
        if row:
            sheet.band(y + 12, 0.7, 214)
        for column, (x, cell) in enumerate(zip(COLUMNS, item, strict=True)):
            sheet.text(x, y, cell, 10, bold=not row, right=column > 0)
    for row, (label, amount) in enumerate(INVOICE_SUMS):
        last = row == len(INVOICE_SUMS) - 1
        sheet.text(370, 478 + 22 * row, label, 12 if last else 10, bold=last)
        sheet.text(539, 478 + 22 * row, amount, 12 if last else 10, bold=last, right=True)
    for row, line in enumerate(INVOICE_FOOT):
        sheet.text(56, 740 + 15 * row, line, 9)
    sheet.save(path)


def make_voice_memo(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        spoken = f"{folder}/memo.wav"
        subprocess.run(
            ["flite", "-voice", "slt", "--setf", "duration_stretch=1.05", "-t", MEMO, "-o", spoken], check=True
        )
        _encode(spoken, path)


def _encode(spoken: str, path: Path) -> None:
    """AAC in M4A, as a telephone's recorder writes it."""
    with av.open(spoken) as source, av.open(str(path), "w", format="ipod") as target:
        stream = target.add_stream("aac", rate=24_000, layout="mono")
        stream.bit_rate = 48_000
        for frame in source.decode(audio=0):
            frame.pts = None
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))


if __name__ == "__main__":
    make_receipt(HERE / "receipt.jpg")
    make_invoice(HERE / "invoice.pdf")
    make_voice_memo(HERE / "voice_memo.m4a")
