"""Chunks on small texts where every border can be told by hand; in `FakeEncoder` a word is a token."""

from typing import Any

import pytest
from fakes import FakeEncoder

from playground.chunking import STRATEGIES, Chunk, semantic, split_document
from playground.chunking.preview import ChunkPreview, borders_only_in
from playground.chunking.sentences import sentence_spans
from playground.config import STRATEGIES as CONFIGURED
from playground.config import ChunkingConfig
from playground.documents import Document, Heading, Page

NUMBERS = " ".join(f"w{number}" for number in range(50))


def split(text: str, strategy: str = "fixed", size: int = 20, overlap: int = 0, **places: Any) -> list[Chunk]:
    document = Document("d", "d.md", text, **places)
    return split_document(document, ChunkingConfig(strategy, size, overlap), FakeEncoder())


def texts(chunks: list[Chunk]) -> list[str]:
    return [chunk.text for chunk in chunks]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_every_configured_strategy_is_registered() -> None:
    assert tuple(STRATEGIES) == CONFIGURED


@pytest.mark.parametrize("strategy", CONFIGURED)
@pytest.mark.parametrize("text", ["", " \n\t\n "])
def test_a_text_without_words_has_no_chunks(strategy: str, text: str) -> None:
    assert split(text, strategy) == []


@pytest.mark.parametrize("strategy", CONFIGURED)
def test_a_short_text_is_one_chunk_without_the_space_around_it(strategy: str) -> None:
    assert split("\n  One fee applies.  \n", strategy) == [
        Chunk("d", start=3, end=19, text="One fee applies.", tokens=4)
    ]


def test_fixed_windows_repeat_the_overlap() -> None:
    chunks = split(NUMBERS, size=20, overlap=5)
    assert [(text.split()[0], text.split()[-1]) for text in texts(chunks)] == [
        ("w0", "w19"),
        ("w15", "w34"),
        ("w30", "w49"),
    ]
    assert [chunk.tokens for chunk in chunks] == [20, 20, 20]


def test_fixed_windows_keep_a_word_of_several_tokens_whole() -> None:
    text = " ".join(["word"] * 18 + ["all-in-one"] + ["word"] * 5)
    assert [chunk.tokens for chunk in split(text)] == [18, 10]
    assert split(text)[1].text.startswith("all-in-one word")


def test_a_run_without_spaces_is_cut_between_tokens() -> None:
    assert [chunk.tokens for chunk in split("!" * 45)] == [20, 20, 5]


def markdown(*sections: str) -> dict[str, Any]:
    """A text of sections, each beginning with its heading line."""
    text = "\n\n".join(sections)
    headings = tuple(Heading(1, each.partition("\n")[0].strip("# "), text.index(each)) for each in sections)
    return {"text": text, "headings": headings}


def test_a_section_is_a_chunk_and_knows_its_heading() -> None:
    chunks = split(strategy="structural", **markdown("# Fees\n\nTen euros a month.", "# Terms\n\nOne year."))
    assert texts(chunks) == ["# Fees\n\nTen euros a month.", "# Terms\n\nOne year."]
    assert [chunk.heading for chunk in chunks] == [("Fees",), ("Terms",)]


def test_a_bare_title_stays_with_what_follows() -> None:
    document = markdown("# Handbook", "# Fees\n\nTen euros a month, every month.")
    assert len(split(strategy="structural", size=40, **document)) == 1


def test_a_section_that_is_too_long_is_cut_between_paragraphs() -> None:
    first, second = " ".join(["alpha"] * 12) + ".", " ".join(["beta"] * 12) + "."
    chunks = split(strategy="structural", **markdown(f"# Long\n\n{first}\n\n{second}"))
    assert texts(chunks) == [f"# Long\n\n{first}", second]
    assert [chunk.heading for chunk in chunks] == [("Long",), ("Long",)]


def test_rows_that_fit_are_never_cut() -> None:
    rows = [f"Row {number}. Dr. Who\tpaid {number} euros. Late." for number in range(40)]
    for chunk in split("\n".join(rows), "structural"):
        assert set(chunk.text.split("\n")) <= set(rows)


def test_every_slide_is_a_chunk_but_a_page_is_no_border() -> None:
    text = "Prices rise\nTerms stay"
    slides = (Page(1, 0, 12, "slide"), Page(2, 12, 22, "slide"))
    chunks = split(text, "structural", pages=slides)
    assert [(chunk.text, chunk.page) for chunk in chunks] == [
        ("Prices rise", slides[0]),
        ("Terms stay", slides[1]),
    ]
    pages = (Page(1, 0, 12), Page(2, 12, 22))
    assert [(chunk.text, chunk.page) for chunk in split(text, "structural", pages=pages)] == [
        (text, pages[0])
    ]


def test_structural_overlap_repeats_whole_sentences() -> None:
    text = " ".join(f"Part {number} is {number}." for number in range(9))
    chunks = split(text, "structural", size=20, overlap=6)
    assert texts(chunks)[:2] == [
        "Part 0 is 0. Part 1 is 1. Part 2 is 2. Part 3 is 3.",
        "Part 3 is 3. Part 4 is 4. Part 5 is 5. Part 6 is 6.",
    ]


CATS = "Cats purr softly. Cats purr loudly. Cats purr often. Cats purr daily."
TAXES = "Taxes rise yearly. Taxes rise slowly. Taxes rise again. Taxes rise everywhere."


def test_semantic_chunks_end_where_the_subject_changes() -> None:
    assert texts(split(f"{CATS} {TAXES}", "semantic", size=24)) == [CATS, TAXES]


def test_semantic_chunks_of_one_subject_are_as_long_as_they_may_be() -> None:
    chunks = split(" ".join(["Cats purr softly."] * 12), "semantic", size=20)
    assert sorted(chunk.tokens for chunk in chunks) == [8, 20, 20]


def test_semantic_overlap_repeats_whole_sentences_within_the_size() -> None:
    chunks = split(f"{CATS} {TAXES}", "semantic", size=24, overlap=7)
    assert texts(chunks) == [CATS, f"Cats purr daily. {TAXES}"]


def test_semantic_keeps_a_heading_with_what_it_announces() -> None:
    text = f"{CATS}\n\nTaxes\n\n{TAXES}"
    chunks = split(text, "semantic", size=24, headings=(Heading(1, "Taxes", text.index("Taxes")),))
    assert texts(chunks) == [CATS, f"Taxes\n\n{TAXES}"]


def test_semantic_embeds_each_sentence_once_and_in_one_call() -> None:
    encoder = FakeEncoder()
    split_document(Document("d", "d", CATS), ChunkingConfig("semantic", 20, 0), encoder)
    assert encoder.encoded == [sentences(CATS)]


def test_a_leading_space_belongs_to_no_token() -> None:
    class SpaceEncoder(FakeEncoder):
        def token_spans(self, text: str) -> list[tuple[int, int]]:
            return [(max(0, start - 1), end) for start, end in super().token_spans(text)]

    document = Document("d", "d", NUMBERS)
    config = ChunkingConfig("structural", 20, 0)
    assert split_document(document, config, SpaceEncoder()) == split_document(document, config, FakeEncoder())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Who paid $3.50 in the U.S. The fee rose.", ["Dr. Who paid $3.50 in the U.S.", "The fee rose."]),
        ("Das gilt z.B. Für alle am 3. Oktober. Gut.", ["Das gilt z.B. Für alle am 3. Oktober.", "Gut."]),
        ("He said “no.” Look! “Why?” he asked.", ["He said “no.”", "Look!", "“Why?” he asked."]),
        ("See No. 5 and Fig. 3. It rose.[12] So.", ["See No. 5 and Fig. 3.", "It rose.[12]", "So."]),
        ("これは文です。「はい。」と言った。次！", ["これは文です。", "「はい。」と言った。", "次！"]),
        ("as of 2017. a tax of inc. (acme)", ["as of 2017.", "a tax of inc. (acme)"]),
        ("# Title\n\n- one\n- two\n1. First. Next", ["# Title", "- one", "- two", "1. First.", "Next"]),
        ("| It is. So | c |\n| d | e |", ["| It is. So | c |", "| d | e |"]),
        ("Name\tFee\nBasic\t3", ["Name\tFee", "Basic\t3"]),
        ("This line was wrapped\nby hand. Yes.\n\nend", ["This line was wrapped\nby hand.", "Yes.", "end"]),
        ("S1      Alarms. All\nS2      Slow, or down", ["S1      Alarms. All", "S2      Slow, or down"]),
        ("In the 1930s. Past it, J. R. Tolkien wrote.", ["In the 1930s.", "Past it, J. R. Tolkien wrote."]),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_rows_and_entries_are_not_joined_though_each_nearly_fills_the_width() -> None:
    rows = [
        "QF-27 Own receipt for travel expenses Accounts",
        "QF-31 Return form with RMA number Service desk",
        "QF-36 Decontamination declaration Repair centre",
        "QF-40 Loan of instruments Service desk in Leer",
    ]
    assert sentences("\n".join(rows)) == rows
    assert sentences("\n".join(rows[:2])) == rows[:2]


def test_prose_is_joined_where_a_line_happens_to_begin_with_a_capital() -> None:
    prose = (
        "The laboratory in the north of the old town of\n"
        "Leer needs ten days, and the other one in\n"
        "Brno needs not more than"
    )
    assert sentences(f"{prose}\nfive.") == [f"{prose}\nfive."]
    assert sentences("The oldest laboratory of all stands in the town of\nLeer.") == [
        "The oldest laboratory of all stands in the town of\nLeer."
    ]


def test_what_is_set_in_below_a_long_term_is_not_joined_with_it() -> None:
    term = "MH-7  CUSTOMER WITHOUT ANY DATA FOR TWENTY MINUTES"
    text = "Call the customer before you\n    look for the cause."
    assert sentences(f"{term}\n        {text}") == [term, text]


def test_a_preview_tells_what_a_chunk_repeats() -> None:
    preview = ChunkPreview(tuple(split(NUMBERS, size=20, overlap=5)))
    assert [NUMBERS[start:end] for start, end in preview.overlaps] == [
        "",
        "w15 w16 w17 w18 w19",
        "w30 w31 w32 w33 w34",
    ]
    assert preview.token_counts == [20, 20, 20]
    assert preview.mean_tokens == 20.0


def test_a_preview_of_nothing_is_empty() -> None:
    preview = ChunkPreview(())
    assert (preview.overlaps, preview.token_counts, preview.mean_tokens) == ([], [], 0.0)


def test_borders_that_only_one_setting_has_are_told_apart() -> None:
    whole, halves = split(NUMBERS, size=50), split(NUMBERS, size=25)
    assert borders_only_in(whole, halves) == ([], [NUMBERS.index("w25")])
    assert borders_only_in(halves, whole) == ([NUMBERS.index("w25")], [])


def test_likeness_compares_the_means_of_the_neighbours() -> None:
    vectors = FakeEncoder().encode(["cats", "cats", "taxes"])
    assert semantic._likeness(vectors).tolist() == [0.7071, 0.0]


def test_a_chunk_is_on_the_page_of_its_first_word() -> None:
    pages = (Page(1, 0, 2), Page(2, 2, 10))
    assert split("\n\nSee here", "structural", pages=pages)[0].page == pages[1]


def test_the_size_holds_in_the_documents_tokens_where_a_part_of_a_word_counts_less() -> None:
    class LettersOfLongWords(FakeEncoder):
        def token_spans(self, text: str) -> list[tuple[int, int]]:
            return [(at, at + 1) for at in range(len(text))] if len(text) > 30 else super().token_spans(text)

    document = Document("d", "d", "a" * 64)
    chunks = split_document(document, ChunkingConfig("structural", 20, 10), LettersOfLongWords())
    assert max(chunk.tokens for chunk in chunks) == 20
    assert chunks[-1].end == 64


def test_a_chunk_that_begins_with_headings_is_about_what_stands_below_them() -> None:
    text = "# Returns\n\n## Hardware\n\nOpened hardware may be returned."
    headings = (Heading(1, "Returns", 0), Heading(2, "Hardware", 11))
    document = Document("d", "d.md", text, headings=headings)
    [chunk] = split_document(document, ChunkingConfig("structural", 200), FakeEncoder())
    assert chunk.start == 0
    assert chunk.heading == ("Returns", "Hardware")


def test_a_heading_is_never_a_chunk_without_the_text_below_it() -> None:
    line = " ".join(f"w{number}" for number in range(18))
    text = f"# Services\n{line}\n{line}\n{line}"
    [first, second, third] = split(text, "structural", headings=(Heading(1, "Services", 0),))
    assert first.text.startswith("# Services\nw0")
    assert first.tokens <= 20
    assert text[first.end :].strip().startswith(second.text)
    assert third.end == len(text)
