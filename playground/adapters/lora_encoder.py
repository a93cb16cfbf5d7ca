"""The built-in encoder in fp32 with LoRA on all its linear layers, and the steps that train it.

This module does not know where the loss comes from, nor what becomes of the weights.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.adapters.estimate import steps_of
from playground.adapters.settings import TrainingSettings
from playground.adapters.tuned_encoder import WEIGHTS, merged_weights
from playground.embedding import BuiltinEncoder, builtin_model_folder

if TYPE_CHECKING:
    import torch

BASE = "all-MiniLM-L6-v2"
ALPHA_PER_RANK = 2
WARM_UP = 0.1  # of the steps
MOST_GRADIENT = 1.0
DROPPED_TOKENS = 0.15  # of an input, others each time: few examples would be learned by heart
MICRO_BATCH = 8  # inputs of about the same length; with more of them most is padding
LOSSES_HELD_OUT = 8  # how often the held-out loss is measured

Loss = Callable[["torch.Tensor", Sequence[int]], "torch.Tensor"]
"""(tuned vectors, indices of their inputs) -> the sum of the inputs' losses."""

Map = Callable[..., Iterator[Any]]
"""A function and its arguments -> its results in their order, like `map`."""


class LoraEncoder:
    """Trainable on its LoRA weights alone, which are drawn from `seed`. Dropout is off: on a processor it
    costs half as much again as everything else, and dropping words does more."""

    def __init__(self, encoder: BuiltinEncoder, rank: int, seed: int) -> None:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers.models.bert.modeling_bert import BertModel

        self._encoder = encoder
        base = BertModel.from_pretrained(builtin_model_folder(), dtype=torch.float32)
        config = LoraConfig(
            r=rank,
            lora_alpha=ALPHA_PER_RANK * rank,
            target_modules="all-linear",
            exclude_modules=["pooler.dense"],  # behind the token states, which are all that is used
        )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self._model: Any = get_peft_model(base, config).to(encoder.device).eval()

    @property
    def device(self) -> str:
        return self._encoder.device

    @property
    def parameters(self) -> "list[torch.nn.Parameter]":
        return [parameter for parameter in self._model.parameters() if parameter.requires_grad]

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Each text's tokens, cut to the window: inputs are questions and messages."""
        encodings = self._encoder.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids[: self._encoder.window] for encoding in encodings]

    def vectors(self, tokens: Sequence[Sequence[int]]) -> "torch.Tensor":
        """Vectors of length 1, shape (len(tokens), dimension), as the deployed encoder makes them."""
        import torch

        ids, mask = self._encoder.padded(tokens)
        states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
        return torch.nn.functional.normalize((states * mask.unsqueeze(-1).float()).sum(1), dim=1)

    def save(self, folder: Path) -> None:
        """PEFT's two files, without the model card that it would add."""
        from safetensors.torch import save_file

        config = self._model.peft_config["default"]
        config.base_model_name_or_path = BASE  # it is the place on this machine otherwise
        config.target_modules = sorted(config.target_modules)
        config.inference_mode = True
        config.auto_mapping = None  # names a Python class to load, which no adapter of this kind needs
        config.save_pretrained(folder)
        save_file(self._adapter(), folder / WEIGHTS, metadata={"format": "pt"})

    def merged(self) -> BuiltinEncoder:
        """What a toggle will make of the saved files."""
        config = self._model.peft_config["default"].to_dict()
        return self._encoder.with_weights(
            f"{self._encoder.id}+training", merged_weights(config, self._adapter())
        )

    def _adapter(self) -> "dict[str, torch.Tensor]":
        from peft import get_peft_model_state_dict

        weights = get_peft_model_state_dict(self._model, save_embedding_layers=False)
        return {name: weights[name].detach().cpu().contiguous() for name in sorted(weights)}


def optimise(
    model: LoraEncoder,
    training: tuple[Sequence[str], Loss],
    held_out: tuple[Sequence[str], Loss],
    settings: TrainingSettings,
    watch: Callable[[int, int, float | None, float | None], bool],
) -> None:
    """AdamW with warm-up and a cosine schedule; `training` and `held_out` are inputs with their loss.

    After every step `watch` hears (step, steps, mean training loss, mean held-out loss where it was measured)
    and says whether to go on. Afterwards the model has the weights of the lowest held-out loss, or the last
    ones where nothing is held out.
    """
    import torch

    (inputs, loss), (held_inputs, held_loss) = training, held_out
    tokens, held_tokens = model.tokens(inputs), model.tokens(held_inputs)
    steps = steps_of(settings, len(tokens))
    every = max(1, steps // LOSSES_HELD_OUT)
    chance = random.Random(settings.seed)
    batches = _batches(len(tokens), min(settings.batch, len(tokens)), chance)
    optimiser = torch.optim.AdamW(model.parameters, lr=settings.learning_rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps))
    best = _Best(model.parameters)
    with _threads(model) as each:
        for step in range(1, steps + 1):
            parts = [
                (indices, [_thinned(tokens[index], chance) for index in indices])
                for indices in _by_length(next(batches), tokens)
            ]
            mean = _learn(model, parts, loss, each)
            torch.nn.utils.clip_grad_norm_(model.parameters, MOST_GRADIENT)
            optimiser.step()
            schedule.step()
            measured = None
            if held_tokens and (step % every == 0 or step == steps):
                measured = _mean_loss(model, held_tokens, held_loss, each)
                best.offer(measured)
            if not watch(step, steps, mean, measured):
                break
    best.restore()


@contextmanager
def _threads(model: LoraEncoder) -> Iterator[Map]:
    """A `map` that works on as many parts of a batch at once as torch has threads, each on a single one.

    Threads that share a part wait for each other at every layer: whatever else runs on one of the cores then
    holds up all of them, and training takes three times as long. Parts of their own do not wait.
    """
    import torch

    count = torch.get_num_threads() if model.device == "cpu" else 1
    if count == 1:
        yield map
        return
    try:
        with ThreadPoolExecutor(
            count, "training", initializer=torch.set_num_threads, initargs=(1,)
        ) as threads:
            yield threads.map
    finally:
        torch.set_num_threads(count)  # what one thread sets is what all new ones begin with


def _learn(
    model: LoraEncoder,
    parts: Sequence[tuple[list[int], Sequence[Sequence[int]]]],
    loss: Loss,
    each: Map,
) -> float:
    """Set the gradients of the mean loss of a batch, whose parts are indices with their tokens, and return
    that loss. Parts are added in their order, so that the sum is the same whichever is ready first."""
    import torch

    parameters = model.parameters
    size = sum(len(indices) for indices, _ in parts)

    def of_part(part: tuple[list[int], Sequence[Sequence[int]]]) -> "tuple[float, tuple[torch.Tensor, ...]]":
        indices, tokens = part
        total = loss(model.vectors(tokens), indices)
        return total.item(), torch.autograd.grad(total / size, parameters)

    whole = 0.0
    for parameter in parameters:
        parameter.grad = torch.zeros_like(parameter)
    for total, gradients in each(of_part, parts):
        whole += total
        for parameter, gradient in zip(parameters, gradients, strict=True):
            assert parameter.grad is not None
            parameter.grad += gradient
    return whole / size


class _Best:
    """A copy of the parameters as they were at the lowest loss."""

    def __init__(self, parameters: "list[torch.nn.Parameter]") -> None:
        self._parameters = parameters
        self._copies: list[torch.Tensor] = []
        self.loss = math.inf

    def offer(self, loss: float) -> None:
        if loss < self.loss:
            self.loss = loss
            self._copies = [parameter.detach().clone() for parameter in self._parameters]

    def restore(self) -> None:
        """The last weights stay where none were measured."""
        if self._copies:
            for parameter, copy in zip(self._parameters, self._copies, strict=True):
                parameter.data.copy_(copy)


def _batches(count: int, size: int, chance: random.Random) -> Iterator[list[int]]:
    """Indices below `count`, without end: every index once before any comes again."""
    waiting: list[int] = []
    while True:
        while len(waiting) < size:
            waiting += chance.sample(range(count), count)
        batch, waiting = waiting[:size], waiting[size:]
        yield batch


def _by_length(indices: Sequence[int], tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Parts of about the same length. Each input's loss is its own, so parts add up to the whole batch."""
    ordered = sorted(indices, key=lambda index: len(tokens[index]))
    for begin in range(0, len(ordered), MICRO_BATCH):
        yield ordered[begin : begin + MICRO_BATCH]


def _thinned(tokens: Sequence[int], chance: random.Random) -> Sequence[int]:
    return [token for token in tokens if chance.random() >= DROPPED_TOKENS] or tokens


def _rate(step: int, steps: int) -> float:
    """The learning rate's factor: up in a straight line, then down half a cosine."""
    warm_up = max(1, round(WARM_UP * steps))
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))


def _mean_loss(model: LoraEncoder, tokens: Sequence[Sequence[int]], loss: Loss, each: Map) -> float:
    import torch

    def of_part(indices: list[int]) -> float:
        with torch.no_grad():
            return loss(model.vectors([tokens[index] for index in indices]), indices).item()

    return sum(each(of_part, _by_length(range(len(tokens)), tokens))) / len(tokens)
