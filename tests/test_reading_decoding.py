import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.errors import ReadError
from playground.reading.decoding import decode

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,-\n"
ACCENTS = "äöüßéèêçñåøæÄÖÜÉ"
KANA = "あいうえおかきくけこさしすせそたちつてとアイウエオカキクケコ日本語大学人年月東京会社員"

words = st.text(LATIN + ACCENTS, min_size=1)
# An accent between letters, as in real words: two of them side by side can be a Japanese letter, too.
western = st.lists(
    st.sampled_from(["Möbel", "café", "naïve", "Grüße", "niño", "desk", "chair", "“quoted”"]), min_size=1
)
japanese = st.lists(st.text(KANA, min_size=2, max_size=12), min_size=1).map("。".join)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff")))
def test_utf_8_comes_back(text: str):
    assert decode(text.encode("utf-8")) == text
    assert decode(text.encode("utf-8-sig")) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff")))
def test_utf_16_and_utf_32_with_a_mark_come_back(text: str):
    assert decode(text.encode("utf-16")) == text
    assert decode(b"\xfe\xff" + text.encode("utf-16-be")) == text
    assert decode(text.encode("utf-32")) == text


@given(words, st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]))
def test_wide_encodings_without_a_mark_come_back(text: str, encoding: str):
    assert decode(("x" + text).encode(encoding)) == "x" + text


@given(western.map(" ".join))
def test_cp1252_comes_back(text: str):
    assert decode(text.encode("cp1252")) == text


@given(japanese)
def test_shift_jis_comes_back(text: str):
    assert decode(text.encode("cp932")) == text


def test_the_charset_that_html_and_xml_declare_is_believed():
    page = '<html><meta charset="koi8-r"><p>Столы и стулья</p>'
    assert decode(page.encode("koi8-r")) == page
    page = '<?xml version="1.0" encoding="iso-8859-2"?><p>Łódź</p>'
    assert decode(page.encode("iso-8859-2")) == page


def test_a_declared_charset_that_does_not_exist_or_fit_is_not():
    assert decode("<meta charset=nonsense>é".encode()) == "<meta charset=nonsense>é"
    assert decode("<meta charset=utf-16>né".encode("cp1252")) == "<meta charset=utf-16>né"


def test_one_broken_byte_does_not_spoil_a_utf_8_text():
    assert decode(("Grüße aus Köln. " * 9).encode() + b"\xc3") == "Grüße aus Köln. " * 9 + "\ufffd"


def test_what_is_no_text_is_refused():
    with pytest.raises(ReadError, match="neither text nor a known kind"):
        decode(bytes(range(256)) * 4)


def test_a_stray_nul_does_not_make_a_text_binary():
    assert decode(("Möbel und Stühle, " * 9).encode("cp1252") + b"\0") == "Möbel und Stühle, " * 9


def test_a_wide_text_that_was_cut_in_the_middle_of_a_character_is_read():
    assert decode("Desks cost 120".encode("utf-16-le")[:-1]) == "Desks cost 12"
