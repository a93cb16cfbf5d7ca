"""CLIP models by folder and by hub name, loaded by sentence-transformers; a tiny one with random weights."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playground.errors import ModelError
from playground.pictures import clip
from playground.pictures.clip import clip_id, download_size, is_hub_name, is_on_machine, load_clip
from tests.tiny_models import tiny_clip, tiny_sentence_transformer

RED, BLUE = (Image.new("RGB", (60, 40), colour) for colour in ("red", "blue"))
HUB_NAME = "owner/clip"


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip, "_KEPT", {})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_clip(tmp_path_factory.mktemp("clip"))


def in_cache(cache: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The model as the hub's client keeps it; returns the folder of its snapshot."""
    place = cache / f"models--{HUB_NAME.replace('/', '--')}"
    shutil.copytree(model, place / "snapshots" / "abc123")
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("abc123")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    return place / "snapshots" / "abc123"


def test_texts_and_pictures_become_vectors_of_length_1_in_one_space(folder: Path):
    model = load_clip(str(folder))
    texts, pictures = model.encode_texts(["a red bag", "blue"]), model.encode_pictures([RED, BLUE, RED])
    assert (texts.shape, pictures.shape, texts.dtype) == ((2, 16), (3, 16), np.float32)
    for vectors in (texts, pictures):
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(vectors)), abs=0.01)
    assert pictures[0] @ pictures[2] == pytest.approx(1, abs=0.01)
    assert pictures[0] @ pictures[1] < 0.99


def test_a_text_longer_than_the_model_reads_is_cut(folder: Path):
    assert load_clip(str(folder)).encode_texts(["word " * 500]).shape == (1, 16)


def test_a_model_is_loaded_once_and_known_by_its_weights(folder: Path, tmp_path: Path):
    model = load_clip(str(folder))
    assert load_clip(str(folder)) is model
    assert model.id == clip_id(str(folder)) == clip_id(str(shutil.copytree(folder, tmp_path / folder.name)))


def test_a_model_that_transformers_saved_gives_the_same_vectors(folder: Path, tmp_path: Path):
    bare = load_clip(str(tiny_clip(tmp_path / "bare", bare=True)))
    assert bare.encode_pictures([RED]) == pytest.approx(
        load_clip(str(folder)).encode_pictures([RED]), abs=1e-6
    )


def test_a_model_in_the_old_layout_is_loaded_out_of_the_hubs_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As sentence-transformers/clip-ViT-B-32 lies on the hub: its only part in a folder, named as of old."""
    old = tmp_path / "old"
    tiny_clip(old / "0_CLIPModel", bare=True)
    part = {"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}
    (old / "modules.json").write_text(json.dumps([part]))
    (old / "config_sentence_transformers.json").write_text(
        '{"__version__": {"sentence_transformers": "2.0"}}'
    )
    assert not is_on_machine(HUB_NAME)
    in_cache(tmp_path / "cache", old, monkeypatch)
    assert is_on_machine(HUB_NAME)
    model = load_clip(HUB_NAME)
    assert model.id == "owner/clip@abc123"
    assert model.encode_pictures([RED]).shape == (1, 16)


def test_half_a_model_in_the_cache_says_so(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (in_cache(tmp_path, folder, monkeypatch) / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"cannot be loaded: .*; choose another model or fetch it anew"):
        load_clip(HUB_NAME)


def test_a_model_of_texts_alone_is_refused_with_a_suggestion(tmp_path: Path):
    texts = str(tiny_sentence_transformer(tmp_path / "texts"))
    with pytest.raises(ModelError) as caught:
        load_clip(texts)
    assert str(caught.value) == (
        f"{texts} does not read both text and pictures; choose a CLIP model, such as "
        "sentence-transformers/clip-ViT-B-32"
    )


def test_what_is_not_here_says_what_to_do(tmp_path: Path):
    with pytest.raises(ModelError, match="there is no model folder at"):
        load_clip(str(tmp_path / "none"))
    with pytest.raises(ModelError, match="owner/clip is not on this machine; download it first"):
        load_clip(HUB_NAME)
    with pytest.raises(ModelError, match="owner/clip is not on this machine, and the hub is switched off"):
        load_clip(HUB_NAME, download=True)
    with pytest.raises(ModelError, match="the hub is switched off"):
        download_size(HUB_NAME)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"holds no model: there is no \.safetensors file in it"):
        load_clip(str(tmp_path / "empty"))
    assert not is_on_machine("no hub name at all!")


def test_hub_names_are_told_from_paths():
    assert [
        name
        for name in ("owner/clip", "clip", "./clip", "/a/clip", "a/b/c", "~/clip", "")
        if is_hub_name(name)
    ] == ["owner/clip", "clip"]
