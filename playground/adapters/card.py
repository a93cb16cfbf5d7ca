"""What an adapter says of itself, in adapter.json: its base, examples, settings, curve and scores.

An adapter is a folder that holds JSON and safetensors only: PEFT's adapter_config.json and
adapter_model.safetensors, adapter.json, for the extractive engine outputs.json and outputs.safetensors (see
`playground.adapters.outputs`), and held_out.json, the held-out examples before and after. This module does
not know how one is trained or used.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

from playground.errors import InputError

FILE = "adapter.json"
FORMAT = 1
Kind = Literal["extractive", "local_model"]


@dataclass(frozen=True)
class CurvePoint:
    """Losses after `step` steps; lower is better. A held-out loss is measured now and then only."""

    step: int
    training_loss: float | None = None
    held_out_loss: float | None = None


@dataclass(frozen=True)
class Difference:
    """Mean of the paired differences after - before, with its 95 % bootstrap interval (low, high)."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Scores:
    """A figure of the held-out examples before and after, between 0 and 1, higher is better.

    `name` says which: "accuracy" for labelled messages, else "match" (token F1 of the answer and the wanted
    output, as SQuAD counts it). `moved` is the share of held-out answers that are not what the base says.
    """

    name: str
    examples: int
    before: float
    after: float
    difference: Difference
    moved: float


@dataclass(frozen=True)
class Forgetting:
    """Questions that are not in the training set, before and after. `name` says what is counted."""

    name: str
    questions: int
    before: float
    after: float
    difference: Difference


@dataclass(frozen=True)
class AdapterCard:
    """`base` is the model's name and `base_hash` the sha256 of its weights; another base refuses the adapter.

    `examples_hash` is the sha256 of the training and held-out examples. `labelled` says that the outputs are
    few and stand for labels. `settings` are those of the training, as plain values. `seconds` is how long it
    took, `created` an ISO 8601 time in UTC.
    """

    name: str
    kind: Kind
    base: str
    base_hash: str
    examples: int
    held_out: int
    examples_hash: str
    labelled: bool
    settings: dict[str, Any]
    created: str
    seconds: float
    curve: tuple[CurvePoint, ...] = ()
    scores: Scores | None = None
    forgetting: Forgetting | None = None
    format: int = field(default=FORMAT)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises InputError, naming the folder, where it holds no adapter of a format that is known."""
        path = folder / FILE
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if values["format"] != FORMAT:
                raise InputError(
                    f"{folder} was made by another version (format {values['format']}, this one reads "
                    f"{FORMAT}); train it anew"
                )
            values["curve"] = tuple(CurvePoint(**point) for point in values.get("curve", ()))
            for name, kind in (("scores", Scores), ("forgetting", Forgetting)):
                if values.get(name):
                    difference = Difference(**values[name]["difference"])
                    values[name] = kind(**values[name] | {"difference": difference})
            return cls(**values)
        except FileNotFoundError:
            raise InputError(f"{folder} is not an adapter: it holds no {FILE}") from None
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise InputError(f"{path} cannot be read as an adapter's description ({error})") from error

    def write(self, folder: Path) -> None:
        """Into `folder`, which has to be there."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        temporary = folder / (FILE + ".new")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(folder / FILE)

    def renamed(self, name: str) -> "AdapterCard":
        return replace(self, name=name)
