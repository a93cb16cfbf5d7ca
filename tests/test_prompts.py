"""What a language model is told, and how its answer is read."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.chunking.chunk import Chunk
from playground.config import DEFAULT_SYSTEM_PROMPT, PromptConfig
from playground.engines.engine import Citation, Message
from playground.engines.prompts import (
    CLOSED_BOOK_SYSTEM_PROMPT,
    build_prompt,
    few_shot,
    fit_prompt,
    is_refusal,
    parse_citations,
)
from playground.errors import ConfigError, ModelError
from playground.retrieval import Hit

QUESTION = "How long may I return a laptop?"
RETURNS = "Our shop is in Leer. A laptop may be returned within 14 days. Keep its box."
TEA = "Tea is green."


def hit(text: str, start: int = 0, document: str = "d") -> Hit:
    return Hit(Chunk(document, start, start + len(text), text, 9), f"{document}.md")


HITS = [hit(RETURNS, start=100, document="shop"), hit(TEA, document="tea"), hit("It rains.", document="rain")]


def test_passages_are_numbered_and_stand_before_the_question() -> None:
    assert build_prompt(QUESTION, HITS[:2], PromptConfig()) == (
        Message("system", DEFAULT_SYSTEM_PROMPT),
        Message(
            "user",
            f"[1] shop.md\n{RETURNS}\n\n[2] tea.md\n{TEA}\n\nQuestion: {QUESTION}",
        ),
    )


def test_without_passages_the_default_prompt_does_not_speak_of_passages() -> None:
    assert build_prompt(QUESTION, (), PromptConfig()) == (
        Message("system", CLOSED_BOOK_SYSTEM_PROMPT),
        Message("user", QUESTION),
    )
    assert "passage" not in CLOSED_BOOK_SYSTEM_PROMPT


def test_a_system_text_of_ones_own_is_used_as_it_is() -> None:
    own = PromptConfig(system="Answer like a pirate.")
    for passages in ((), HITS):
        assert build_prompt(QUESTION, passages, own)[0] == Message("system", "Answer like a pirate.")
    assert build_prompt(QUESTION, (), PromptConfig(system=" ")) == (Message("user", QUESTION),)


def test_a_passage_is_written_as_the_person_says() -> None:
    prompt = PromptConfig(passage="<{number}|{document}> {text} {{end}}")
    assert build_prompt("Q", [hit(TEA)], prompt)[-1].content == f"<1|d.md> {TEA} {{end}}\n\nQuestion: Q"


@pytest.mark.parametrize("text", ["{0} {number} {text.__class__} {", "}} %s %(a)s {{x}}", "{document!r}"])
def test_curly_brackets_in_a_document_stay_what_they_are(text: str) -> None:
    evil = Hit(Chunk("d", 0, len(text), text, 9), "{number}{text}.md")
    content = build_prompt("{text}?", [evil], PromptConfig())[-1].content
    assert content == f"[1] {{number}}{{text}}.md\n{text}\n\nQuestion: {{text}}?"


def test_a_template_that_does_not_suit_a_passage_is_named() -> None:
    with pytest.raises(ConfigError, match=r"prompt.passage cannot be filled in with passage 1"):
        build_prompt("Q", [hit("ab")], PromptConfig(passage="{number:02d} {text:d}"))


def test_examples_are_turns_before_the_question() -> None:
    examples = '{"input": "Ping", "output": "Pong"}\n\n{"input": "A", "output": "B", "note": 1}\n'
    messages = build_prompt(QUESTION, HITS[1:2], PromptConfig(examples=examples))
    turns = [("user", "Ping"), ("assistant", "Pong"), ("user", "A"), ("assistant", "B")]
    assert [(each.role, each.content) for each in messages[1:-1]] == turns
    assert messages[-1].content.endswith(QUESTION)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{half", "is not JSON"),
        ('["a", "b"]', "is not a JSON object"),
        ('{"input": "a"}', 'has no text for "output"'),
        ('{"input": " ", "output": "b"}', 'has no text for "input"'),
        ('{"input": 1, "output": "b"}', 'has no text for "input"'),
    ],
)
def test_an_example_that_cannot_be_read_is_named_by_its_line(line: str, reason: str) -> None:
    good = json.dumps({"input": "a", "output": "b"})
    with pytest.raises(ConfigError, match=f"prompt.examples line 3 {reason}") as caught:
        few_shot(PromptConfig(examples=f"{good}\n\n{line}\n{good}"))
    assert "\n" not in str(caught.value)


def words(messages: Sequence[Message]) -> int:
    return sum(len(each.content.split()) for each in messages)


def test_passages_that_do_not_fit_are_left_out_from_the_end_on() -> None:
    passages = [hit("word " * 10, document=str(number)) for number in range(8)]
    prompt = PromptConfig(system="")
    for kept in range(9):
        room = words(build_prompt(QUESTION, passages[:kept], prompt))
        fitting = fit_prompt(QUESTION, passages, prompt, words, room)
        assert fitting.messages == build_prompt(QUESTION, passages[:kept], prompt)
        assert fitting.passages == kept


def test_a_question_that_does_not_fit_alone_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="take 7 tokens, and the model has room for 6 beside the answer"):
        fit_prompt(QUESTION, HITS, PromptConfig(system=""), words, 6)


def test_a_mark_becomes_a_citation_of_the_sentence_that_says_so() -> None:
    cited = parse_citations("It may be returned within 14 days [1].", HITS)
    assert cited.text == "It may be returned within 14 days."
    begin = 100 + RETURNS.index("A laptop")
    assert cited.citations == (Citation("shop", begin, begin + 40, passage=0, position=34),)
    assert RETURNS[begin - 100 : begin - 60] == "A laptop may be returned within 14 days."
    assert (cited.dropped, cited.unsupported) == (0, ())


def test_a_passage_that_shares_no_word_is_cited_as_a_whole() -> None:
    cited = parse_citations("Yes [2].", HITS)
    assert cited.citations == (Citation("tea", 0, len(TEA), passage=1, position=4),)


@pytest.mark.parametrize(
    ("marked", "clean", "passages"),
    [
        ("So [1, 3].", "So.", [0, 2]),
        ("So [1][2].", "So.", [0, 1]),
        ("So [1], [2].", "So.", [0, 1]),
        ("So [1-3].", "So.", [0, 1, 2]),
        ("So [1–2; 3].", "So.", [0, 1, 2]),
        ("So ([2]).", "So.", [1]),
        ("So [Passage 2].", "So.", [1]),
        ("So [1][1].", "So.", [0]),
        ("So. [2]", "So.", [1]),
        ("So.[2]", "So.", [1]),
        ("[3] So.", "So.", [2]),
        ("According to [2], so.", "According to passage 2, so.", [1]),
        ("[1] says so.", "Passage 1 says so.", [0]),
        ("Passage [1] says so.", "Passage 1 says so.", [0]),
        ("So[1]and so.", "So and so.", [0]),
    ],
)
def test_every_way_to_write_a_mark_is_read(marked: str, clean: str, passages: list[int]) -> None:
    cited = parse_citations(marked, HITS)
    assert cited.text == clean
    assert [citation.passage for citation in cited.citations] == passages
    assert {citation.position for citation in cited.citations} == {len(clean)}
    assert cited.unsupported == ()


def test_marks_belong_to_their_own_sentences() -> None:
    text = "It takes 14 days [1]. [2] Tea is green. Nobody cites this.\n[3] It rains."
    cited = parse_citations(text, HITS)
    assert cited.text == "It takes 14 days. Tea is green. Nobody cites this.\nIt rains."
    assert [(each.passage, each.position) for each in cited.citations] == [(0, 17), (1, 17), (2, 60)]
    assert [cited.text[start:end] for start, end in cited.unsupported] == [
        "Tea is green.",
        "Nobody cites this.",
    ]


def test_marks_that_point_at_no_passage_are_dropped_and_counted() -> None:
    cited = parse_citations("It takes 14 days [7]. Tea [2, 9]. Rain [0] [2-5].", HITS)
    assert cited.text == "It takes 14 days. Tea. Rain."
    assert cited.dropped == 4
    assert [citation.passage for citation in cited.citations] == [1, 1, 2]
    assert [cited.text[start:end] for start, end in cited.unsupported] == ["It takes 14 days."]


def test_without_passages_nothing_is_unsupported_and_marks_are_dropped() -> None:
    cited = parse_citations("It takes 14 days [1]. I think so.", ())
    assert (cited.text, cited.citations) == ("It takes 14 days. I think so.", ())
    assert (cited.dropped, cited.unsupported) == (1, ())


def test_other_square_brackets_are_text() -> None:
    text = "Press [Enter] or [2024], then x[i]; see [](a)."
    assert parse_citations(text, HITS).text == text


@given(st.text(alphabet="ab .\n[]()1,-3?", max_size=60), st.integers(0, 3))
def test_whatever_a_model_writes_is_read(text: str, passages: int) -> None:
    cited = parse_citations(text, HITS[:passages])
    for citation in cited.citations:
        assert 0 <= citation.position <= len(cited.text)
        chunk = HITS[citation.passage].chunk
        assert chunk.document_id == citation.document_id
        assert chunk.start <= citation.start < citation.end <= chunk.end
    for start, end in cited.unsupported:
        assert cited.text[start:end].strip()
        assert not any(start < citation.position <= end for citation in cited.citations)


@pytest.mark.parametrize(
    "text",
    [
        "I cannot answer this question from the documents.",
        "I cannot answer it from the documents. The passages do not mention tea.",
        "I'm sorry, but I can't answer that from the documents.",
        "Sorry. I am unable to find this in the passages.",
        "The passages do not answer the question.",
        "The documents don’t say how long a laptop may be returned.",
        "There is no information about this in the passages.",
        "Based on the documents, the question cannot be answered.",
        "This is not mentioned in the documents.",
        "I don't know.",
        "I do not know the answer.",
        "Unfortunately, I could not find that.",
    ],
)
def test_an_answer_that_refuses_is_recognised(text: str) -> None:
    assert is_refusal(text)
    assert parse_citations(text, HITS).unsupported == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It takes 14 days.",
        "You cannot return it after 14 days.",
        "Opened software is not covered.",
        "The document does not have to be signed.",
        "The laptop does not include a bag.",
        "The passages do not say how long, but the shop takes it back within 14 days.",
        "I cannot answer this from the documents. However, shops usually allow 14 days.",
        "It takes 14 days. The documents do not say more.",
    ],
)
def test_an_answer_that_answers_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)
