from pathlib import Path

import pytest

from playground.adapters.examples import Example
from playground.adapters.scoring import (
    FILE,
    HeldOutRow,
    best_and_worst,
    forgetting,
    read_rows,
    score_rows,
    summarise,
    write_rows,
)
from playground.errors import InputError

LABELLED = [
    Example(f"input {number}", label) for number, label in enumerate(["card", "cash", "card", "loan"])
]


def row(name: str, before: float, after: float) -> HeldOutRow:
    return HeldOutRow(name, "wanted", "a", "b", before, after, 0.0)


def test_a_label_is_right_or_wrong_and_white_space_does_not_count() -> None:
    rows = score_rows(
        LABELLED, ["card", "card", "cash", "loans"], [" card\n", "cash", "Card", "loan"], labelled=True
    )
    assert [each.score_before for each in rows] == [1.0, 0.0, 0.0, 0.0]
    assert [each.score_after for each in rows] == [1.0, 1.0, 0.0, 1.0]
    assert [each.moved for each in rows] == [False, True, True, True]


def test_an_open_output_is_compared_word_by_word() -> None:
    (scored,) = score_rows(
        [Example("Which?", "reset the red logger")], ["red"], ["reset logger red now"], labelled=False
    )
    # "the" is no word: 1 of 1 words in 3 is 2 * 1 / 4, and 3 of 4 in 3 is 2 * 3 / 7.
    assert (scored.score_before, scored.score_after) == (0.5, 6 / 7)
    assert scored.similarity == 2 / 5


def test_the_summary_counts_scores_and_what_moved() -> None:
    rows = score_rows(LABELLED, ["card", "card", "card", "card"], ["card", "cash", "card", "card"], True)
    scores = summarise(rows, labelled=True)
    assert scores is not None
    assert (scores.name, scores.examples) == ("accuracy", 4)
    assert (scores.before, scores.after, scores.moved) == (0.5, 0.75, 0.25)
    assert scores.difference.mean == 0.25
    # Four examples say little: of the means of 10,000 resamples of (0, 1, 0, 0) nearly all are inside.
    assert (scores.difference.low, scores.difference.high) == (0.0, 1.0)


def test_without_held_out_examples_there_is_no_score() -> None:
    assert summarise([], labelled=True) is None
    assert forgetting("match", [], []) is None


def test_open_outputs_are_scored_as_match() -> None:
    rows = score_rows(LABELLED, ["x"] * 4, ["card"] * 4, labelled=False)
    scores = summarise(rows, labelled=False)
    assert scores is not None
    assert (scores.name, scores.before, scores.after, scores.moved) == ("match", 0.0, 0.5, 1.0)


def test_forgetting_counts_questions_outside_before_and_after() -> None:
    lost = forgetting("found", [1.0, 1.0, 0.0], [1.0, 0.0, 0.0])
    assert lost is not None
    assert (lost.name, lost.questions, lost.before, lost.after) == ("found", 3, 2 / 3, 1 / 3)
    assert lost.difference.mean == pytest.approx(-1 / 3)
    assert (lost.difference.low, lost.difference.high) == (-1.0, 0.0)


def test_pairs_count_and_not_how_far_apart_the_examples_are() -> None:
    gained = forgetting("found", [0.1, 0.9] * 20, [0.2, 1.0] * 20)
    assert gained is not None
    # Unpaired, scores this far apart would leave the difference uncertain; every pair gained exactly 0.1.
    assert gained.difference.mean == pytest.approx(0.1)
    assert gained.difference.low > 0


def test_best_and_worst_rows_share_none() -> None:
    rows = [row("even", 0.5, 0.5), row("won", 0.0, 1.0), row("lost", 1.0, 0.0), row("right", 1.0, 1.0)]
    best, worst = best_and_worst(rows, 1)
    assert [each.input for each in best] == ["won"]
    assert [each.input for each in worst] == ["lost"]
    best, worst = best_and_worst(rows, 5)
    assert [each.input for each in best] == ["won", "right"]
    assert [each.input for each in worst] == ["lost", "even"]
    assert best_and_worst(rows[:1]) == (rows[:1], [])
    assert best_and_worst([]) == ([], [])


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = score_rows([Example("Straße?", "línea\n2")], ["nein"], ["línea 2"], labelled=False)
    write_rows(tmp_path, rows)
    assert read_rows(tmp_path) == rows
    assert '"moved": true' in (tmp_path / FILE).read_text(encoding="utf-8")


def test_an_adapter_without_held_out_rows_has_none(tmp_path: Path) -> None:
    assert read_rows(tmp_path) == []


@pytest.mark.parametrize("text", ["{", "[1]", '[{"input": "x"}]', "3"])
def test_damaged_rows_are_an_error_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(InputError, match=r"held_out\.json cannot be read") as caught:
        read_rows(tmp_path)
    assert "\n" not in str(caught.value)
