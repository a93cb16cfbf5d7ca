"""`playground train` and `playground predict`: an adapter from examples, and what it makes of new inputs.

As every command they exit 0 on success and raise PlaygroundError with one line on bad input; they parse and
print, and the core does the work.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground import settings as environment_settings
from playground.adapters.card import AdapterCard, Difference
from playground.adapters.settings import TrainingSettings, defaults_for_language_model
from playground.errors import ConfigError, InputError, ModelError

if TYPE_CHECKING:
    from playground.adapters.examples import Example
    from playground.adapters.predicting import Prediction
    from playground.adapters.progress import TrainingProgress

APPROACHES = ("prompt", "rag", "adapter", "both")
_WITH_ADAPTER = ("adapter", "both")
_WITH_EXAMPLES = ("prompt", "rag", "both")


def add_commands(commands: Any) -> None:
    """Hang both commands into the parser's `add_subparsers()`."""
    train = commands.add_parser("train", help="train an adapter from examples")
    _add_examples(train, required=True)
    train.add_argument(
        "--engine",
        default="extractive",
        metavar="extractive|MODEL",
        help="what to tune: the built-in engine (default), or a language model by hub name or path",
    )
    train.add_argument("--out", type=Path, required=True, metavar="ADAPTER_DIR", help="a folder to make")
    train.add_argument("--name", default="", help="the adapter's name (default: the folder's)")
    train.add_argument(
        "--held-out",
        type=float,
        metavar="SHARE",
        help="set aside to score with (default 0.2); the built-in engine learns them afterwards",
    )
    train.add_argument("--steps", type=int, metavar="N", help="optimiser steps; 0 counts rounds instead")
    train.add_argument("--rounds", type=int, metavar="N", help="times over the examples where steps is 0")
    train.add_argument("--batch", type=int, metavar="N", help="examples a step")
    train.add_argument("--rank", type=int, metavar="N", help="LoRA's rank")
    train.add_argument("--learning-rate", type=float, metavar="X")
    train.add_argument("--max-tokens", type=int, metavar="N", help="longer examples are left out")
    train.add_argument("--seed", type=int, metavar="N")
    train.add_argument("--no-early-stop", action="store_true", help="do all steps, whatever they bring")
    train.set_defaults(run=_train)

    predict = commands.add_parser("predict", help="answer many inputs with an adapter, or without one")
    predict.add_argument(
        "--inputs", type=Path, required=True, metavar="FILE.jsonl", help='lines with "input"'
    )
    predict.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl")
    predict.add_argument("--adapter", type=Path, metavar="ADAPTER_DIR", help="not needed for prompt and rag")
    _add_examples(predict, required=False)
    predict.add_argument("--approach", choices=APPROACHES, default="adapter", help="(default adapter)")
    predict.add_argument(
        "--engine",
        metavar="extractive|MODEL",
        help="who answers where there is no adapter that says so (default extractive)",
    )
    predict.set_defaults(run=_predict)


def _add_examples(parser: argparse.ArgumentParser, required: bool) -> None:
    use = "" if required else "; prompt chooses among their outputs, rag and both look them up"
    parser.add_argument(
        "--examples",
        type=Path,
        required=required,
        metavar="FILE.jsonl",
        help=f'lines like {{"input": "...", "output": "..."}}{use}',
    )


# train


def _train(options: argparse.Namespace) -> int:
    from playground.adapters.splitting import split
    from playground.adapters.training import TrainingRequest, refuse_full, train_steps

    settings = training_settings(options)
    refuse_full(options.out)
    examples = _usable_examples(options.examples, settings.max_tokens)
    if settings.kind == "local_model":
        _require_on_disk(settings.model)
    parts = split(examples, settings.held_out, settings.seed)
    name = options.name or options.out.resolve().name
    request = TrainingRequest(name, parts.training, parts.held_out, settings, options.out)
    print(f"{len(parts.training)} examples to learn from, {len(parts.held_out)} held out", flush=True)
    with _one_line() as show, closing(train_steps(request)) as steps:
        for progress in steps:
            show(_as_line(progress))
    for line in summary(AdapterCard.read(options.out)):
        print(line)
    print(f"{'adapter':22}{options.out}")
    return 0


def training_settings(options: argparse.Namespace) -> TrainingSettings:
    """What was asked for, on top of the defaults of the engine. Raises ConfigError."""
    given = {
        name: value
        for name in ("held_out", "steps", "rounds", "batch", "rank", "learning_rate", "max_tokens", "seed")
        if (value := getattr(options, name)) is not None
    }
    if options.no_early_stop:
        given["early_stop"] = False
    kind, model = _engine(options.engine)
    default = TrainingSettings() if kind == "extractive" else defaults_for_language_model(model)
    return TrainingSettings(**default.as_dict() | {"learn_held_out": kind == "extractive"} | given)


def summary(card: AdapterCard) -> list[str]:
    """The scores before and after, for a terminal."""
    lines = []
    if card.scores:
        lines.append(_scored(card.scores.name, card.scores.before, card.scores.after, card.scores.difference))
        lines.append(f"{'moved':22}{card.scores.moved:.0%} of {card.scores.examples} held-out answers")
    if card.forgetting:
        forgetting = card.forgetting
        lines.append(
            _scored(f"outside: {forgetting.name}", forgetting.before, forgetting.after, forgetting.difference)
        )
    lines.append(f"{'trained':22}{card.seconds:.0f} s, {card.curve[-1].step if card.curve else 0} steps")
    return lines


def _scored(name: str, before: float, after: float, difference: Difference) -> str:
    interval = f"{difference.mean:+.3f}, 95 % interval {difference.low:+.3f} to {difference.high:+.3f}"
    return f"{name:22}{before:.3f} before, {after:.3f} after ({interval})"


def _as_line(progress: "TrainingProgress") -> str:
    step = f" {progress.step} of {progress.steps}" if progress.steps else ""
    losses = [
        f"{name} {value:.3f}"
        for name in ("training_loss", "held_out_loss")
        if (value := next((v for p in reversed(progress.curve) if (v := getattr(p, name)) is not None), None))
        is not None
    ]
    left = f"{progress.seconds_left:.0f} s left" if progress.seconds_left is not None else ""
    parts = [f"{progress.phase}{step}", f"{progress.seconds:.0f} s", left, *losses]
    return ", ".join(part for part in parts if part).replace("_", " ")


# predict


def _predict(options: argparse.Namespace) -> int:
    _require_parts(options)
    inputs = read_inputs(options.inputs)
    if options.out.is_dir() or not options.out.resolve().parent.is_dir():
        raise InputError(f"--out {options.out} cannot be written: it is a folder, or its folder is not there")
    examples = _usable_examples(options.examples) if options.examples else []
    lines = []
    with _one_line() as show:
        for prediction in _predictions(inputs, options, examples):
            lines.append(json.dumps(_as_row(prediction), ensure_ascii=False) + "\n")
            show(f"{len(lines)} of {len(inputs)} inputs")
    _write_whole(options.out, "".join(lines))
    return 0


def _predictions(
    inputs: Sequence[str], options: argparse.Namespace, examples: "Sequence[Example]"
) -> "Iterator[Prediction]":
    adapter = options.adapter if options.approach in _WITH_ADAPTER else None
    card = AdapterCard.read(options.adapter) if options.adapter else None
    kind, model = (card.kind, card.base) if card else _engine(options.engine or "extractive")
    if card and options.engine and (kind, model) != _engine(options.engine):
        raise ConfigError(
            f"{options.adapter} is an adapter for {model or 'the extractive engine'}, "
            f"not for {options.engine}; leave --engine out, or choose another adapter"
        )
    if kind == "extractive":
        from playground.adapters.predicting import predict_steps

        return predict_steps(inputs, adapter, examples, options.approach)

    from playground.adapters.predict_language_model import predict_steps as predict_with_model

    _require_on_disk(model)
    return predict_with_model(inputs, adapter, examples, options.approach, model)


def read_inputs(path: Path) -> list[str]:
    """The inputs of a JSONL file; other fields are ignored. Raises InputError, naming the line."""
    from playground.reading.decoding import decode

    try:
        text = decode(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read as inputs: {error.strerror or error}") from error
    inputs = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}, line {number} is not JSON ({error}); {_INPUT}") from error
        value = row.get("input") if isinstance(row, dict) else None
        if not isinstance(value, str) or not value.strip():
            raise InputError(f'{path}, line {number} has no text for "input"; {_INPUT}')
        inputs.append(value)
    if not inputs:
        raise InputError(f"{path} holds no inputs; {_INPUT}")
    return inputs


_INPUT = 'write a line each, like {"input": "..."}'


def _require_parts(options: argparse.Namespace) -> None:
    if options.approach in _WITH_ADAPTER and not options.adapter:
        raise ConfigError(f"--approach {options.approach} needs --adapter with the folder of a trained one")
    if options.approach in _WITH_EXAMPLES and not options.examples:
        raise ConfigError(f"--approach {options.approach} needs --examples, a file with inputs and outputs")


def _as_row(prediction: "Prediction") -> dict[str, Any]:
    return {
        "input": prediction.input,
        "output": prediction.output,
        "score": round(prediction.score, 6),
        "abstained": prediction.abstained,
        "latency_ms": round(prediction.latency_ms, 3),
    }


def _write_whole(path: Path, text: str) -> None:
    """Who looks at the file sees the old one or the new one, never half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


# both


def _engine(name: str) -> tuple[str, str]:
    """(kind, model) of --engine. "local_model" is the model that PLAYGROUND_MODEL names."""
    if name == "extractive":
        return "extractive", ""
    if name == "local_model":
        name = environment_settings.local_model()
        if not name:
            raise ConfigError("--engine local_model needs PLAYGROUND_MODEL, or give the model's name or path")
    return "local_model", name


def _require_on_disk(model: str) -> None:
    from playground.engines.downloads import on_disk

    if Path(model).expanduser().is_dir() or on_disk(model):
        return  # a folder that holds no model says so itself when it is loaded
    raise ModelError(
        f"the model {model} is not on this machine; fetch it with hf download {model}, or give the path of a "
        "model folder"
    )


def _usable_examples(path: Path, max_tokens: int = 0) -> "Sequence[Example]":
    """What can be used of a file; what cannot is listed on standard error."""
    from playground.adapters.example_checks import check
    from playground.adapters.examples import read_examples

    file = read_examples(path)
    report = check(file)
    for bad in file.bad_lines:
        print(f"{path}, line {bad.line}: {bad.reason}", file=sys.stderr)
    for level, text in replace(report, bad_lines=()).lines:
        if level != "ok":
            print(f"{path}: {text}", file=sys.stderr)
    if not report.usable:
        raise InputError(f"{path} holds no usable example; playground train --help shows what one looks like")
    return report.usable


@contextmanager
def _one_line() -> Iterator[Callable[[str], None]]:
    """Shows texts one over the other, on a terminal only, and takes the last one away."""
    terminal = sys.stderr.isatty()

    def show(text: str) -> None:
        if terminal:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        show("")
