from playground.chunking import Chunk
from playground.cutting import cut_answers, labelled_answers, token_histogram
from playground.documents import Document
from playground.paths import sample_docs_folder
from playground.questions.lookup import Gold, GoldSpan, LabelledQuestion, load_questions


def chunk(start: int, end: int) -> Chunk:
    return Chunk("d", start, end, "x" * (end - start), end - start)


def test_an_answer_is_cut_when_no_chunk_holds_all_of_it() -> None:
    inside, across = GoldSpan("d", 2, 5), GoldSpan("d", 8, 12)
    assert cut_answers([chunk(0, 10), chunk(10, 20)], [inside, across]) == [across]


def test_overlap_can_keep_an_answer_whole() -> None:
    assert cut_answers([chunk(0, 10), chunk(7, 20)], [GoldSpan("d", 8, 12)]) == []


def test_sizes_fall_into_equal_steps() -> None:
    assert token_histogram([1, 50, 51, 100, 150, 200, 900], top=200, bars=4) == [2, 2, 1, 2]
    assert token_histogram([], top=200, bars=2) == [0, 0]


def test_the_sample_questions_have_answers_in_the_sample_documents() -> None:
    folder = sample_docs_folder() / "handbook"
    name = "welcome-handbook.md"
    text = (folder / "documents" / name).read_text(encoding="utf-8")
    questions = load_questions(folder / "questions.jsonl")
    found = labelled_answers(Document("d", name, text), questions)
    quotes = [gold.quote for each in questions for gold in each.relevant if gold.document == name]
    assert quotes
    assert {text[span.start : span.end] for span in found} == set(quotes)
    assert list(found) == sorted(found, key=lambda span: span.start)


def test_another_document_of_the_same_name_has_no_labelled_answers() -> None:
    dogs = LabelledQuestion(
        "dogs", "May dogs come?", relevant=(Gold("welcome.md", quote="Dogs are welcome."),)
    )
    assert labelled_answers(Document("d", "welcome.md", "Yes. Dogs are welcome."), [dogs]) == (
        GoldSpan("d", 5, 22),
    )
    assert labelled_answers(Document("d", "welcome.md", "Something else."), [dogs]) == ()
    assert labelled_answers(Document("d", "mine.md", "Yes. Dogs are welcome."), [dogs]) == ()
