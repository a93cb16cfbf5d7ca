"""What a training says of itself while it runs: the steps of the generator that
`playground.adapters.training` gives, and the messages of the process that trains."""

from dataclasses import dataclass

from playground.adapters.card import CurvePoint


@dataclass(frozen=True)
class TrainingProgress:
    """`phase` is "loading", "scoring before", "training", "scoring after" or "done". Step `step` of `steps`;
    `curve` holds what was measured so far; `seconds` since the training began, `seconds_left` where known."""

    phase: str
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    seconds_left: float | None = None
    curve: tuple[CurvePoint, ...] = ()
    best_step: int | None = None
