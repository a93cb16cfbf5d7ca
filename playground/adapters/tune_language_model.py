"""LoRA on a causal language model, by TRL's trainer: the loss is on the answer alone.

It learns from the very tokens that the engine will send it for a question without passages, so that what was
trained is what is asked; and it is scored as anybody asks it, through `LanguageModel`. This module does not
know how examples are split, nor what the scores mean.
"""

import gc
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from playground.adapters.estimate import TOKENS_AT_ONCE, steps_of
from playground.adapters.examples import Example
from playground.adapters.settings import TrainingSettings
from playground.adapters.tuner import OutsideQuestion, Watch
from playground.chunking.chunk import Chunk
from playground.config import EngineConfig, PromptConfig
from playground.embedding import best_device
from playground.engines.chat_template import ChatTemplate
from playground.engines.language_model import LanguageModel, load_language_model, unload_language_model
from playground.engines.prompts import build_prompt, parse_citations
from playground.errors import InputError, ModelError
from playground.evaluation.answer_metrics import token_f1
from playground.model_loading import load_model
from playground.retrieval import Hit

if TYPE_CHECKING:
    from transformers import TrainerCallback

ALPHA_PER_RANK = 2
WARM_UP = 0.05  # of the steps
HELD_OUT_LOSSES = 12  # how often it is measured
MOST_HELD_OUT = 64  # examples that it is measured on
IGNORED = -100  # the label of tokens that are no part of the loss, as everywhere in transformers
_WRITTEN = {"adapter_config.json", "adapter_model.safetensors"}


class LanguageModelTuner:
    """The model called `name`. `outputs` are those of the examples: an answer is scored up to one and a half
    times the longest of them, and a model that goes on after that has not learned to end."""

    def __init__(self, name: str, outputs: Sequence[str] = ()) -> None:
        self._model: LanguageModel = load_language_model(name)
        self._tokenizer = _tokenizer(self._model.folder)
        self._template = ChatTemplate(self._tokenizer)
        longest = max((len(self._tokenizer(each)["input_ids"]) for each in outputs), default=0)
        usual = EngineConfig().max_tokens
        self._max_tokens = min(longest * 3 // 2 + 8, usual) if longest else usual
        self._adapter: Path | None = None

    @property
    def base(self) -> str:
        return self._model.name

    @property
    def base_hash(self) -> str:
        return self._model.weights_hash

    def train(
        self,
        training: Sequence[Example],
        held_out: Sequence[Example],
        settings: TrainingSettings,
        folder: Path,
        watch: Watch,
    ) -> None:
        """LoRA on all linear layers but the head. The weights of the lowest held-out loss are kept, or the
        last ones without held-out examples. Raises InputError where every example is too long."""
        unload_language_model()  # the trainer changes the model that it trains, so it gets one of its own
        model = _fresh_model(self._model.folder)
        rows = self.rows(training, settings.max_tokens, model)
        exam = self.rows(_spread(held_out, MOST_HELD_OUT), settings.max_tokens, model)
        if not rows:
            raise InputError(
                f"every example is longer than {settings.max_tokens} tokens; shorten them, or allow more"
            )
        keeper = _Keeper(folder, watch, steps_of(settings, len(rows)), bool(exam))
        with TemporaryDirectory() as scratch:
            trainer = _trainer(model, self._tokenizer, rows, exam, settings, keeper, scratch)
            trainer.train()
        keeper.save_last(trainer.model)
        del trainer, model
        gc.collect()
        self._adapter = folder

    def rows(self, examples: Sequence[Example], max_tokens: int, model: Any) -> list[dict[str, list[int]]]:
        """Tokens and labels of the examples that are not too long; the prompt's labels are ignored."""
        limit = min(max_tokens, self._model.context_tokens)
        end = self._end_of_answer(_ends(model, self._tokenizer))
        rows = []
        for example in examples:
            prompt = self._template.encode(build_prompt(example.input, (), PromptConfig()))
            answer = self._template.encode_answer(example.output) + end
            if len(prompt) + len(answer) <= limit:
                rows.append({"input_ids": prompt + answer, "labels": [IGNORED] * len(prompt) + answer})
        return rows

    def answers(self, inputs: Sequence[str], tuned: bool, done: Callable[[int], None]) -> list[str]:
        """Greedy, by the prompt that the engine has for a question without passages."""
        said = []
        for number, each in enumerate(inputs, start=1):
            said.append(self._say(each, (), tuned))
            done(number)
        return said

    def outside(self, questions: Sequence[OutsideQuestion], tuned: bool) -> tuple[str, list[float]]:
        """Token F1 of the answer with the passage in the prompt, against the nearest right answer; questions
        without a right answer are not asked."""
        scores = []
        for number, question in enumerate(questions):
            if question.answers:
                passage = question.passage
                hit = Hit(Chunk(str(number), 0, len(passage), passage, 0), "passage")
                text = parse_citations(self._say(question.question, (hit,), tuned), (hit,)).text
                scores.append(max(token_f1(text, answer) for answer in question.answers))
        return "match", scores

    def _say(self, question: str, passages: Sequence[Hit], tuned: bool) -> str:
        messages = build_prompt(question, passages, PromptConfig())
        room = self._model.context_tokens - self._model.count_tokens(messages)
        if room < 1:
            return ""  # there is nothing that it could say
        adapter = self._adapter if tuned else None
        return self._model.generate(messages, adapter, min(self._max_tokens, room)).text.strip()

    def _end_of_answer(self, ends: set[int]) -> list[int]:
        """The token behind an answer, at which a generation stops: the one that the template writes there, or
        else the tokenizer's; none for a model that has no such token."""
        own = self._tokenizer.eos_token_id
        if not self._template.stop:
            text = _answered(self._tokenizer, "the answer")
            behind = text.rpartition("the answer")[2] if text else ""
            for token in self._tokenizer(behind, add_special_tokens=False)["input_ids"][:2]:
                if token in ends:
                    return [token]
        return [own] if own is not None else []


class _Keeper:
    """Keeps the best weights in `folder`, tells `watch` about every step, and ends the training when it says
    so."""

    def __init__(self, folder: Path, watch: Watch, steps: int, measures: bool) -> None:
        self._folder = folder
        self._watch = watch
        self._steps = steps
        self._every = max(1, math.ceil(steps / HELD_OUT_LOSSES)) if measures else 0
        self._best = math.inf
        self._saved = False

    def callback(self) -> "TrainerCallback":
        from transformers import TrainerCallback

        keeper = self

        class Callback(TrainerCallback):
            def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
                if logs and "loss" in logs:
                    keeper.stepped(state.global_step, float(logs["loss"]), control)

            def on_evaluate(
                self, args: Any, state: Any, control: Any, metrics: Any = None, model: Any = None, **_: Any
            ) -> None:
                keeper.measured(state.global_step, float(metrics["eval_loss"]), model, control)

        return Callback()

    def stepped(self, step: int, loss: float, control: Any) -> None:
        go_on = self._watch(step, self._steps, loss, None)
        if self._every and (step % self._every == 0 or step == self._steps or not go_on):
            control.should_evaluate = True
        if not go_on:
            control.should_training_stop = True

    def measured(self, step: int, loss: float, model: Any, control: Any) -> None:
        if loss < self._best:
            self._best = loss
            self.save(model)
        if not self._watch(step, self._steps, None, loss):
            control.should_training_stop = True

    def save_last(self, model: Any) -> None:
        """Where no held-out loss chose any weights."""
        if not self._saved:
            self.save(model)

    def save(self, model: Any) -> None:
        model.save_pretrained(self._folder)
        self._saved = True
        for path in self._folder.iterdir():
            if path.name not in _WRITTEN and path.suffix == ".md":  # PEFT writes an empty model card
                path.unlink()


def _trainer(
    model: Any,
    tokenizer: Any,
    rows: list[dict[str, list[int]]],
    exam: list[dict[str, list[int]]],
    settings: TrainingSettings,
    keeper: _Keeper,
    scratch: str,
) -> Any:
    from datasets import Dataset
    from datasets.utils.logging import disable_progress_bar
    from peft import LoraConfig
    from transformers.trainer_callback import PrinterCallback
    from trl import SFTTrainer

    disable_progress_bar()
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    trainer = SFTTrainer(
        model=model,
        args=_arguments(settings, len(rows), max(len(row["input_ids"]) for row in rows + exam), scratch),
        train_dataset=Dataset.from_list(rows),
        eval_dataset=Dataset.from_list(exam) if exam else None,
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=settings.rank,
            lora_alpha=settings.rank * ALPHA_PER_RANK,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
        callbacks=[keeper.callback()],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _arguments(settings: TrainingSettings, examples: int, longest: int, scratch: str) -> Any:
    """TRL's settings for so many examples, the longest of which has `longest` tokens."""
    from trl import SFTConfig

    device, precision = best_device()
    batch = min(settings.batch, examples)
    at_once = _at_once(batch, longest)
    steps = steps_of(settings, examples)
    return SFTConfig(
        output_dir=scratch,
        max_steps=steps,
        per_device_train_batch_size=at_once,
        per_device_eval_batch_size=at_once,
        gradient_accumulation_steps=batch // at_once,
        learning_rate=settings.learning_rate,
        warmup_steps=math.ceil(WARM_UP * steps),
        seed=settings.seed,
        max_length=None,
        gradient_checkpointing=at_once * longest > TOKENS_AT_ONCE,
        use_cpu=device == "cpu",
        bf16=str(precision) == "torch.bfloat16" and device != "mps",
        fp16=str(precision) == "torch.float16",
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )


def _at_once(batch: int, longest: int) -> int:
    """How many examples of a batch go through the model together: as many as keep it below
    `TOKENS_AT_ONCE` tokens, and divide the batch."""
    most = max(1, TOKENS_AT_ONCE // longest)
    return next(number for number in range(min(most, batch), 0, -1) if batch % number == 0)


def _spread(examples: Sequence[Example], most: int) -> list[Example]:
    """At most `most` of them, from everywhere."""
    return list(examples[:: max(1, math.ceil(len(examples) / most))])


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _fresh_model(folder: Path) -> Any:
    """The model's weights once more, for the trainer to change."""
    device, precision = best_device()

    def build(name: str, local: bool) -> Any:
        from transformers import AutoModelForCausalLM

        model: Any = AutoModelForCausalLM.from_pretrained(
            name, dtype=precision, use_safetensors=True, trust_remote_code=False, local_files_only=local
        )
        return model.to(device)

    return load_model(str(folder), lambda name, read: None, build, download=False)


def _ends(model: Any, tokenizer: Any) -> set[int]:
    """Tokens at which a generation stops."""
    known = model.generation_config.eos_token_id
    known = known if isinstance(known, list) else [known]
    return {token for token in [*known, tokenizer.eos_token_id] if token is not None}


def _answered(tokenizer: Any, answer: str) -> str:
    """A question and its answer as the tokenizer's own template writes them down."""
    from jinja2 import TemplateError

    turns = [{"role": "user", "content": "a question"}, {"role": "assistant", "content": answer}]
    try:
        return str(tokenizer.apply_chat_template(turns, tokenize=False))
    except (TemplateError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"the model's chat template cannot write down an answer: {error}") from error
