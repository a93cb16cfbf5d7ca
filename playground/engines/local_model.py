"""The engine that generates with a language model on this machine. It does not know how the model is loaded,
nor how an adapter is switched on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from playground.config import EngineConfig, PromptConfig
from playground.engines.engine import Answer
from playground.engines.language_model import Generated, LanguageModel
from playground.engines.prompts import FittingPrompt, fit_prompt, is_refusal, parse_citations
from playground.retrieval import Hit, timed


class LocalModelEngine:
    """Answers with a causal language model; `adapter` is the folder of one of its adapters, `adapter_name`
    what a person calls it. Safe to use from several threads."""

    name = "local_model"

    def __init__(
        self,
        model: LanguageModel,
        engine: EngineConfig,
        prompt: PromptConfig,
        adapter: Path | None = None,
        adapter_name: str = "",
    ) -> None:
        self._model = model
        self._engine = engine
        self._prompt = prompt
        self._adapter = adapter
        self._adapter_name = adapter_name or (adapter.name if adapter else "")

    def answer(
        self, question: str, passages: Sequence[Hit], on_text: Callable[[str], None] | None = None
    ) -> Answer:
        """Generate an answer; passages that do not fit are left out from the end on, and `notes` says so.

        `on_text` hears the text as the model writes it, marks like [1] included. Raises ModelError and
        ConfigError.
        """
        timings: dict[str, float] = {}
        with timed(timings, "prompt"):
            room = self._model.context_tokens - self._engine.max_tokens
            fitting = fit_prompt(question, passages, self._prompt, self._model.count_tokens, room)
        generated = self._model.generate(
            fitting.messages,
            self._adapter,
            self._engine.max_tokens,
            self._engine.temperature,
            self._engine.seed,
            on_text,
        )
        timings |= generated.timings | {"prompt": timings["prompt"] + generated.timings["prompt"]}
        answer = self._read(generated.text, passages[: fitting.passages])
        return replace(
            answer,
            engine=self.name,
            model=self._model.name,
            adapter=self._adapter_name,
            prompt=fitting.messages,
            prompt_tokens=generated.prompt_tokens,
            completion_tokens=generated.completion_tokens,
            notes=(*self._model.notes, *self._notes(fitting, len(passages), generated)),
            timings=timings,
        )

    def _read(self, text: str, passages: Sequence[Hit]) -> Answer:
        cited = parse_citations(text, passages)
        return Answer(
            cited.text,
            cited.citations,
            abstained=is_refusal(cited.text),
            dropped_citations=cited.dropped,
            unsupported=cited.unsupported,
        )

    def _notes(self, fitting: FittingPrompt, passages: int, generated: Generated) -> list[str]:
        notes = []
        if fitting.passages < passages:
            left_out = passages - fitting.passages
            notes.append(
                f"{left_out} of {passages} passages did not fit into the {self._model.context_tokens:,} "
                "tokens that the model reads, and were left out."
            )
        if generated.cut:
            notes.append(f"The answer was cut after {self._engine.max_tokens} tokens (engine.max_tokens).")
        return notes
