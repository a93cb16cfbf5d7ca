"""Plain text and Markdown, as they are: what somebody noted as an offset in the file still is one."""

from playground.reading import markdown
from playground.reading.decoding import decode
from playground.reading.draft import Draft, clean
from playground.reading.limits import Limits


def read_text(data: bytes, limits: Limits) -> Draft:
    """The decoded text; nothing in it counts as a heading."""
    return Draft(clean(decode(data)))


def read_markdown(data: bytes, limits: Limits) -> Draft:
    """The decoded text with its Markdown; the first heading is the title."""
    text = clean(decode(data))
    found = markdown.headings(text)
    return Draft(text, title=found[0].title if found else "", headings=found)
