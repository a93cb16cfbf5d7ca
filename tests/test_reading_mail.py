from email.message import EmailMessage

import pytest

from playground.errors import ReadError
from playground.reading.limits import Limits
from playground.reading.mail import read_eml


def mail(text: str = "Der Tisch kostet 120 €.", html: str = "", subject: str = "Möbel") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Zoë <zoe@example.com>"
    message["To"] = "ada@example.com"
    message["Date"] = "Tue, 01 Oct 2024 12:34:56 -0500"
    if text:
        message.set_content(text, charset="utf-8", cte="base64")
    if html:
        message.add_alternative(html, subtype="html")
    return message


def read(data: bytes):
    return read_eml(data, Limits())


def test_headers_stand_above_the_text_and_the_subject_is_the_title():
    draft = read(mail().as_bytes())
    assert draft.text == (
        "Subject: Möbel\nFrom: Zoë <zoe@example.com>\nTo: ada@example.com\n"
        "Date: Tue, 01 Oct 2024 12:34:56 -0500\n\nDer Tisch kostet 120 €."
    )
    assert draft.title == "Möbel"


def test_plain_text_comes_before_html_and_html_alone_becomes_text():
    assert read(mail("plain", "<b>html</b>").as_bytes()).text.endswith("\n\nplain")
    assert read(mail("", "<p>only <i>html</i></p>").as_bytes()).text.endswith("\n\nonly *html*")


def test_attachments_are_named_and_not_read():
    message = mail()
    message.add_attachment(b"\x89PNG" * 500, maintype="image", subtype="png", filename="desk.png")
    draft = read(message.as_bytes())
    assert "\nAttachments: desk.png\n" in draft.text
    assert len(draft.text) < 250


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_mail_that_is_encoded_as_a_whole_is_decoded_first(encoding: str):
    plain = "From: a@example.com\nSubject: Hi\nContent-Type: text/plain; charset=utf-8\n\nDesks cost 120 €.\n"
    draft = read(plain.encode(encoding))
    assert draft.text == "Subject: Hi\nFrom: a@example.com\n\nDesks cost 120 €."


def test_a_wrong_charset_and_raw_bytes_in_headers_are_forgiven():
    head = "From: a@example.com\nSubject: Grüße\nContent-Type: text/plain; charset=us-ascii\n\n"
    draft = read(head.encode("utf-8") + "Schöne Grüße".encode("cp1252"))
    assert draft.title == "Grüße"
    assert draft.text.endswith("Schöne Grüße")


def test_a_mail_without_subject_has_no_title():
    assert read(b"From: a@example.com\n\nHello").title == ""


def test_encrypted_mails_and_other_files_are_refused():
    with pytest.raises(ReadError, match="encrypted; decrypt it"):
        read(b"From: a@b.c\nContent-Type: multipart/encrypted; boundary=x\n\n--x\n\nabc\n--x--\n")
    with pytest.raises(ReadError, match="not an e-mail at all"):
        read(b"just some words\nin two lines\n")
