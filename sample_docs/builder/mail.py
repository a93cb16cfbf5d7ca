"""A thread as one EML: the newest message on top, the older ones below it, as mail programs send it.

A source holds the messages from old to new, each with its header lines, parted by "--- reply";
"--- attachment NAME" begins the file that hangs on the newest message.
"""

from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import HeaderParser
from email.policy import SMTP
from pathlib import Path

from sample_docs.builder.blocks import PARSER, Block, Heading, Items, Paragraph, Table, parse


@dataclass(frozen=True)
class Letter:
    """One message of the thread, its body still in Markdown."""

    headers: dict[str, str]
    body: str


def write_eml(source: Path, path: Path, domain: str) -> None:
    """Write the thread with a plain and an HTML part, and the attachment where there is one."""
    thread, _, attachment = source.read_text(encoding="utf-8").partition("\n--- attachment ")
    newest, *older = [_letter(text) for text in reversed(thread.split("\n--- reply\n"))]
    message = EmailMessage(policy=SMTP)
    for name, value in newest.headers.items():
        message[name] = value
    message["Message-ID"] = f"<{path.stem}@{domain}.example>"
    message.set_content(
        "\n\n".join([_plain(newest.body), *map(_quoted_plain, older)]), cte="quoted-printable"
    )
    html = "\n".join([PARSER.render(newest.body), *map(_quoted_html, older)])
    message.add_alternative(f"<html><body>\n{html}</body></html>\n", subtype="html", cte="quoted-printable")
    if attachment:
        name, _, content = attachment.partition("\n")
        message.add_attachment(content.encode(), maintype="text", subtype="csv", filename=name)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{path.stem}_{number}")
    path.write_bytes(message.as_bytes())


def _letter(text: str) -> Letter:
    parsed = HeaderParser().parsestr(text.lstrip())
    return Letter(dict(parsed.items()), str(parsed.get_payload()).strip())


def _plain(body: str) -> str:
    return "\n\n".join(_plain_block(block) for block in parse(body))


def _plain_block(block: Block) -> str:
    match block:
        case Heading(_, text):
            return f"{text}\n{'-' * len(text)}"
        case Paragraph(text):
            return text
        case Items(_, texts):
            return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))
        case Table(rows):
            return "\n".join(" | ".join(row) for row in rows)


def _quoted_plain(letter: Letter) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in letter.headers.items())
    return f"-----Original message-----\n{head}\n\n{_plain(letter.body)}"


def _quoted_html(letter: Letter) -> str:
    head = "<br />\n".join(
        f"<b>{name}:</b> {value.replace('<', '&lt;').replace('>', '&gt;')}"
        for name, value in letter.headers.items()
    )
    return f"<hr />\n<p>{head}</p>\n{PARSER.render(letter.body)}"
