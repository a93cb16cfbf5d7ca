"""A model module: how code of the metering team looks. Shown to everybody in the first week.

It reads what the radio network left in a folder, and refuses what cannot be right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final

LARGEST_STEP_M3: Final = Decimal(40)
"""Cubic metres in a day. No household has ever used more, and a burst pipe is reported by telephone."""

LONGEST_SILENCE_H: Final = 36
"""Hours without a reading after which a meter counts as silent."""


class Source(StrEnum):
    """Where a reading came from; the values stand in the database."""

    RADIO = "radio"
    CARD = "card"
    ESTIMATE = "estimate"


class MeteringError(Exception):
    """The base of all our errors. `code` is what the night shift looks up."""

    def __init__(self, text: str, *, code: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter showed at a moment. `taken_at` is in UTC."""

    meter_id: str
    volume_m3: Decimal
    taken_at: datetime
    source: Source = Source.RADIO


def parse_reading(line: str) -> Reading:
    """Raises MeteringError TW-E21 for a line that does not have three fields."""
    fields = line.split(";")
    if len(fields) != 3:
        raise MeteringError(
            f"line {line!r} has {len(fields)} fields and not 3; ask the radio network for the file again",
            code="TW-E21",
        )
    meter_id, volume_m3, taken_at = fields
    return Reading(meter_id, Decimal(volume_m3), datetime.fromisoformat(taken_at))


def load_readings(path: Path) -> tuple[Reading, ...]:
    """All readings of a file, in its order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(parse_reading(line) for line in lines if line)


def is_plausible(earlier: Reading, later: Reading) -> bool:
    """Whether a meter can have gone from one to the other."""
    if later.volume_m3 < earlier.volume_m3:
        return False
    return later.volume_m3 - earlier.volume_m3 <= LARGEST_STEP_M3


def derive_usage_m3(readings: Iterable[Reading]) -> Decimal:
    """The volume between the first and the last reading; nothing for fewer than two."""
    volumes_m3 = sorted(reading.volume_m3 for reading in readings)
    if len(volumes_m3) < 2:
        return Decimal(0)
    return volumes_m3[-1] - volumes_m3[0]
