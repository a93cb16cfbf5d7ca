"""A page of a PDF as a picture, drawn by a process of its own that has a time and a memory limit.

pdfium is not thread-safe, hangs on some files and aborts on others, so it never runs in the app. One picture
costs one process (about 0.2 s); whoever wants it twice keeps it. Only the child imports pdfium.
"""

import io
import math
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any

from playground.errors import ReadError
from playground.reading.frames import receive, receive_message, send, send_message
from playground.reading.limits import Limits
from playground.reading.process import environment
from playground.reading.worker import limit_memory, take_over_pipes

MINIMUM_WIDTH, MAXIMUM_WIDTH = 100, 2400
MAXIMUM_PIXELS = 8_000_000  # a page that is a mile long is drawn smaller, not refused
DEFAULT = Limits(seconds=20)
_COMMAND = (sys.executable, "-P", "-m", "playground.reading.rendering")


def render_page(content: bytes, page: int, width: int, limits: Limits = DEFAULT) -> bytes:
    """Page number `page` (the first is 1) of a PDF as a PNG, about `width` pixels wide.

    The width is brought between 100 and 2,400, and the picture to at most 8 million pixels. Raises ReadError
    with the one reason why there is no picture: no such page, damaged, too slow, too much memory.
    """
    request = {"page": page, "width": width, "memory_bytes": limits.memory_bytes}
    asked = io.BytesIO()
    send_message(asked, request)
    send(asked, content)
    try:
        ended = subprocess.run(
            _COMMAND,
            input=asked.getvalue(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds,
            env=environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReadError(
            f"drawing page {page} takes longer than {limits.seconds:g} seconds; open the original file"
        ) from None
    replied = io.BytesIO(ended.stdout)
    reply = receive_message(replied)
    picture = receive(replied)
    if reply is None or (picture is None and "reason" not in reply):
        raise ReadError(f"drawing page {page} crashed ({_ending(ended.returncode)}); open the original file")
    if picture is None:
        raise ReadError(reply["reason"])
    return picture


def picture_scale(width: float, height: float, wanted: int) -> float:
    """Pixels per unit for a page of `width` by `height` units, so that the limits hold."""
    clamped = min(max(wanted, MINIMUM_WIDTH), MAXIMUM_WIDTH)
    return min(clamped / width, math.sqrt(MAXIMUM_PIXELS / (width * height)))


def main() -> None:
    """Draw the one page that standard input asks for."""
    requests, replies = take_over_pipes()
    request, content = receive_message(requests), receive(requests)
    if request is None or content is None:
        return
    try:
        limit_memory(request["memory_bytes"])
        picture = _draw(content, request["page"], request["width"])
    except ReadError as error:
        send_message(replies, {"reason": str(error)})
    except MemoryError:
        reason = f"drawing page {request['page']} needs too much memory; open the original file"
        send_message(replies, {"reason": reason})
    except Exception as error:  # pdfium and Pillow raise anything at all on a damaged file
        detail = " ".join(f"{type(error).__name__}: {error}".split())[:120]
        reason = f"page {request['page']} cannot be drawn ({detail}); open the original file"
        send_message(replies, {"reason": reason})
    else:
        send_message(replies, {"bytes": len(picture)})
        send(replies, picture)


def _draw(content: bytes, number: int, width: int) -> bytes:
    import pypdfium2

    pdf: Any = pypdfium2.PdfDocument(content)
    if not 1 <= number <= len(pdf):
        raise ReadError(f"there is no page {number}; the file has {len(pdf)}")
    page = pdf[number - 1]
    page_width, page_height = page.get_size()
    drawn = page.render(scale=picture_scale(page_width, page_height, width)).to_pil()
    picture = io.BytesIO()
    drawn.save(picture, "PNG")
    return picture.getvalue()


def _ending(status: int) -> str:
    with suppress(ValueError):
        return signal.Signals(-status).name
    return f"exit status {status}"


if __name__ == "__main__":
    main()
