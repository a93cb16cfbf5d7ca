"""Adapters on a language model: on, off, several, for several people at once, and those that are refused."""

import hashlib
import json
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from playground.engines import adapter_switch
from playground.engines.engine import Message
from playground.engines.language_model import (
    LanguageModel,
    load_language_model,
    prepare_adapter,
    unload_language_model,
)
from playground.errors import InputError, ModelError
from tests.tiny_models import tiny_adapter, tiny_causal_lm

QUESTION = (Message("user", "What is the price of a laptop?"),)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base and three adapters: one, two and three."""
    folder = tmp_path_factory.mktemp("models")
    tiny_causal_lm(folder / "base")
    for seed, name in enumerate(("one", "two", "three"), start=1):
        tiny_adapter(folder / name, folder / "base", name, seed)
    return folder


@pytest.fixture
def model(models: Path) -> LanguageModel:
    """The base as it is before any adapter was ever loaded."""
    unload_language_model()
    return load_language_model(str(models / "base"))


def weights_in_memory(model: LanguageModel) -> str:
    """The sha256 of the model's own weights, whatever layers PEFT has put around them."""
    from playground.engines.language_model import _MEMORY

    digest = hashlib.sha256()
    own = {
        name.replace(".base_layer", ""): parameter
        for name, parameter in _MEMORY.weights_of(model).model.named_parameters()
        if "lora_" not in name
    }
    for name in sorted(own):
        digest.update(name.encode() + own[name].detach().float().numpy().tobytes())
    return digest.hexdigest()


def reference_logits(models: Path, adapter: str) -> np.ndarray:
    """What PEFT itself says with one adapter on a base of its own."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from playground.embedding import best_device

    base: Any = AutoModelForCausalLM.from_pretrained(models / "base", dtype=best_device()[1])
    tokenizer = AutoTokenizer.from_pretrained(models / "base")
    messages = [{"role": each.role, "content": each.content} for each in QUESTION]
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    ids: Any = tokenizer(text, return_tensors="pt")
    with torch.inference_mode():
        return PeftModel.from_pretrained(base, models / adapter)(**ids).logits[0, -1].float().numpy()


def test_off_is_the_base_bit_for_bit_and_on_is_not(model: LanguageModel, models: Path) -> None:
    base, weights = model.logits(QUESTION), weights_in_memory(model)
    on = {name: model.logits(QUESTION, models / name) for name in ("one", "two")}
    assert np.array_equal(model.logits(QUESTION), base)
    assert weights_in_memory(model) == weights
    for name, logits in on.items():
        assert np.abs(logits - base).max() > 0.1
        assert logits == pytest.approx(reference_logits(models, name), abs=1e-4)
        assert np.array_equal(model.logits(QUESTION, models / name), logits)
    assert not np.array_equal(on["one"], on["two"])


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_off_is_the_base_in_every_precision(
    models: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    import torch

    monkeypatch.setattr(
        "playground.engines.language_model.best_device", lambda: ("cpu", getattr(torch, precision))
    )
    unload_language_model()
    model = load_language_model(str(models / "base"))
    assert model.precision == precision
    base = model.logits(QUESTION)
    assert not np.array_equal(model.logits(QUESTION, models / "one"), base)
    assert np.array_equal(model.logits(QUESTION), base)
    unload_language_model()


def test_reading_an_adapter_ahead_changes_nothing(model: LanguageModel, models: Path) -> None:
    base = model.logits(QUESTION)
    prepare_adapter(model.name, models / "one")
    assert np.array_equal(model.logits(QUESTION), base)
    on = model.logits(QUESTION, models / "one")
    prepare_adapter(model.name, models / "two")
    assert np.array_equal(model.logits(QUESTION, models / "one"), on)


def test_nothing_is_read_ahead_for_a_model_that_is_not_in_memory(
    model: LanguageModel, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unload_language_model()
    monkeypatch.setattr("transformers.AutoModelForCausalLM.from_pretrained", None)
    prepare_adapter(model.name, models / "one")


def test_toggling_takes_less_than_100_ms_and_loads_nothing(
    model: LanguageModel, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.logits(QUESTION)
    prepare_adapter(model.name, models / "one")
    monkeypatch.setattr("transformers.AutoModelForCausalLM.from_pretrained", None)
    seconds = []
    for adapter in [models / "one", None] * 5:
        begin = perf_counter()
        with model._in_memory(adapter):
            seconds.append(perf_counter() - begin)
    assert max(seconds) < 0.1


def test_two_people_at_once_never_get_each_others_adapter(model: LanguageModel, models: Path) -> None:
    choices = [None, models / "one", models / "two", models / "three"]

    def ask(number: int) -> tuple[str, bytes]:
        adapter = choices[number % 4]
        question = (Message("user", f"What is the price of laptop {number % 5}?"),)
        said = model.generate(question, adapter, max_tokens=6, on_text=lambda text: None).text
        return said, model.logits(question, adapter).tobytes()

    numbers = range(60)
    one_after_another = [ask(number) for number in numbers]
    assert len({said for said, _ in one_after_another}) >= 4
    barrier = threading.Barrier(4)

    def together(first: int) -> list[tuple[str, bytes]]:
        barrier.wait(30)
        return [ask(number) for number in numbers[first::4]]

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(together, range(4)))
    for first, part in enumerate(parts):
        assert part == one_after_another[first::4]


def test_who_stops_an_answer_leaves_no_adapter_on(model: LanguageModel, models: Path) -> None:
    base = model.logits(QUESTION)

    def stop(text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.generate(QUESTION, models / "one", on_text=stop)
    assert np.array_equal(model.logits(QUESTION), base)


def test_few_adapters_are_kept_and_those_that_went_come_back(
    model: LanguageModel, models: Path, tmp_path: Path
) -> None:
    from playground.engines.language_model import _MEMORY

    base = model.logits(QUESTION)
    folders = [tiny_adapter(tmp_path / str(seed), models / "base", seed=seed) for seed in range(10, 16)]
    first = [model.logits(QUESTION, folder) for folder in folders]
    assert [np.array_equal(each, base) for each in first] == [False] * 6
    again = [model.logits(QUESTION, folder) for folder in folders]
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(model.logits(QUESTION), base)
    names = [
        name for name, _ in _MEMORY.weights_of(model).model.named_parameters() if "q_proj.lora_A" in name
    ]
    assert len(names) == 2 * adapter_switch.KEPT  # the model has two layers


def test_adapters_of_different_layers_do_not_meet(model: LanguageModel, models: Path, tmp_path: Path) -> None:
    base = model.logits(QUESTION)
    layers = (["q_proj"], ["down_proj", "v_proj"])
    folders = [
        tiny_adapter(tmp_path / each[0], models / "base", target_modules=each, use_rslora=each == ["q_proj"])
        for each in layers
    ]
    on = [model.logits(QUESTION, folder) for folder in folders]
    for folder, first in zip(folders, on, strict=True):
        assert not np.array_equal(first, base)
        unload_language_model()
        assert np.array_equal(model.logits(QUESTION, folder), first)
    assert np.array_equal(model.logits(QUESTION), base)


def test_an_adapter_that_was_trained_anew_is_read_anew(
    model: LanguageModel, models: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "adapter"
    shutil.copytree(models / "one", folder)
    assert np.array_equal(model.logits(QUESTION, folder), model.logits(QUESTION, models / "one"))
    shutil.rmtree(folder)
    shutil.copytree(models / "two", folder)
    assert np.array_equal(model.logits(QUESTION, folder), model.logits(QUESTION, models / "two"))


def test_an_adapter_of_another_model_comes_back_with_its_model(
    model: LanguageModel, models: Path, tmp_path: Path
) -> None:
    on = model.logits(QUESTION, models / "one")
    other = load_language_model(str(tiny_causal_lm(tmp_path / "other", "llama")))
    with pytest.raises(
        ModelError, match=f"the adapter one was trained on other weights .* than {other.name}"
    ):
        other.logits(QUESTION, models / "one")
    assert np.array_equal(model.logits(QUESTION, models / "one"), on)


def change_config(folder: Path, **settings: object) -> None:
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def add_weights(folder: Path, name: str) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    path = str(folder / "adapter_model.safetensors")
    save_file({**load_file(path), name: torch.zeros(353, 64)}, path)


def drop_weights(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = str(folder / "adapter_model.safetensors")
    save_file({name: each for name, each in load_file(path).items() if "q_proj" not in name}, path)


def change_card(folder: Path, **values: object) -> None:
    path = folder / "adapter.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.filterwarnings("ignore:Found missing adapter keys")
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: change_card(folder, base_hash="0" * 64), "was trained on other weights"),
        (lambda folder: change_card(folder, kind="extractive"), "was trained for the extractive engine"),
        (lambda folder: (folder / "adapter.json").unlink(), "is not an adapter: it holds no adapter.json"),
        (lambda folder: (folder / "adapter_model.safetensors").unlink(), "it holds no adapter_model"),
        (lambda folder: (folder / "adapter_model.safetensors").write_text("no"), "cannot be read"),
        (lambda folder: (folder / "adapter_config.json").write_text("[]"), "cannot be read"),
        (lambda folder: change_config(folder, bias="all"), "is not plain LoRA"),
        (lambda folder: change_config(folder, init_lora_weights="pissa"), "is not plain LoRA"),
        (lambda folder: change_config(folder, modules_to_save=["lm_head"]), "is not plain LoRA"),
        (lambda folder: change_config(folder, peft_type="IA3"), "is not plain LoRA"),
        (
            lambda folder: add_weights(folder, "base_model.model.model.embed_tokens.weight"),
            "is not plain LoRA",
        ),
        (lambda folder: change_config(folder, target_modules=["no_such_layer"]), "cannot be loaded"),
        (lambda folder: change_config(folder, r=3), "cannot be loaded"),
        (drop_weights, "weights are missing in it"),
    ],
)
def test_an_adapter_that_cannot_be_used_is_refused_and_the_base_stays_what_it_was(
    model: LanguageModel, models: Path, tmp_path: Path, damage: Callable[[Path], object], reason: str
) -> None:
    base, on = model.logits(QUESTION), model.logits(QUESTION, models / "two")
    folder = tmp_path / "adapter"
    shutil.copytree(models / "one", folder)
    damage(folder)
    for _ in range(2):
        with pytest.raises((ModelError, InputError), match=reason) as caught:
            model.generate(QUESTION, folder, max_tokens=4)
        assert "\n" not in str(caught.value)
    assert np.array_equal(model.logits(QUESTION), base)
    assert np.array_equal(model.logits(QUESTION, models / "two"), on)


@pytest.mark.filterwarnings("ignore:Found missing adapter keys")
def test_the_first_adapter_of_all_may_be_damaged_too(
    model: LanguageModel, models: Path, tmp_path: Path
) -> None:
    base = model.logits(QUESTION)
    shutil.copytree(models / "one", tmp_path / "adapter")
    drop_weights(tmp_path / "adapter")
    with pytest.raises(ModelError, match="weights are missing"):
        prepare_adapter(model.name, tmp_path / "adapter")
    assert np.array_equal(model.logits(QUESTION), base)
