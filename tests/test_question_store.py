import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.adapters.examples import Example, parse_examples
from playground.errors import InputError, PlaygroundError
from playground.questions.lookup import Gold, LabelledQuestion
from playground.questions.store import QuestionStore, Rating

LABEL = Gold("a.md", 3, 7, "text", found=True)
FEE = LabelledQuestion("fee", "What is the fee?", ("30",), True, (LABEL,))
OPEN = LabelledQuestion("open", "Who pays?", answerable=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[QuestionStore]:
    store = QuestionStore(tmp_path)
    yield store
    store.close()


def names(store: QuestionStore) -> list[str]:
    return [each.name for each in store.sets()]


def test_a_set_comes_back_in_its_order_and_after_a_restart(tmp_path: Path) -> None:
    store = QuestionStore(tmp_path)
    store.put("mine", [OPEN, FEE])
    store.close()
    again = QuestionStore(tmp_path)
    assert again.questions("mine") == [OPEN, FEE]
    (line,) = again.sets()
    assert (line.name, line.questions, line.answerable) == ("mine", 2, 1)
    again.close()


def test_what_was_put_replaces_the_set(store: QuestionStore) -> None:
    store.put("mine", [OPEN, FEE])
    store.put("mine", [FEE])
    assert store.questions("mine") == [FEE]
    assert store.questions("other") == []


def test_two_questions_with_one_id_and_a_set_without_a_name_are_refused(store: QuestionStore) -> None:
    with pytest.raises(InputError, match="two questions of the set mine have the same id"):
        store.put("mine", [FEE, FEE])
    with pytest.raises(InputError, match="needs a name"):
        store.put(" ", [FEE])
    assert store.sets() == []


def test_added_questions_get_the_next_free_id(store: QuestionStore) -> None:
    ids = [store.add("mine", LabelledQuestion("", f"Question {n}?")).id for n in range(3)]
    assert ids == ["q1", "q2", "q3"]
    store.delete("mine", ["q2"])
    assert store.add("mine", LabelledQuestion("q3", "Another?")).id == "q4"
    assert [question.id for question in store.questions("mine")] == ["q1", "q3", "q4"]


def test_a_set_is_named_without_the_white_space_around_it(store: QuestionStore) -> None:
    store.add(" mine ", FEE)
    assert names(store) == ["mine"]
    assert store.questions("mine") == [FEE]


def test_labelling_a_known_question_adds_to_it(store: QuestionStore) -> None:
    store.put("mine", [FEE])
    more = LabelledQuestion("", " what IS the fee? ", ("30", "thirty"), True, (Gold("b.md", 0, 2, "so"),))
    kept = store.label("mine", more)
    assert kept.answers == ("30", "thirty")
    assert kept.relevant == (LABEL, Gold("b.md", 0, 2, "so"))
    assert store.questions("mine") == [kept]
    assert not store.label("mine", LabelledQuestion("", FEE.question, answerable=False)).answerable


def test_a_question_that_was_deleted_cannot_be_updated(store: QuestionStore) -> None:
    with pytest.raises(InputError, match="the set mine has no question fee: it was deleted meanwhile"):
        store.update("mine", FEE)
    assert store.sets() == []


def test_a_label_is_replaced_or_removed(store: QuestionStore) -> None:
    store.put("mine", [FEE])
    new = Gold("a.md", 8, 12, "word")
    store.replace_labels("mine", {"fee": {LABEL: [new]}, "gone": {LABEL: []}})
    assert store.questions("mine")[0].relevant == (new,)
    store.replace_labels("mine", {"fee": {new: []}})
    assert store.questions("mine")[0].relevant == ()


def test_sets_are_renamed_and_deleted(store: QuestionStore) -> None:
    store.put("one", [FEE])
    store.put("two", [OPEN])
    with pytest.raises(InputError, match="there is a set two already"):
        store.rename_set("one", "two")
    store.rename_set("one", "three")
    assert store.questions("three") == [FEE]
    store.delete_set("three")
    assert names(store) == ["two"]


def test_the_set_that_was_changed_last_comes_first(store: QuestionStore) -> None:
    store.put("one", [FEE])
    store.put("two", [FEE])
    store.add("one", OPEN)
    assert names(store) == ["one", "two"]


def test_deleted_text_is_nowhere_on_the_disk(store: QuestionStore, tmp_path: Path) -> None:
    store.put("mine", [LabelledQuestion("a", "The swordfish is blue")])
    store.delete("mine", ["a"])
    assert not any(b"swordfish" in path.read_bytes() for path in tmp_path.iterdir())


def test_questions_of_many_threads_are_all_kept(store: QuestionStore) -> None:
    def add() -> None:
        for _ in range(10):
            store.add("mine", LabelledQuestion("", "Same?"))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(question.id for question in store.questions("mine")) == sorted(
        f"q{n}" for n in range(1, 41)
    )


def test_what_was_saved_is_seen_by_another_connection_at_once(store: QuestionStore, tmp_path: Path) -> None:
    store.put("mine", [FEE])
    other = sqlite3.connect(tmp_path / "questions.sqlite")
    assert other.execute("SELECT count(*) FROM questions").fetchone() == (1,)
    other.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "questions.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(PlaygroundError, match=r"questions\.sqlite cannot be read or saved"):
        QuestionStore(tmp_path)


def test_an_answer_is_rated_once_and_the_rating_can_change(store: QuestionStore) -> None:
    rating = Rating("Fee?", "40", "balanced", good=False)
    store.rate(rating)
    store.rate(Rating("Fee?", "40", "balanced", good=True))
    (kept,) = store.ratings()
    assert (kept.good, kept.correction) == (True, "")
    assert store.rating("Fee?", "40", "balanced").good is True
    assert store.rating("Fee?", "41", "balanced").empty
    store.rate(Rating("Fee?", "40", "balanced"))
    assert store.ratings() == []


def test_corrections_are_examples_that_can_be_trained_with(store: QuestionStore) -> None:
    store.rate(Rating("Fee?", "40", "a", correction=" 30 euros "))
    store.rate(Rating("fee? ", "50", "b", good=False, correction="31 euros"))
    store.rate(Rating("Who?", "me", "b", good=True))
    assert store.corrections() == [Example("fee? ", "31 euros")]
    read = parse_examples("corrections.jsonl", store.corrections_as_jsonl().encode())
    assert read.examples == (Example("fee?", "31 euros", 1),)
