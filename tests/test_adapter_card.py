"""What an adapter says of itself is written and read as the same; anything else is refused in one line."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playground.adapters.archive import check_folder
from playground.adapters.card import FILE, AdapterCard, CurvePoint, Difference, Forgetting, Scores
from playground.errors import InputError
from tests.adapter_folders import CARD, write_adapter

FULL = replace(
    CARD,
    curve=(CurvePoint(1, 2.5), CurvePoint(2, 2.25, 3.0)),
    scores=Scores("match", 46, 0.29, 0.76, Difference(0.47, 0.38, 0.55), 0.9),
    forgetting=Forgetting("found", 40, 0.8, 0.79, Difference(-0.01, -0.05, 0.02)),
)


def written(folder: Path, **changes: Any) -> Path:
    """An adapter whose card has other values."""
    write_adapter(folder, FULL)
    values = json.loads((folder / FILE).read_text()) | changes
    (folder / FILE).write_text(json.dumps(values))
    return folder


@pytest.mark.parametrize("card", [CARD, FULL], ids=["bare", "with scores and curve"])
def test_a_card_is_read_as_it_was_written(tmp_path: Path, card: AdapterCard) -> None:
    write_adapter(tmp_path, card)
    assert AdapterCard.read(tmp_path) == check_folder(tmp_path) == card
    assert not list(tmp_path.glob("*.new"))


def test_a_renamed_card_differs_in_its_name_only() -> None:
    assert FULL.renamed("other") == replace(FULL, name="other")


def test_a_folder_without_a_card_is_no_adapter(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is not an adapter: it holds no adapter\.json"):
        AdapterCard.read(tmp_path)


def test_a_card_of_another_format_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"format 7, this one reads 1\); train it anew"):
        AdapterCard.read(written(tmp_path, format=7))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "7", "null", "\ud800"])
def test_a_card_that_is_none_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError) as error:
        AdapterCard.read(tmp_path)
    assert "cannot be read as an adapter's description" in str(error.value)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": 5}, "name"),
        ({"kind": "magic"}, "kind"),
        ({"base": ["x"]}, "base"),
        ({"created": "yesterday"}, "created"),
        ({"settings": {"learning_rate": "fast"}}, "settings.learning_rate"),
        ({"settings": {"steps": [1]}}, "settings.steps"),
        ({"curve": [{"step": "one"}]}, "curve.0.step"),
        ({"seconds": float("nan")}, "a score is no number"),
        (
            {"scores": {"name": "match", "examples": 1, "before": 1, "after": 1e999, "moved": 0,
                        "difference": {"mean": 0, "low": 0, "high": 0}}},
            "a score is no number",
        ),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_named(tmp_path: Path, changes: dict[str, Any], place: str) -> None:
    with pytest.raises(InputError) as error:
        check_folder(written(tmp_path, **changes))
    assert "adapter.json has a wrong value: " in str(error.value) and place in str(error.value)
    assert "\n" not in str(error.value)
