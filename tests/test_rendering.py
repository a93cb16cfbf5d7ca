import io

import pytest
from PIL import Image

from playground.errors import ReadError
from playground.paths import sample_docs_folder
from playground.reading import Limits
from playground.reading.rendering import MAXIMUM_PIXELS, picture_scale, render_page


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return (sample_docs_folder() / "handbook/documents/service-and-returns-manual.pdf").read_bytes()


def size_of(picture: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture)).size


def test_a_page_is_drawn_in_the_width_asked_for(pdf: bytes) -> None:
    width, height = size_of(render_page(pdf, 1, 300))
    assert abs(width - 300) <= 1
    assert 1.3 < height / width < 1.5  # A4


def test_two_pages_are_two_pictures(pdf: bytes) -> None:
    assert render_page(pdf, 1, 200) != render_page(pdf, 2, 200)


def test_a_page_that_is_not_there_is_named(pdf: bytes) -> None:
    with pytest.raises(ReadError, match="there is no page 9; the file has 4"):
        render_page(pdf, 9, 200)


def test_a_damaged_file_gives_one_reason() -> None:
    with pytest.raises(ReadError, match=r"page 1 cannot be drawn \(PdfiumError"):
        render_page(b"%PDF-1.7 and no more", 1, 200)


def test_drawing_that_takes_too_long_is_ended(pdf: bytes) -> None:
    with pytest.raises(ReadError, match=r"takes longer than 0\.01 seconds"):
        render_page(pdf, 1, 200, Limits(seconds=0.01))


def test_a_process_without_memory_costs_the_picture_only(pdf: bytes) -> None:
    with pytest.raises(ReadError, match="page 1"):
        render_page(pdf, 1, 200, Limits(memory_bytes=1 << 20))


def test_widths_are_clamped_and_long_pages_drawn_smaller() -> None:
    assert picture_scale(100, 100, 1) == 1.0
    assert picture_scale(100, 100, 99_999) == 24.0
    scale = picture_scale(100, 1_000_000, 2000)
    assert 100 * scale * 1_000_000 * scale == pytest.approx(MAXIMUM_PIXELS)
