"""Files into documents, or one clear reason why not; a bad file costs itself and nothing else.

Every parser runs in another process, which has a time and a memory limit and may be killed. This package does
not know what becomes of a document: neither the library, nor chunks, nor the page that shows it.
"""

from playground.reading.formats import SUPPORTED
from playground.reading.limits import Limits
from playground.reading.read import Item, Reader, ReadResult, read_bytes, read_file, read_many

__all__ = ["SUPPORTED", "Item", "Limits", "ReadResult", "Reader", "read_bytes", "read_file", "read_many"]
