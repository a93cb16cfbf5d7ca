"""Many inputs by each of the four approaches, on the real encoder with an adapter of random weights."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from playground.adapters.examples import Example
from playground.adapters.outputs import LearnedOutputs, readable
from playground.adapters.predicting import Approach, Prediction, predict_steps
from playground.adapters.tuned_encoder import tuned_encoder
from playground.config import EncoderConfig
from playground.embedding import load_encoder
from playground.errors import InputError
from tests.encoder_adapters import random_adapter

EXAMPLES = [
    Example("Where is my parcel?", "delivery_status"),
    Example("My parcel has not arrived yet.", "delivery_status"),
    Example("I forgot my password.", "login_problem"),
    Example("My password does not work any more.", "login_problem"),
    Example("I want my money back.", "refund_request"),
    Example("Please refund the laptop.", "refund_request"),
]
OUTPUTS = ("delivery_status", "login_problem", "refund_request")
INPUTS = ["The parcel is late, where is it?", "I cannot remember the password", "Refund me please"]
VOLCANO = "Volcanoes erupt when magma rises."


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whose outputs lie where its own encoder puts their texts."""
    folder = random_adapter(tmp_path_factory.mktemp("adapters") / "tone")
    vectors = tuned_encoder(folder).encode([readable(output) for output in OUTPUTS])
    LearnedOutputs(OUTPUTS, vectors, -1.0).save(folder)
    return folder


def predict(
    approach: Approach, adapter: Path | None = None, inputs: Sequence[str] = INPUTS
) -> list[Prediction]:
    return list(predict_steps(inputs, adapter, EXAMPLES, approach))


def test_prompt_only_chooses_among_the_outputs_by_their_words() -> None:
    predictions = predict("prompt")

    assert [each.output for each in predictions] == list(OUTPUTS)
    encoder = load_encoder(EncoderConfig())
    text, question = encoder.encode(["refund request", INPUTS[2]])
    assert predictions[2].score == pytest.approx(float(text @ question), abs=1e-4)


def test_rag_votes_among_the_examples() -> None:
    predictions = predict("rag")

    assert [each.output for each in predictions] == list(OUTPUTS)
    assert [each.input for each in predictions] == INPUTS
    assert not any(each.abstained for each in predictions)


def test_an_input_unlike_all_abstains_and_still_names_the_nearest_output() -> None:
    (prediction,) = predict("rag", inputs=[VOLCANO])

    assert prediction.abstained
    assert prediction.output in OUTPUTS


def test_the_adapter_alone_reads_no_examples(adapter: Path) -> None:
    without = list(predict_steps(INPUTS, adapter, None, "adapter"))
    with_examples = predict("adapter", adapter)

    assert [(each.output, each.score) for each in without] == [
        (each.output, each.score) for each in with_examples
    ]
    expected = LearnedOutputs.load(adapter).nearest(tuned_encoder(adapter).encode(INPUTS[:1])[0])
    assert (without[0].output, without[0].score) == (expected.text, pytest.approx(expected.score))


def test_both_lie_between_the_two(adapter: Path) -> None:
    alone, vote, both = (predict(each, adapter) for each in ("adapter", "rag", "both"))

    for one, other, mixed in zip(alone, vote, both, strict=True):
        assert mixed.score == pytest.approx(0.5 * one.score + 0.5 * other.score, abs=1e-4)


def test_an_adapter_that_the_approach_does_not_use_changes_nothing(adapter: Path) -> None:
    for approach in ("prompt", "rag"):
        plain, given = predict(approach), predict(approach, adapter)
        assert [(each.output, each.score) for each in plain] == [(each.output, each.score) for each in given]


def test_latency_is_that_of_each_input_alone() -> None:
    steps = predict_steps([*INPUTS, "a much longer question " * 200], None, EXAMPLES, "prompt")

    latencies = [each.latency_ms for each in steps]

    assert min(latencies) > 0
    assert latencies[-1] > 2 * min(latencies[:3])


def test_no_inputs_are_no_predictions() -> None:
    assert predict("rag", inputs=[]) == []


def test_what_an_approach_lacks_is_said_in_one_line(adapter: Path) -> None:
    for approach, folder, examples, lacks in [
        ("adapter", None, EXAMPLES, "the folder of an adapter"),
        ("both", None, EXAMPLES, "the folder of an adapter"),
        ("both", adapter, None, "labelled examples"),
        ("rag", None, [], "labelled examples"),
        ("prompt", None, None, "labelled examples"),
    ]:
        with pytest.raises(InputError, match=lacks):
            next(predict_steps(INPUTS, folder, examples, approach))


def test_an_adapter_for_a_language_model_is_refused(tmp_path: Path) -> None:
    folder = random_adapter(tmp_path / "a", kind="local_model", base="owner/model")
    with pytest.raises(InputError, match="owner/model"):
        next(predict_steps(INPUTS, folder, None, "adapter"))
