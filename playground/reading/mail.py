"""E-mails: subject, who to whom and when, the text, and the names of what was attached (not its content)."""

import re
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart

from playground.errors import ReadError
from playground.reading.decoding import decode, decode_as
from playground.reading.draft import Draft, tidy
from playground.reading.limits import Limits

_SHOWN = ("From", "To", "Cc", "Date")
_SURROGATE = re.compile(r"[\udc80-\udcff]")


def read_eml(data: bytes, limits: Limits) -> Draft:
    """Headers and the plain text of a mail, or its HTML as text where there is no plain one.

    Raises ReadError for an encrypted mail, and for a file that is no mail.
    """
    message = _parsed(data)
    if message.get_content_type() in ("multipart/encrypted", "application/pkcs7-mime"):
        raise ReadError("it is encrypted; decrypt it in the mail program and save that as text")
    if not any(name in message for name in ("From", "To", "Subject", "Date", "Received", "Content-Type")):
        raise ReadError(
            "it is damaged, or not an e-mail at all: it has no mail headers; "
            "save it from the mail program again"
        )
    subject = _header(message, "Subject")
    lines = [f"{name}: {_header(message, name)}" for name in ("Subject", *_SHOWN) if name in message]
    attached = [" ".join(name.split()) for part in message.walk() if (name := part.get_filename())]
    if attached:
        lines.append(f"Attachments: {', '.join(attached)}")
    return Draft(tidy("\n".join(lines) + "\n\n" + _body(message)), title=subject)


def _parsed(data: bytes) -> EmailMessage:
    """`email` cannot read a mail that is UTF-16 as a whole, so that becomes UTF-8 first."""
    if b"\0" in data[:1024] or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = decode(data).encode("utf-8", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    return message_from_bytes(data, policy=policy.default)


def _header(message: EmailMessage, name: str) -> str:
    """A header as text; one that breaks the rules is shown as it was written."""
    raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), None)
    if raw is None:
        return ""
    if _SURROGATE.search(raw):  # bytes beyond ASCII that should have been encoded, and were not
        return " ".join(decode(raw.encode("utf-8", "surrogateescape")).split())
    try:
        return " ".join(str(message[name]).split())
    except (MessageError, ValueError, IndexError, AttributeError, TypeError, LookupError):
        return " ".join(raw.split())


def _body(message: EmailMessage) -> str:
    """The plain text, else the HTML as text; empty where there is neither."""
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        if part is None:
            continue
        text = _text(part)
        if kind == "html":
            from playground.reading.office import draft_of_html  # a second of imports that few mails need

            text = draft_of_html(text).text
        if text.strip():
            return text
    return ""


def _text(part: MIMEPart) -> str:
    raw = part.get_payload(decode=True)
    return decode_as(raw, part.get_content_charset() or "") if isinstance(raw, bytes) else ""
