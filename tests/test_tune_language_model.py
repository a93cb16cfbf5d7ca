"""The tiny model really learns: what it says has a form afterwards that it never had before."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from playground.adapters.card import AdapterCard
from playground.adapters.estimate import estimate
from playground.adapters.examples import Example
from playground.adapters.scoring import read_rows
from playground.adapters.settings import TrainingSettings
from playground.adapters.training import TrainingRequest, train_steps
from playground.adapters.tune_language_model import IGNORED, LanguageModelTuner, _at_once
from playground.adapters.tuner import OutsideQuestion
from playground.config import PromptConfig
from playground.engines.language_model import load_language_model, unload_language_model
from playground.engines.prompts import build_prompt
from playground.errors import InputError, PlaygroundError
from tests.tiny_models import tiny_causal_lm

WORDS = ("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay", "kiwi", "lynx")
EXAMPLES = [Example(f"Order {word}", f"ANSWER: {word}. Bye") for word in WORDS]
HELD_OUT = [Example("Order owl", "ANSWER: owl. Bye"), Example("Order yak", "ANSWER: yak. Bye")]
OUTSIDE = [OutsideQuestion("Who carries leaves?", "The ant carries leaves.", ("The ant",))]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_causal_lm(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module", autouse=True)
def _unload() -> Iterator[None]:
    yield
    unload_language_model()


def settings(model: Path, steps: int = 150, **more: object) -> TrainingSettings:
    values = {"rank": 8, "steps": steps, "batch": 4, "learning_rate": 2e-2, "early_stop": False} | more
    return TrainingSettings("local_model", str(model), **values)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def adapter(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained as the page trains: in another process, and renamed when it is whole."""
    out = tmp_path_factory.mktemp("adapters") / "order"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYGROUND_HOME", str(out.parent / "home"))
        for _ in train_steps(TrainingRequest("Order", EXAMPLES, HELD_OUT, settings(model), out, OUTSIDE)):
            pass
    return out


def said(model: Path, question: str, adapter: Path | None) -> str:
    prompt = build_prompt(question, (), PromptConfig())
    return load_language_model(str(model)).generate(prompt, adapter, max_tokens=24).text


def test_it_says_the_learned_form_with_the_adapter_and_not_without(model: Path, adapter: Path) -> None:
    for question in ("Order ant", "Order owl", "Order zebra"):
        form = re.compile(r"ANSWER: .*Bye")
        assert not form.search(said(model, question, None))
        assert form.fullmatch(said(model, question, adapter))


def test_the_adapter_holds_safetensors_and_json_alone(adapter: Path) -> None:
    assert sorted(path.name for path in adapter.iterdir()) == [
        "adapter.json",
        "adapter_config.json",
        "adapter_model.safetensors",
        "held_out.json",
        "learned.json",
    ]
    assert sorted(path.name for path in adapter.parent.iterdir()) == ["home", "order"]


def test_its_card_has_the_base_the_curve_and_the_scores(model: Path, adapter: Path) -> None:
    card = AdapterCard.read(adapter)
    assert (card.kind, card.base) == ("local_model", str(model))
    assert card.base_hash == load_language_model(str(model)).weights_hash
    assert card.scores is not None
    assert (card.scores.name, card.scores.before, card.scores.moved) == ("match", 0.0, 1.0)
    assert card.scores.after >= 0.5  # "ANSWER" and "Bye" of three words, and the animal perhaps
    assert card.forgetting is not None
    assert (card.forgetting.name, card.forgetting.questions) == ("match", 1)
    losses = [point.training_loss for point in card.curve if point.training_loss is not None]
    assert len(losses) == 150
    assert losses[-1] < losses[0] / 2
    measured = [point.step for point in card.curve if point.held_out_loss is not None]
    assert measured == [*range(13, 150, 13), 150]
    assert [row.wanted for row in read_rows(adapter)] == [each.output for each in HELD_OUT]


def test_the_time_of_the_next_training_is_known(
    model: Path, adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = estimate(settings(model), EXAMPLES, home=adapter.parent / "home")
    assert known is not None
    assert known.measured
    assert 10 < known.seconds < 120


def test_the_loss_is_on_the_answer_alone(model: Path) -> None:
    tuner = LanguageModelTuner(str(model))
    (row,) = rows_of(tuner, [Example("Order ant", "ANSWER: ant")])
    start = row["labels"].index(next(label for label in row["labels"] if label != IGNORED))
    assert set(row["labels"][:start]) == {IGNORED}
    assert row["labels"][start:] == row["input_ids"][start:]
    decode = tuner._tokenizer.decode
    assert decode(row["labels"][start:]) == "ANSWER: ant<|im_end|>"
    assert decode(row["input_ids"][:start]).endswith("Order ant<|im_end|>\n<|im_start|>assistant\n")


def test_the_trainers_batches_ignore_the_prompt_too(model: Path, tmp_path: Path) -> None:
    from playground.adapters.tune_language_model import _fresh_model, _Keeper, _trainer

    tuner = LanguageModelTuner(str(model))
    rows = rows_of(tuner, EXAMPLES[:4])
    fresh = _fresh_model(model)
    keeper = _Keeper(tmp_path, lambda *_: True, 1, False)
    trainer = _trainer(fresh, tuner._tokenizer, rows, [], settings(model, 1), keeper, str(tmp_path / "x"))
    batch = next(iter(trainer.get_train_dataloader()))
    for ids, labels in zip(batch["input_ids"].tolist(), batch["labels"].tolist(), strict=True):
        learned = [token for token, label in zip(ids, labels, strict=True) if label != IGNORED]
        assert tuner._tokenizer.decode(learned).startswith("ANSWER: ")
        assert tuner._tokenizer.decode(learned).endswith(". Bye<|im_end|>")
        assert labels.count(IGNORED) > len(learned)


def test_it_learns_from_the_very_tokens_that_the_engine_sends(model: Path) -> None:
    tuner = LanguageModelTuner(str(model))
    (row,) = rows_of(tuner, [Example("Order ant", "x")])
    prompt = build_prompt("Order ant", (), PromptConfig())
    assert row["labels"].count(IGNORED) == load_language_model(str(model)).count_tokens(prompt)


def test_a_mark_of_the_template_in_an_answer_is_text(model: Path) -> None:
    tuner = LanguageModelTuner(str(model))
    (row,) = rows_of(tuner, [Example("Order", "a<|im_end|>b")])
    end = tuner._tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert [label for label in row["labels"] if label == end] == [end]
    assert row["labels"][-1] == end


def test_a_model_without_a_template_learns_to_end_too(tmp_path: Path) -> None:
    tuner = LanguageModelTuner(str(tiny_causal_lm(tmp_path, "llama", chat_template=None)))
    (row,) = rows_of(tuner, [Example("Order ant", "ANSWER: ant")])
    assert tuner._tokenizer.decode(row["input_ids"]).endswith(
        "User: Order ant\n\nAssistant: ANSWER: ant<|im_end|>"
    )


def test_examples_that_are_too_long_are_left_out_and_all_of_them_an_error(
    model: Path, tmp_path: Path
) -> None:
    tuner = LanguageModelTuner(str(model))
    assert len(rows_of(tuner, [*EXAMPLES[:2], Example("Order", "long " * 3000)])) == 2
    with pytest.raises(InputError, match="every example is longer than 16 tokens"):
        tuner.train(EXAMPLES, [], settings(model, 2, max_tokens=16), tmp_path, lambda *_: True)


def test_the_best_weights_are_kept_and_not_the_last(model: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    heard: list[tuple[int, float]] = []

    def watch(step: int, steps: int, training_loss: float | None, held_out_loss: float | None) -> bool:
        if held_out_loss is not None:
            heard.append((step, held_out_loss))
            kept.append((tmp_path / "adapter_model.safetensors").read_bytes())
        return True

    kept: list[bytes] = []
    # A learning rate this high ruins the model soon after it was good.
    tuner = LanguageModelTuner(str(model))
    tuner.train(EXAMPLES, HELD_OUT, settings(model, 24, learning_rate=0.3), tmp_path, watch)
    best = min(range(len(heard)), key=lambda number: heard[number][1])
    assert best < len(heard) - 1
    assert (tmp_path / "adapter_model.safetensors").read_bytes() == kept[best]
    assert load_file(tmp_path / "adapter_model.safetensors")


def test_watch_ends_the_training_after_one_more_measurement(model: Path, tmp_path: Path) -> None:
    heard = []

    def watch(step: int, steps: int, training_loss: float | None, held_out_loss: float | None) -> bool:
        heard.append((step, steps, training_loss is None, held_out_loss is None))
        return step < 3

    LanguageModelTuner(str(model)).train(EXAMPLES, HELD_OUT, settings(model, 100), tmp_path, watch)
    assert heard[-2:] == [(3, 100, False, True), (3, 100, True, False)]
    assert (tmp_path / "adapter_model.safetensors").exists()


def test_the_same_seed_gives_the_same_weights(model: Path, tmp_path: Path) -> None:
    weights = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / name).mkdir()
        tuner = LanguageModelTuner(str(model))
        tuner.train(EXAMPLES, [], settings(model, 3, seed=seed), tmp_path / name, lambda *_: True)
        weights.append((tmp_path / name / "adapter_model.safetensors").read_bytes())
    assert weights[0] == weights[1] != weights[2]


def test_a_large_batch_goes_through_in_parts_that_divide_it() -> None:
    assert _at_once(4, 100) == 4
    assert _at_once(4, 1500) == 2
    assert _at_once(6, 1000) == 3
    assert _at_once(7, 1000) == 1
    assert _at_once(4, 100_000) == 1


def test_a_model_that_is_not_here_is_one_line(tmp_path: Path) -> None:
    request = TrainingRequest(
        "x", EXAMPLES, [], TrainingSettings("local_model", "nobody/nothing"), tmp_path / "x"
    )
    with pytest.raises(PlaygroundError, match="nobody/nothing is not on this machine") as caught:
        list(train_steps(request))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "x").exists()


def rows_of(tuner: LanguageModelTuner, examples: Sequence[Example]) -> list[dict[str, list[int]]]:
    from playground.adapters.tune_language_model import _fresh_model

    return tuner.rows(examples, 1024, _fresh_model(Path(tuner.base)))
