"""From files to pages: the text layer where it can be trusted, upright pixels where not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from extraction.errors import MediaError
from extraction.media.pages import Blank, Picture, open_pages
from extraction.media.sniff import sniff
from extraction.recognized import Page
from tests.extraction.tiny_media import Pdf, note, picture

TABLE = [
    (60, 80, "Description"), (300, 80, "Qty"), (480, 80, "Amount"),
    (60, 100, "Paper, white"), (300, 100, "2"), (480, 100, "12.50"),
]  # fmt: skip
LEFT = [
    "The quick brown fox jumps",
    "over the lazy dog and runs",
    "into the forest where it",
    "meets an old bear",
    "and they talk until night",
]
RIGHT = [
    "Meanwhile in the village the",
    "baker opens his shop early",
    "because the market begins",
    "at seven o'clock sharp",
    "and people are hungry",
]


def pages(media: bytes, wanted: tuple[int, ...] | None = None) -> list[Page | Picture | Blank]:
    count, source = open_pages(media, sniff(media), wanted)
    found = list(source)
    assert len(found) == count
    return found


def texts(page: Page) -> list[str]:
    return [line.text for line in page.lines]


def test_a_text_layer_is_read_cell_by_cell_and_row_by_row():
    (page,) = pages(Pdf().page(TABLE).bytes())
    assert page.source == "text_layer"
    assert texts(page) == ["Description", "Qty", "Amount", "Paper, white", "2", "12.50"]


def test_words_have_boxes_inside_their_line():
    (page,) = pages(Pdf().page(TABLE).bytes())
    line = next(line for line in page.lines if line.text == "Paper, white")
    assert [word.text for word in line.words] == ["Paper,", "white"]
    assert line.box[0] == pytest.approx(60 / 595, abs=0.01) and line.box[3] == pytest.approx(103 / 842, abs=0.01)
    assert line.words[0].box[0] == line.box[0] < line.words[0].box[2] < line.words[1].box[0]


def test_columns_of_prose_are_read_one_after_the_other():
    words = [(50, 80 + 16 * row, text) for row, text in enumerate(LEFT)]
    words += [(320, 80 + 16 * row, text) for row, text in enumerate(RIGHT)]
    (page,) = pages(Pdf().page(words).bytes())
    assert texts(page) == LEFT + RIGHT


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_is_read_as_it_is_shown(rotation):
    (page,) = pages(Pdf().page([(100, 200, "Turned but readable words")], rotation=rotation).bytes())
    width, height = (842, 595) if rotation != 180 else (595, 842)
    assert (page.width, page.height) == (width, height)
    x0, y0, x1, y1 = page.lines[0].box
    assert (x1 - x0) * width < (y1 - y0) * height if rotation != 180 else x1 - x0 > y1 - y0
    assert (y0 > 0.5) == (rotation in (180, 270)) or rotation == 90


def test_a_page_without_text_is_looked_at():
    (page,) = pages(Pdf().page(picture=note("Scanned")).bytes())
    assert isinstance(page, Picture) and page.pixels.min() < 60 < 200 < page.pixels.max()


def test_a_scan_with_a_stamp_is_still_looked_at():
    (page,) = pages(Pdf().page([(60, 30, "Received 2026-03-01, page 1 of 1")], picture=note("Scanned")).bytes())
    assert isinstance(page, Picture)


def test_a_text_layer_without_meaning_is_not_believed():
    (page,) = pages(Pdf().page([(60, 80, "".join(map(chr, range(0xE000, 0xE020))))]).bytes())
    assert isinstance(page, Picture)


def test_a_page_as_large_as_a_house_is_drawn_within_bounds():
    (page,) = pages(Pdf().page(size=(14000, 14000)).bytes())
    assert page.pixels.shape[0] * page.pixels.shape[1] < 5_000_000


def test_only_the_pages_asked_for_are_read():
    pdf = Pdf()
    for number in (1, 2, 3):
        pdf.page([(60, 80, f"This is page {number}")])
    assert [texts(page) for page in pages(pdf.bytes(), (3, 1))] == [["This is page 1"], ["This is page 3"]]


@pytest.mark.parametrize("wanted", [(2,), (1, 2), (0,)])
def test_a_page_that_is_not_there_is_refused(wanted):
    with pytest.raises(MediaError) as refused:
        pages(Pdf().page([(60, 80, "The only page")]).bytes(), wanted)
    assert refused.value.code == "pages_out_of_range"


def test_every_frame_of_a_tiff_is_a_page():
    frames = [Image.new("L", (20, 20), shade) for shade in (0, 100, 200)]
    media = picture("TIFF", frames[0], save_all=True, append_images=frames[1:])
    assert [(page.number, int(page.pixels.mean())) for page in pages(media, (1, 3))] == [(1, 0), (3, 200)]


def test_a_photo_is_held_upright():
    image = Image.new("RGB", (80, 20), "black")
    image.paste("white", (0, 0, 10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    (page,) = pages(picture("JPEG", image, exif=exif, quality=95))
    assert page.pixels.shape == (80, 20, 3)
    assert page.pixels[:8].mean() > 200 > 60 > page.pixels[20:].mean()


def test_print_on_a_transparent_ground_stays_visible():
    image = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 10, 10))
    (page,) = pages(picture("PNG", image))
    assert page.pixels[:, :9].mean() == 0 and page.pixels[:, 11:].mean() == 255


def test_sixteen_bits_a_pixel_are_not_all_white():
    values = np.linspace(0, 65535, 400, dtype=np.uint16).reshape(20, 20)
    (page,) = pages(picture("TIFF", Image.fromarray(values)))
    assert page.pixels[0].mean() < 30 and page.pixels[-1].mean() > 220


def test_a_large_photo_is_made_smaller_and_keeps_its_shape():
    (page,) = pages(picture("JPEG", Image.new("RGB", (6000, 4000), "white")))
    height, width = page.pixels.shape[:2]
    assert height * width <= 6_100_000 and width / height == pytest.approx(1.5, abs=0.01)
