"""A question and passages -> the messages that a language model gets.

This module does not know which model reads the messages, nor how it counts tokens. What comes back is read in
`playground.engines.cited_text`.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playground.config import DEFAULT_SYSTEM_PROMPT, PromptConfig
from playground.engines.cited_text import Cited, is_refusal, parse_citations
from playground.engines.engine import Message
from playground.errors import ConfigError, ModelError
from playground.retrieval import Hit

__all__ = [
    "CLOSED_BOOK_SYSTEM_PROMPT",
    "Cited",
    "FittingPrompt",
    "build_prompt",
    "few_shot",
    "fit_prompt",
    "is_refusal",
    "parse_citations",
]

CLOSED_BOOK_SYSTEM_PROMPT = (
    "You answer questions from what you know. Be brief. If you do not know the answer, say that you do not "
    "know."
)
"""Stands for the default system prompt, which speaks of passages, where there are none."""


def build_prompt(question: str, passages: Sequence[Hit], prompt: PromptConfig) -> tuple[Message, ...]:
    """System text, examples, and last the numbered passages with the question; the question alone without
    passages. A person's own system text is used as it is.

    Raises ConfigError for examples that cannot be read.
    """
    system = prompt.system
    if not passages and system == DEFAULT_SYSTEM_PROMPT:
        system = CLOSED_BOOK_SYSTEM_PROMPT
    written = [_written(hit, number, prompt.passage) for number, hit in enumerate(passages, start=1)]
    last = "\n\n".join([*written, f"Question: {question}"]) if written else question
    opening = (Message("system", system),) if system.strip() else ()
    return (*opening, *few_shot(prompt), Message("user", last))


def few_shot(prompt: PromptConfig) -> tuple[Message, ...]:
    """The examples of `prompt.examples`, each as a user's and an assistant's message.

    Raises ConfigError, naming the line, for one that is not {"input": TEXT, "output": TEXT}.
    """
    messages: list[Message] = []
    for number, line in enumerate(prompt.examples.split("\n"), start=1):
        if line.strip():
            messages += _example(line, number)
    return tuple(messages)


@dataclass(frozen=True)
class FittingPrompt:
    """`messages` that fit, with the first `passages` of the passages in them."""

    messages: tuple[Message, ...]
    passages: int


def fit_prompt(
    question: str,
    passages: Sequence[Hit],
    prompt: PromptConfig,
    count_tokens: Callable[[Sequence[Message]], int],
    room: int,
) -> FittingPrompt:
    """The prompt with as many passages, from the first on, as fit into `room` tokens.

    Raises ModelError where not even the question fits.
    """
    low, high = 0, len(passages)
    best = FittingPrompt(build_prompt(question, passages, prompt), len(passages))
    if count_tokens(best.messages) <= room:
        return best
    best = FittingPrompt(build_prompt(question, (), prompt), 0)
    needed = count_tokens(best.messages)
    if needed > room:
        raise ModelError(
            f"the question and the prompt take {needed:,} tokens, and the model has room for "
            f"{max(room, 0):,} beside the answer; shorten them, or lower engine.max_tokens"
        )
    while high - low > 1:  # `low` passages fit, `high` do not
        middle = (low + high) // 2
        tried = FittingPrompt(build_prompt(question, passages[:middle], prompt), middle)
        if count_tokens(tried.messages) <= room:
            low, best = middle, tried
        else:
            high = middle
    return best


def _written(hit: Hit, number: int, template: str) -> str:
    """Only the template is a format: curly brackets in a document's name or text stay what they are."""
    try:
        return template.format(number=number, document=hit.document_name, text=hit.chunk.text)
    except ValueError as error:  # a format like {text:d}
        raise ConfigError(
            f"prompt.passage cannot be filled in with passage {number} ({error}); use {{number}}, "
            "{document} and {text} as they are"
        ) from error


def _example(line: str, number: int) -> tuple[Message, Message]:
    try:
        example = json.loads(line)
    except ValueError as error:
        raise ConfigError(f"prompt.examples line {number} is not JSON ({error}); {_REMEDY}") from error
    if not isinstance(example, dict):
        raise ConfigError(f"prompt.examples line {number} is not a JSON object; {_REMEDY}")
    for name in ("input", "output"):
        value = example.get(name)
        if not isinstance(value, str) or not value.strip():
            raise ConfigError(f'prompt.examples line {number} has no text for "{name}"; {_REMEDY}')
    return Message("user", example["input"]), Message("assistant", example["output"])


_REMEDY = 'write it as {"input": "...", "output": "..."}'
