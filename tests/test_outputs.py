"""Learned outputs: the nearest, the threshold, and the two files."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.adapters.outputs import (
    LearnedOutputs,
    NearestOutput,
    calibrate_threshold,
    output_vectors,
    readable,
    sums_by_output,
    unlike_scores,
)
from playground.errors import InputError

VECTORS = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
LEARNED = LearnedOutputs(("east", "north", "between"), VECTORS, 0.7)
numbers = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=30)


def test_the_nearest_output_has_the_highest_cosine() -> None:
    nearest = LEARNED.nearest(np.array([0.8, 0.6], np.float32))

    assert (nearest.text, nearest.abstain) == ("between", False)
    assert nearest.score == pytest.approx(0.96)
    assert LEARNED.scores(np.array([0, 1], np.float32)) == pytest.approx([0, 1, 0.8])


def test_it_abstains_below_the_threshold_and_not_at_it() -> None:
    assert LEARNED.nearest(np.array([-1, 0], np.float32)) == NearestOutput("north", 0.0, True)
    at_it = LearnedOutputs(("north",), VECTORS[1:2], 1.0)
    assert not at_it.nearest(np.array([0, 1], np.float32)).abstain


def test_what_is_saved_is_loaded_and_is_json_and_safetensors_alone(tmp_path: Path) -> None:
    LEARNED.save(tmp_path)

    loaded = LearnedOutputs.load(tmp_path)

    assert (loaded.texts, loaded.threshold) == (LEARNED.texts, 0.7)
    assert loaded.vectors.dtype == np.float32
    assert (loaded.vectors == VECTORS).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outputs.json", "outputs.safetensors"]


@pytest.mark.parametrize("name", ["outputs.json", "outputs.safetensors"])
def test_a_missing_or_damaged_file_is_one_clear_line(name: str, tmp_path: Path) -> None:
    LEARNED.save(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-5])
    with pytest.raises(InputError, match="learned outputs") as damaged:
        LearnedOutputs.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match="learned outputs") as missing:
        LearnedOutputs.load(tmp_path)
    for caught in (damaged, missing):
        assert str(tmp_path) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"texts": ["east"]},
        {"texts": []},
        {"texts": [1, 2, 3]},
        {"texts": 3},
        {"threshold": None},
        {"format": 2},
    ],
)
def test_a_description_that_does_not_fit_the_vectors_is_refused(
    changed: dict[str, object], tmp_path: Path
) -> None:
    LEARNED.save(tmp_path)
    about = json.loads((tmp_path / "outputs.json").read_text())
    (tmp_path / "outputs.json").write_text(json.dumps(about | changed))
    with pytest.raises(InputError, match="learned outputs"):
        LearnedOutputs.load(tmp_path)


def test_vectors_that_are_no_directions_are_refused(tmp_path: Path) -> None:
    for vectors in (VECTORS * 2, VECTORS * np.nan, VECTORS.astype(np.float64), VECTORS[0]):
        LearnedOutputs(LEARNED.texts, vectors, 0.7).save(tmp_path)
        with pytest.raises(InputError, match="learned outputs"):
            LearnedOutputs.load(tmp_path)


def test_names_for_machines_are_read_as_words() -> None:
    assert readable("card_arrival") == "card arrival"
    assert readable("See file_name.txt for more") == "See file_name.txt for more"
    assert readable("_") == "_"


def test_an_output_is_half_its_text_and_half_its_examples() -> None:
    texts = np.array([[1, 0], [0, 1]], np.float32)
    inputs = np.array([[0, 1], [0, 1], [1, 0]], np.float32)

    sums = sums_by_output(inputs, np.array([0, 0, 0]), 2)
    vectors = output_vectors(texts, sums)

    assert sums.tolist() == [[1, 2], [0, 0]]
    middle = np.array([1, 0]) + np.array([1, 2]) / 5**0.5
    assert vectors[0] == pytest.approx(middle / np.linalg.norm(middle))
    assert vectors[1] == pytest.approx([0, 1]), "without an example its text is all there is"


def test_the_threshold_parts_scores_that_can_be_parted_in_the_middle_of_the_gap() -> None:
    assert calibrate_threshold(np.array([0.8, 0.9]), np.array([0.1, 0.4])) == pytest.approx(0.6)


def test_where_scores_mix_the_threshold_has_the_best_balanced_accuracy() -> None:
    known, unlike = np.array([0.5, 0.7, 0.8, 0.9]), np.array([0.1, 0.2, 0.6])

    threshold = calibrate_threshold(known, unlike)

    # Between 0.2 and 0.5: all known stay, and two of three unlike are refused. Above 0.6: three and three.
    assert threshold == pytest.approx(0.65)


def test_without_anything_to_compare_nothing_is_refused() -> None:
    for known, unlike in (([], [0.5]), ([0.5], [])):
        assert calibrate_threshold(np.array(known), np.array(unlike)) == -1.0


@given(numbers, numbers, st.floats(-1.1, 1.1))
def test_no_other_threshold_is_better(known: list[float], unlike: list[float], other: float) -> None:
    def balanced(threshold: float) -> float:
        kept = sum(score >= threshold for score in known) / len(known)
        return kept + sum(score < threshold for score in unlike) / len(unlike)

    chosen = calibrate_threshold(np.array(known), np.array(unlike))

    assert balanced(chosen) >= balanced(other) - 1e-9


def test_an_input_unlike_all_is_one_whose_neighbourhood_is_not_known() -> None:
    outputs = np.array([[1, 0], [0.8, 0.6], [0, 1], [-1, 0]], np.float32)
    scores = np.array([[0.9, 0.7, 0.3, 0.1], [0.2, 0.4, 0.8, -0.5]], np.float32)

    unlike = unlike_scores(scores, own=outputs[[0, 2]], others=outputs)

    # Far from the first output are the third and the fourth; from the third the first and the fourth.
    assert unlike == pytest.approx([0.3, 0.2])


def test_a_single_output_has_nothing_that_is_unlike_it() -> None:
    one = np.array([[1, 0]], np.float32)
    assert len(unlike_scores(np.array([[0.9]], np.float32), own=one, others=one)) == 0
    two = np.array([[1, 0], [0.8, 0.6]], np.float32)
    assert unlike_scores(np.array([[0.9, 0.2]], np.float32), two[:1], two) == pytest.approx([0.2])
