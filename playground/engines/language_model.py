"""A causal language model by hub name or path, with its adapters: one in memory, one answer at a time.

This module does not know passages, questions or citations, and downloads nothing.
"""

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from playground.embedding import best_device
from playground.engines.adapter_switch import AdapterSwitch
from playground.engines.chat_template import ChatTemplate
from playground.engines.engine import Message
from playground.engines.generation import GumbelNoise, Watch
from playground.engines.memory import require_memory
from playground.errors import ModelError
from playground.model_loading import ReadJson, load_model, model_folder, weight_files, weights_hash

if TYPE_CHECKING:
    import numpy as np

CONTEXT_UNKNOWN = 4096  # tokens, where neither the model nor its tokenizer says how many it reads


@dataclass(frozen=True)
class Generated:
    """`cut` says that the answer ended because `max_tokens` were written.

    `timings` are milliseconds: "prompt" (template and tokens), "first_token" (from there to the first token,
    reading the prompt included, waiting for others not) and "generation" (from there to the last token).
    """

    text: str
    prompt_tokens: int
    completion_tokens: int
    cut: bool = False
    timings: dict[str, float] = field(default_factory=dict)


def load_language_model(name: str) -> "LanguageModel":
    """The model called `name`, a hub name or a folder, with its weights in memory.

    The one that was there before is unloaded, once those who are asking it have their answers. Raises
    ModelError: not on this machine, not causal, damaged, too large.
    """
    if not name:
        raise ModelError(
            "no language model is chosen; give engine.model or PLAYGROUND_MODEL a hub name or a model folder"
        )
    known = _MEMORY.holder
    if known and known.name == name and known.is_current():
        return known
    model = LanguageModel(name)
    with _MEMORY.lock:
        _MEMORY.weights_of(model)
    return model


def language_model_hash(name: str) -> str:
    """The sha256 of the weights on this disk, without loading them. Raises ModelError."""
    folder = model_folder(name)
    if folder is None:
        raise ModelError(f"{name} is not on this machine; download it first, or give a model folder")
    return weights_hash(folder)


class LanguageModel:
    """A model, whose weights come into memory when it is asked and go when another one is asked. Safe to use
    from several threads: they get their answers one after another.

    `name` is as it was given; `folder` where its files lie; `device` "cpu", "cuda" or "mps"; `precision` like
    "float32"; `context_tokens` what it can read and write together; `notes` what the person has to know.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        config, tokenizer = load_model(name, _require_causal, _config_and_tokenizer, download=False)
        folder = model_folder(name)
        assert folder is not None, "it has just been read"
        self.folder = folder
        self.device, self._dtype = best_device()
        self.precision = str(self._dtype).removeprefix("torch.")
        self.context_tokens = _context(config, tokenizer)
        self._template = ChatTemplate(tokenizer)
        self.notes: tuple[str, ...] = (self._template.note,) if self._template.note else ()
        self._ends = {tokenizer.eos_token_id} - {None}
        self._files = _signature(folder)

    @property
    def weights_hash(self) -> str:
        """The sha256 of the weights on disk."""
        return weights_hash(self.folder)

    def is_current(self) -> bool:
        """Whether the files are still those that were loaded."""
        return _signature(self.folder) == self._files

    def same_weights(self, other: "LanguageModel") -> bool:
        return (self.name, self._files) == (other.name, other._files)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of the prompt that these messages become. Needs no weights, and waits for nobody."""
        return len(self._template.encode(messages))

    def generate(
        self,
        messages: Sequence[Message],
        adapter: Path | None = None,
        max_tokens: int = 256,
        temperature: float = 0.0,
        seed: int = 0,
        on_text: Callable[[str], None] | None = None,
    ) -> Generated:
        """What the model says, with an adapter folder or without.

        Greedy at temperature 0; else drawn with `seed`, by random numbers of its own. `on_text` hears the
        text so far, from this thread; what it raises ends the generation and is passed on. Raises ModelError.
        """
        import torch

        begin = perf_counter()
        prompt = self._template.encode(messages)
        timings = {"prompt": (perf_counter() - begin) * 1000}
        if len(prompt) + max_tokens > self.context_tokens:
            raise ModelError(
                f"{self.name} reads and writes {self.context_tokens:,} tokens, and the prompt has "
                f"{len(prompt):,} and engine.max_tokens={max_tokens}; lower that, or shorten the prompt"
            )
        with self._in_memory(adapter) as model:
            begin = perf_counter()
            ends = self._ends | _ends_of(model)
            watch = Watch(len(prompt), self._template.decode, ends, self._template.stop, on_text)
            ids = torch.tensor([prompt], device=model.device)
            with torch.inference_mode():
                model.generate(
                    input_ids=ids,
                    attention_mask=torch.ones_like(ids),
                    max_new_tokens=max_tokens,
                    eos_token_id=sorted(ends) or None,
                    pad_token_id=min(ends, default=0),
                    stopping_criteria=[watch],
                    logits_processor=[GumbelNoise(temperature, seed)] if temperature else [],
                )
            timings["first_token"] = (watch.first - begin) * 1000
            timings["generation"] = (watch.last - watch.first) * 1000
        cut = len(watch.tokens) == max_tokens and not watch.ended
        return Generated(watch.text, len(prompt), len(watch.tokens), cut, timings)

    def logits(self, messages: Sequence[Message], adapter: Path | None = None) -> "np.ndarray":
        """The logits of the token after the prompt, float32 of shape (vocabulary,)."""
        import torch

        prompt = self._template.encode(messages)
        with self._in_memory(adapter) as model, torch.inference_mode():
            result = model(input_ids=torch.tensor([prompt], device=model.device)).logits[0, -1]
            return result.float().cpu().numpy()

    def probability(self, messages: Sequence[Message], answer: str, adapter: Path | None = None) -> float:
        """The mean probability, between 0 and 1, that the model gives to each token of `answer` behind the
        prompt and the tokens before it; 0 for an empty answer."""
        import torch

        prompt, said = self._template.encode(messages), self._template.encode_answer(answer)
        if not said:
            return 0.0
        with self._in_memory(adapter) as model, torch.inference_mode():
            ids = torch.tensor([prompt + said], device=model.device)
            chances = model(input_ids=ids).logits[0, len(prompt) - 1 : -1].float().softmax(-1)
            return float(chances.gather(1, ids[0, len(prompt) :, None]).mean())

    @contextmanager
    def _in_memory(self, adapter: Path | None) -> "Iterator[Any]":
        """The model in memory, switched to `adapter`; nobody else has it until the block ends."""
        with _MEMORY.lock, _MEMORY.guarded(self) as loaded:
            loaded.adapters.use(adapter)
            yield loaded.model

    def _load(self) -> "_Loaded":
        require_memory(self.name, self.folder, self.device, self._dtype)
        model = load_model(self.name, _require_causal, self._build, download=False)
        return _Loaded(model, AdapterSwitch(model, self.name, lambda: self.weights_hash))

    def _build(self, name: str, local: bool) -> Any:
        from transformers import AutoModelForCausalLM, GenerationConfig
        from transformers.utils import logging

        logging.disable_progress_bar()
        model: Any = AutoModelForCausalLM.from_pretrained(
            self.folder,
            dtype=self._dtype,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=local,
        )
        # What models bring of their own would sample, and hold repetition against answers that quote.
        ends = model.generation_config.eos_token_id
        model.generation_config = GenerationConfig(eos_token_id=ends, do_sample=False)
        return model.to(self.device).eval()


@dataclass(frozen=True)
class _Loaded:
    model: Any
    adapters: AdapterSwitch


class _Memory:
    """The place of the one model whose weights are in memory. `lock` covers loading, switching adapters and
    every whole answer; `holder` may be read without it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holder: LanguageModel | None = None
        self._loaded: _Loaded | None = None

    def weights_of(self, model: LanguageModel) -> _Loaded:
        """Under the lock: the weights of `model`, in place of those of another one."""
        if self._loaded is None or self.holder is None or not self.holder.same_weights(model):
            self.unload()
            self._loaded = model._load()
            self.holder = model
        return self._loaded

    @contextmanager
    def guarded(self, model: LanguageModel) -> Iterator[_Loaded]:
        """As `weights_of`; a model that an adapter broke is loaded anew by whoever asks next."""
        loaded = self.weights_of(model)
        try:
            yield loaded
        finally:
            if loaded.adapters.broken:
                del loaded
                self.unload()

    def unload(self) -> None:
        self.holder = self._loaded = None
        gc.collect()
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()


_MEMORY = _Memory()


def prepare_adapter(name: str, adapter: Path) -> None:
    """Read an adapter ahead of its first use, where the model `name` is in memory and nobody is answered.

    Raises ModelError where it is for another model.
    """
    if not _MEMORY.lock.acquire(blocking=False):
        return
    try:
        if _MEMORY.holder and _MEMORY.holder.name == name:
            with _MEMORY.guarded(_MEMORY.holder) as loaded:
                loaded.adapters.load(adapter)
    finally:
        _MEMORY.lock.release()


def unload_language_model() -> None:
    """Give the memory back, once those who are asking have their answers."""
    with _MEMORY.lock:
        _MEMORY.unload()


def _require_causal(name: str, read: ReadJson) -> None:
    config = read("config.json")
    if config is None:
        raise ModelError(f"{name} holds no model: there is no config.json in it")
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    known = {each for each in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values() if isinstance(each, str)}
    architectures = config.get("architectures") or ["of an unknown kind"]
    if not any(each.endswith("ForCausalLM") or each in known for each in architectures):
        raise ModelError(
            f"{name} is not a causal model (it is {', '.join(architectures)}); choose one that writes text"
        )


def _config_and_tokenizer(name: str, local: bool) -> tuple[Any, Any]:
    from transformers import AutoConfig, AutoTokenizer

    folder = model_folder(name) or name
    options: dict[str, Any] = {"local_files_only": local, "trust_remote_code": False}
    return AutoConfig.from_pretrained(folder, **options), AutoTokenizer.from_pretrained(folder, **options)


def _context(config: Any, tokenizer: Any) -> int:
    said = (getattr(config, "max_position_embeddings", None), getattr(tokenizer, "model_max_length", None))
    return min((int(each) for each in said if each and each < 10**9), default=CONTEXT_UNKNOWN)


def _ends_of(model: Any) -> set[int]:
    """The tokens that end an answer: a number, several, or none."""
    ends = model.generation_config.eos_token_id
    return set(ends if isinstance(ends, list) else [] if ends is None else [ends])


def _signature(folder: Path) -> tuple[tuple[Path, int, int], ...]:
    files = [path for path in weight_files(folder) if path.is_file()]
    return tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in files)
