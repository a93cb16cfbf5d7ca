"""What a labelled question is: a question, the answers that count as right, and where the evidence stands.

Gold is a place in a document, never a chunk, so that scores stay comparable when chunking changes. This
module does not know where questions are kept nor how their labels are looked up.
"""

from dataclasses import dataclass
from typing import Literal

Absence = Literal["no_document", "not_read"]
"""Why a label is nowhere although it never stood anywhere here: its document was not brought, or reading the
document lost the text."""


@dataclass(frozen=True)
class Gold:
    """Where an answer stands, as a label says it: offsets, a quote, or the whole of a document.

    `found` says that it stood in a document of the library once: if it is nowhere now, the document has
    changed."""

    document: str
    start: int | None = None
    end: int | None = None
    quote: str = ""
    found: bool = False


@dataclass(frozen=True)
class GoldSpan:
    """Where an answer stands, looked up: characters `start` to `end` of a document's text."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True)
class LabelledQuestion:
    """A question with the answers that count as right, and where the evidence stands."""

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answerable: bool = True
    relevant: tuple[Gold, ...] = ()
