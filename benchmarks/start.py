"""From the start of a process to its first result, against loading the bare encoder and encoding a question.

    python -m benchmarks.start [--data DIR] [--quick]

The index is there already: about 2,000 chunks, or 58 with --quick. Both processes are fresh ones, take
turns, and run the encoder in the same precision on the same device.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

from benchmarks import chunking_eval
from benchmarks.measure import ROOT, Options, Result, alternate, command, ratio
from playground.embedding import best_device, builtin_model_folder

MOST = 1.4
QUESTION = "What is the average wait time for a decision?"

# What most people write, and the least that loading this model takes.
SENTENCE_TRANSFORMERS = """
import sys, torch
from sentence_transformers import SentenceTransformer
folder, device, precision, question = sys.argv[1:]
encoder = SentenceTransformer(folder, device=device, model_kwargs={"dtype": getattr(torch, precision)})
print(encoder.encode([question]).shape)
"""
TRANSFORMERS = """
import sys, torch
from transformers import AutoModel, AutoTokenizer
folder, device, precision, question = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModel.from_pretrained(folder, dtype=getattr(torch, precision)).eval().to(device)
with torch.inference_mode():
    states = model(**tokenizer([question], return_tensors="pt").to(device)).last_hidden_state
print(states.mean(1).shape)
"""


def first_output(arguments: list[str], environment: dict[str, str]) -> float:
    """Seconds from starting Python until it has printed its first line. Raises CalledProcessError where it
    ends with an error."""
    begin = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None, "it is a pipe"
        process.stdout.readline()
        elapsed = time.perf_counter() - begin
        process.stdout.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments[:3])
    return elapsed


def run(options: Options) -> Iterator[Result]:
    """Seconds of `playground ask` as multiples of both bare processes."""
    home = {"PLAYGROUND_HOME": str(options.work / "home")}
    folder = chunking_eval.folder(
        options, ("state_of_the_union.md",) if options.quick else chunking_eval.FILES
    )
    device, precision = best_device()
    model = [str(builtin_model_folder()), device, str(precision).removeprefix("torch."), QUESTION]
    ask = ["-m", "playground", "ask", QUESTION, "--documents", str(folder), "--json"]
    first_output(ask, home)  # indexes
    seconds = alternate(
        {
            "ask": lambda: first_output(ask, home),
            "sentence-transformers": lambda: first_output(["-c", SENTENCE_TRANSFORMERS, *model], {}),
            "transformers": lambda: first_output(["-c", TRANSFORMERS, *model], {}),
        },
        rounds=3 if options.quick else 7,
    )
    for bare, most in (("sentence-transformers", MOST), ("transformers", None)):
        yield Result(
            f"start to first result, in times of loading {bare} and encoding a question",
            ratio(seconds["ask"], seconds[bare]),
            most=most,
            note=f"{median(seconds['ask']):.2f} s against {median(seconds[bare]):.2f} s",
        )


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
