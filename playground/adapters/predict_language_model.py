"""Many inputs, one after another, answered by a causal language model: the other side of `predict`.

Without retrieval and adapter the model is told, where the examples are labels, which outputs there are;
retrieval shows it the examples whose inputs are nearest to the input. This module does not know files.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from playground.adapters.examples import Example, labelled
from playground.adapters.predicting import Approach, Prediction
from playground.config import EncoderConfig, EngineConfig, PromptConfig
from playground.embedding import load_encoder
from playground.engines.language_model import load_language_model
from playground.engines.prompts import build_prompt, fit_prompt, is_refusal
from playground.errors import InputError, ModelError

if TYPE_CHECKING:
    from playground.engines.engine import Message

NEIGHBOURS = 5
"""Examples that are shown before an input."""

MakePrompt = Callable[[str], PromptConfig]


def predict_steps(
    inputs: Sequence[str],
    adapter: Path | None,
    examples: Sequence[Example] | None,
    approach: Approach,
    model: str,
) -> Iterator[Prediction]:
    """A prediction for each input, in their order. `model` is the base's hub name or path.

    `score` is the mean probability that the model gives to the tokens of its answer; a refusal counts as
    abstaining. Loading is in no latency, nor is the score, which takes another look at the answer. Raises
    InputError where the approach lacks its adapter or its examples, ModelError where the model or the adapter
    cannot be used.
    """
    if approach in ("adapter", "both") and adapter is None:
        raise InputError(f"the approach {approach} needs the folder of an adapter")
    if approach != "adapter" and not examples:
        raise InputError(f"the approach {approach} needs examples")
    make_prompt = prompts(examples or (), approach)
    language_model = load_language_model(model)
    used = adapter if approach in ("adapter", "both") else None
    max_tokens = EngineConfig().max_tokens
    room = language_model.context_tokens - max_tokens
    if room <= 0:
        raise ModelError(f"{model} reads {language_model.context_tokens} tokens, too few to answer in")
    if inputs:
        first = build_prompt(inputs[0], (), make_prompt(inputs[0]))
        language_model.generate(first, used, 1)  # loads the weights, and the first run is slower
    for text in inputs:
        begin = perf_counter()
        messages = _fitting(text, make_prompt(text), language_model.count_tokens, room)
        answer = language_model.generate(messages, used, max_tokens).text.strip()
        latency = (perf_counter() - begin) * 1000
        score = language_model.probability(messages, answer, used)
        yield Prediction(text, answer, score, is_refusal(answer), latency)


def prompts(examples: Sequence[Example], approach: Approach) -> MakePrompt:
    """What the model is told before an input, by approach. With an adapter alone it is what it was trained
    with."""
    if approach == "adapter":
        return lambda text: PromptConfig()
    system = _choosing(examples) if approach != "both" and labelled(examples) else PromptConfig().system
    if approach == "prompt":
        return lambda text: PromptConfig(system=system)
    encoder = load_encoder(EncoderConfig())
    vectors = encoder.encode([example.input for example in examples])

    def with_neighbours(text: str) -> PromptConfig:
        scores = vectors @ encoder.encode([text], query=True)[0]
        # The nearest stands last, right before the input, where a model heeds it most.
        nearest = scores.argsort(kind="stable")[-NEIGHBOURS:]
        rows = ({"input": examples[each].input, "output": examples[each].output} for each in nearest)
        return PromptConfig(system=system, examples="\n".join(json.dumps(row) for row in rows))

    return with_neighbours


def _choosing(examples: Sequence[Example]) -> str:
    outputs = "\n".join(dict.fromkeys(example.output for example in examples))
    return f"Answer with exactly one of these lines, the one that fits the message best:\n{outputs}"


def _fitting(
    text: str, prompt: PromptConfig, count_tokens: "Callable[[Sequence[Message]], int]", room: int
) -> "tuple[Message, ...]":
    """The messages, with as many of the shown examples as fit, the nearest ones kept."""
    shown = prompt.examples.splitlines()
    while shown and count_tokens(build_prompt(text, (), prompt)) > room:
        shown = shown[1:]
        prompt = replace(prompt, examples="\n".join(shown))
    return fit_prompt(text, (), prompt, count_tokens, room).messages
