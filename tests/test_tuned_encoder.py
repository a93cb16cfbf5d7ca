"""The toggle of the built-in encoder, on the real one."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from playground.adapters.tuned_encoder import tuned_encoder
from playground.config import EncoderConfig
from playground.embedding import BuiltinEncoder, builtin_model_folder, load_encoder
from playground.errors import InputError
from tests.encoder_adapters import random_adapter

TEXTS = ["Where is my parcel?", "I forgot my password.", "Can I have my money back for the laptop?"]


@pytest.fixture(scope="module")
def base() -> BuiltinEncoder:
    encoder = load_encoder(EncoderConfig())
    assert isinstance(encoder, BuiltinEncoder)
    return encoder


def test_an_adapter_moves_every_vector_and_leaves_the_base_bit_for_bit(
    base: BuiltinEncoder, tmp_path: Path
) -> None:
    before = base.encode(TEXTS)

    tuned = tuned_encoder(random_adapter(tmp_path / "a"))

    moved = tuned.encode(TEXTS)
    assert (np.abs(moved - before).max(axis=1) > 0.01).all()
    assert np.linalg.norm(moved, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert base.encode(TEXTS).tobytes() == before.tobytes()
    assert load_encoder(EncoderConfig()) is base


def test_the_weights_are_those_that_peft_makes_of_the_folder(base: BuiltinEncoder, tmp_path: Path) -> None:
    from peft import PeftModel
    from transformers.models.bert.modeling_bert import BertModel

    folder = random_adapter(tmp_path / "a")
    plain = BertModel.from_pretrained(builtin_model_folder())
    expected = PeftModel.from_pretrained(plain, str(folder)).merge_and_unload().state_dict()

    weights = tuned_encoder(folder)._model.state_dict()

    assert weights.keys() == expected.keys()
    for name, weight in weights.items():
        wanted = expected[name].to(weight.device, weight.dtype)
        assert (weight - wanted).abs().max() <= 1e-2 * wanted.abs().max() + 1e-6, name


def test_what_the_adapter_does_not_change_is_in_memory_once(base: BuiltinEncoder, tmp_path: Path) -> None:
    tuned = tuned_encoder(random_adapter(tmp_path / "a"))

    own, shared = base._model.state_dict(), tuned._model.state_dict()

    changed = {name for name in own if own[name].data_ptr() != shared[name].data_ptr()}
    assert len(changed) == 5
    assert all(name.startswith("encoder.layer.0.") for name in changed)


def test_two_people_with_different_adapters_never_get_each_others_vectors(
    base: BuiltinEncoder, tmp_path: Path
) -> None:
    folders = [None, random_adapter(tmp_path / "a", seed=1), random_adapter(tmp_path / "b", seed=2)]
    alone = [(tuned_encoder(folder) if folder else base).encode(TEXTS[:1]) for folder in folders]
    assert len({vectors.tobytes() for vectors in alone}) == 3
    wrong: list[int] = []
    start = threading.Barrier(len(folders) * 2)

    def ask(place: int) -> None:
        start.wait()
        for _ in range(30):
            folder = folders[place]
            encoder = tuned_encoder(folder) if folder else load_encoder(EncoderConfig())
            if encoder.encode(TEXTS[:1]).tobytes() != alone[place].tobytes():
                wrong.append(place)

    threads = [threading.Thread(target=ask, args=(place,)) for place in (0, 1, 2, 0, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_adapter_is_loaded_once_and_again_when_its_files_change(
    base: BuiltinEncoder, tmp_path: Path
) -> None:
    folder = random_adapter(tmp_path / "a", seed=1)
    other = random_adapter(tmp_path / "b", seed=2)
    first = tuned_encoder(folder)
    assert tuned_encoder(folder) is first
    assert tuned_encoder(tmp_path / "b" / ".." / "a") is first

    (folder / "adapter_model.safetensors").write_bytes((other / "adapter_model.safetensors").read_bytes())

    again = tuned_encoder(folder)
    assert again is not first
    assert again.id != first.id
    assert again.encode(TEXTS).tobytes() == tuned_encoder(other).encode(TEXTS).tobytes()


def test_its_id_names_the_base_and_the_adapter(base: BuiltinEncoder, tmp_path: Path) -> None:
    assert tuned_encoder(random_adapter(tmp_path / "a")).id.startswith(f"{base.id}+")


def test_an_adapter_for_something_else_is_refused(tmp_path: Path) -> None:
    for number, (changed, reason) in enumerate(
        [
            ({"base_hash": "f" * 64}, "trained on another encoder"),
            ({"kind": "local_model", "base": "owner/model"}, "tunes a language model, owner/model"),
        ]
    ):
        folder = random_adapter(tmp_path / str(number), **changed)
        with pytest.raises(InputError, match=reason) as caught:
            tuned_encoder(folder)
        assert str(folder) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_an_adapter_that_changed_its_card_is_refused_although_it_was_loaded(tmp_path: Path) -> None:
    from tests.encoder_adapters import card

    folder = random_adapter(tmp_path / "a")
    tuned_encoder(folder)
    card(base_hash="f" * 64).write(folder)
    with pytest.raises(InputError, match="trained on another encoder"):
        tuned_encoder(folder)


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "adapter_config.json", "adapter.json"])
def test_a_folder_that_lacks_a_file_is_refused(name: str, tmp_path: Path) -> None:
    folder = random_adapter(tmp_path / "a")
    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        tuned_encoder(folder)


def test_damaged_files_are_refused_in_one_line(tmp_path: Path) -> None:
    folder = random_adapter(tmp_path / "a")
    weights = (folder / "adapter_model.safetensors").read_bytes()
    config = json.loads((folder / "adapter_config.json").read_text())
    damages = [
        ("adapter_model.safetensors", weights[:-8]),
        ("adapter_model.safetensors", b"\x80\x04pickled"),
        ("adapter_config.json", b"[]"),
        ("adapter_config.json", b"{"),
        ("adapter_config.json", json.dumps(config | {"use_dora": True}).encode()),
        ("adapter_config.json", json.dumps(config | {"peft_type": "IA3"}).encode()),
        ("adapter_config.json", json.dumps(config | {"rank_pattern": {"query": 3}}).encode()),
        ("adapter_config.json", json.dumps(config | {"r": 3}).encode()),
        ("adapter_config.json", json.dumps(config | {"r": 0}).encode()),
    ]
    for name, content in damages:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(content)
        with pytest.raises(InputError, match="damaged") as caught:
            tuned_encoder(folder)
        assert "\n" not in str(caught.value)
        (folder / name).write_bytes(whole)
    assert tuned_encoder(folder).encode(TEXTS).shape == (3, 384)


def test_weights_for_another_shape_or_another_model_are_refused(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    for number, (old, new) in enumerate(
        [
            ("layer.0.output.dense", "layer.0.attention.output.dense"),
            ("layer.0", "layer.9"),
            ("lora_A", "ia3_l"),
        ]
    ):
        folder = random_adapter(tmp_path / str(number))
        weights = load_file(folder / "adapter_model.safetensors")
        renamed = {name.replace(old, new): weight for name, weight in weights.items()}
        save_file(renamed, folder / "adapter_model.safetensors")
        with pytest.raises(InputError, match="damaged"):
            tuned_encoder(folder)
    folder = random_adapter(tmp_path / "more")
    weights = load_file(folder / "adapter_model.safetensors") | {"extra": torch.zeros(1)}
    save_file(weights, folder / "adapter_model.safetensors")
    with pytest.raises(InputError, match="extra is no part of a LoRA"):
        tuned_encoder(folder)
