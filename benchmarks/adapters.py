"""The four approaches on labelled messages, and what an adapter of the built-in encoder costs.

    python -m benchmarks.adapters [--data DIR] [--quick]

banking77: the first ten messages of each of the 77 intents in its training file, tested on its test file,
through `playground train` and `playground predict` as a person runs them. Of the 770 the command sets a
fifth aside by itself to score with, and lets the outputs know them afterwards. No setting was chosen on the
test file. --quick trains five steps and takes every twentieth test message.
"""

import contextlib
import io
import json
import os
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import playground.settings  # noqa: F401  (sets the thread pools, before numpy is imported)
from benchmarks.measure import Options, Result, alternate, command, ratio, seconds
from playground.adapters.examples import Example, read_examples, to_jsonl
from playground.adapters.predicting import predict_steps
from playground.cli import main
from playground.config import DEFAULT
from playground.embedding import load_encoder
from playground.engines.loading import load_engine, load_query_encoder
from playground.errors import PlaygroundError

PER_OUTPUT = 10
LEAST = {"prompt": 0.60, "rag": 0.83, "adapter": 0.85, "both": 0.865}
NAMES = {"prompt": "prompt only", "rag": "RAG", "adapter": "fine-tuned", "both": "RAG + fine-tuned"}
MOST_SECONDS = 150.0
MOST_TO_TOGGLE = 100.0  # ms
MOST_LATENCY = 1.3
TIMED = 200  # messages


def first_of_each(examples: Sequence[Example], count: int) -> list[Example]:
    """The first `count` examples of every output, in the order of the file."""
    taken: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        if len(taken[example.output]) < count:
            taken[example.output].append(example)
    return [example for kept in taken.values() for example in kept]


def run_command(*arguments: object) -> None:
    """A command of the playground. Raises PlaygroundError with what it said where it fails."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = main([str(argument) for argument in arguments])
    if status:
        raise PlaygroundError(said.getvalue().strip())


def processor_seconds() -> float:
    """What the processes that were started and have ended took of the processor."""
    times = os.times()
    return times.children_user + times.children_system


def train(examples: Path, adapter: Path, quick: bool) -> Result:
    """Seconds of `playground train` from the start of the command to the whole adapter."""
    before, begin = processor_seconds(), time.perf_counter()
    run_command("train", "--examples", examples, "--out", adapter, *(["--steps", 5] if quick else []))
    elapsed = time.perf_counter() - begin
    return Result(
        "training an adapter on 770 labelled messages",
        elapsed,
        most=MOST_SECONDS,
        unit="s",
        note=f"{processor_seconds() - before:.0f} s of the processor's time",
    )


def accuracy(approach: str, adapter: Path, examples: Path, test: Path, out: Path) -> tuple[float, float]:
    """(share of right outputs, share of inputs that were answered with none) of `playground predict`."""
    run_command(
        *("predict", "--approach", approach, "--adapter", adapter),
        *("--examples", examples, "--inputs", test, "--out", out),
    )
    wanted = [json.loads(line)["output"] for line in test.read_text(encoding="utf-8").splitlines()]
    said = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    right = sum(row["output"] == output for row, output in zip(said, wanted, strict=True))
    return right / len(wanted), sum(row["abstained"] for row in said) / len(wanted)


def toggle(adapter: Path, home: Path) -> Iterator[Result]:
    """Milliseconds until the next question can be asked with another adapter: for the first time in this
    process, and when it was on before."""
    off = DEFAULT
    folders = [adapter, *(other_weights(adapter, home / f"copy-{number}") for number in range(5))]
    columns = [off.with_values({"adapter": str(folder)}) for folder in folders]

    def switch(number: int) -> float:
        def load() -> None:
            load_engine(columns[number], home)
            load_query_encoder(columns[number], home).encode([], query=True)

        return seconds(load) * 1000

    load_query_encoder(off, home).encode(["warm"], query=True)
    load_engine(off, home)
    first = [switch(number) for number in range(len(columns))]
    again = [switch(number % 2 + len(columns) - 2) for number in range(50)]
    others = ", ".join(f"{each:.0f}" for each in first[1:])
    yield Result(
        "switching to an adapter for the first time (the slowest of six)",
        max(first),
        most=MOST_TO_TOGGLE,
        unit="ms",
        note=f"the first of the process {first[0]:.0f} ms, the others {others} ms",
    )
    yield Result("switching to it again (p50)", median(again), most=MOST_TO_TOGGLE, unit="ms")


def other_weights(adapter: Path, copy: Path) -> Path:
    """The same adapter under another name, with weights of its own."""
    from safetensors.numpy import load_file, save_file

    shutil.copytree(adapter, copy)
    path = copy / "adapter_model.safetensors"
    factor = 1 + int(copy.name.rpartition("-")[2]) / 100
    save_file({name: weight * factor for name, weight in load_file(path).items()}, path)
    return copy


def latency(adapter: Path, messages: Sequence[str]) -> Result:
    """p50 of `predict` with the adapter alone as a multiple of the bare encoder's, in turns."""
    encoder = load_encoder(DEFAULT.encoder)

    def encode(text: str) -> None:
        encoder.encode([text], query=True)

    def bare() -> float:
        return median(seconds(partial(encode, text)) for text in messages) * 1000

    def tuned() -> float:
        return median(each.latency_ms for each in predict_steps(messages, adapter, None, "adapter"))

    contenders: dict[str, Callable[[], float]] = {"bare": bare, "tuned": tuned}
    bare()
    taken = alternate(contenders, rounds=5)
    return Result(
        "predict with an adapter and no retrieval, in times of the bare encoder (p50)",
        ratio(taken["tuned"], taken["bare"]),
        most=MOST_LATENCY,
        note=f"{median(taken['tuned']):.2f} ms against {median(taken['bare']):.2f} ms",
    )


def run(options: Options) -> Iterator[Result]:
    """Training, the accuracy of the four approaches, the toggle, and the latency."""
    source, test_file = (options.need(f"banking77/banking77_{part}.jsonl") for part in ("train", "test"))
    examples, test = options.work / "examples.jsonl", options.work / "test.jsonl"
    examples.write_text(to_jsonl(first_of_each(read_examples(source).examples, PER_OUTPUT)), encoding="utf-8")
    messages = read_examples(test_file).examples[:: 20 if options.quick else 1]
    test.write_text(to_jsonl(messages), encoding="utf-8")
    adapter = options.work / "adapter"
    yield train(examples, adapter, options.quick)
    yield latency(adapter, [message.input for message in messages[:: len(messages) // TIMED or 1]])
    for approach, least in LEAST.items():
        right, none = accuracy(approach, adapter, examples, test, options.work / "predictions.jsonl")
        note = f"{len(messages):,} messages; {none:.1%} of them marked as none of the intents"
        yield Result(f"accuracy on banking77, {NAMES[approach]}", right, least=least, note=note)
    yield from toggle(adapter, options.work)


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
