import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from playground.adapters import predict_language_model as module
from playground.adapters.examples import Example
from playground.adapters.predict_language_model import NEIGHBOURS, predict_steps, prompts
from playground.adapters.predicting import Approach
from playground.config import PromptConfig
from playground.engines.language_model import load_language_model, unload_language_model
from playground.engines.prompts import build_prompt
from playground.errors import InputError, ModelError
from tests.fakes import FakeEncoder
from tests.tiny_models import tiny_causal_lm

LABELLED = [Example(f"{topic} {word}", topic) for topic in ("card", "loan") for word in ("a", "b", "c", "d")]
OPEN = [Example(f"say {word}", f"I say {word}.") for word in ("one", "two", "three", "four", "five", "six")]


@pytest.fixture(autouse=True)
def _fake_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = FakeEncoder()
    monkeypatch.setattr(module, "load_encoder", lambda config: encoder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_causal_lm(tmp_path_factory.mktemp("model"), context=800))


def shown(prompt: PromptConfig) -> list[str]:
    return [json.loads(line)["input"] for line in prompt.examples.splitlines()]


def test_prompting_names_the_labels_to_choose_from() -> None:
    prompt = prompts(LABELLED, "prompt")("my card")
    assert prompt.system.splitlines()[1:] == ["card", "loan"]
    assert prompt.examples == ""


def test_open_outputs_are_nothing_to_choose_from() -> None:
    assert prompts(OPEN, "prompt")("say seven") == PromptConfig()


def test_rag_shows_the_nearest_examples_the_nearest_last() -> None:
    prompt = prompts(LABELLED, "rag")("card c")
    assert len(shown(prompt)) == NEIGHBOURS
    assert shown(prompt)[-1] == "card c"
    assert {"card a", "card b", "card d"} <= set(shown(prompt))
    assert prompt.system.splitlines()[1:] == ["card", "loan"]


def test_an_adapter_is_asked_as_it_was_trained() -> None:
    assert prompts(LABELLED, "adapter")("card c") == PromptConfig()
    both = prompts(LABELLED, "both")("card c")
    assert (both.system, shown(both)[-1]) == (PromptConfig().system, "card c")


def test_each_input_has_its_prediction_in_order(model: str) -> None:
    inputs = ["say seven", "say eight"]
    predictions = list(predict_steps(inputs, None, OPEN, "rag", model))
    assert [each.input for each in predictions] == inputs
    for prediction in predictions:
        assert 0 < prediction.score <= 1
        assert prediction.latency_ms > 0
        assert not prediction.abstained
    unload_language_model()


def test_examples_that_do_not_fit_are_left_out_the_nearest_ones_stay(model: str) -> None:
    long = [Example(f"{word} " * 60, "x") for word in ("ant", "bee", "cat", "dog", "elk")]
    prompt = prompts(long, "rag")("elk")
    count = load_language_model(model).count_tokens
    assert count(build_prompt("elk", (), prompt)) > 400
    messages = module._fitting("elk", prompt, count, 400)
    assert count(messages) <= 400
    users = [message.content for message in messages if message.role == "user"]
    assert users[-1] == "elk"
    assert users[-2].startswith("elk elk")


def test_the_score_is_the_mean_probability_of_the_answers_tokens(model: str) -> None:
    import numpy as np

    loaded = load_language_model(model)
    messages = build_prompt("say", (), PromptConfig())
    logits = loaded.logits(messages).astype(np.float64)
    chances = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    token = loaded._template.encode_answer("a")
    assert len(token) == 1
    assert loaded.probability(messages, "a") == pytest.approx(chances[token[0]], rel=0.02)
    assert loaded.probability(messages, "") == 0.0
    unload_language_model()


@pytest.mark.parametrize(
    ("approach", "examples", "message"),
    [
        ("adapter", (), "needs the folder of an adapter"),
        ("both", OPEN, "needs the folder of an adapter"),
        ("prompt", (), "needs examples"),
        ("rag", (), "needs examples"),
    ],
)
def test_what_an_approach_lacks_is_said(
    model: str, approach: Approach, examples: Sequence[Example], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        next(predict_steps(["a"], None, examples, approach, model))


def test_a_model_that_reads_too_little_is_said(tmp_path: Path) -> None:
    small = str(tiny_causal_lm(tmp_path, context=128))
    with pytest.raises(ModelError, match="too few to answer in"):
        next(predict_steps(["a"], None, OPEN, "prompt", small))
