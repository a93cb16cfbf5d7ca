"""Configurations with a name, columns to start from, and the short form of one for the address bar.

This module does not know what the knobs do, nor which pages show them.
"""

from urllib.parse import quote, unquote

from playground.config import DEFAULT, PipelineConfig

PRESETS: dict[str, PipelineConfig] = {
    "Fast": DEFAULT.with_values({"retrieval.mode": "dense", "retrieval.top_k": 3}),
    "Balanced": DEFAULT,
    "Best quality": DEFAULT.with_values({"reranking.method": "late_interaction"}),
    "Keyword only": DEFAULT.with_values({"retrieval.mode": "keyword"}),
    "No retrieval": DEFAULT.with_values({"retrieval.mode": "none"}),
}
COMPARISONS: dict[str, tuple[PipelineConfig, ...]] = {
    "Retrieval": tuple(PRESETS[name] for name in ("Keyword only", "Fast", "Balanced", "Best quality")),
    "Reranking": (PRESETS["Balanced"], PRESETS["Best quality"]),
    "Chunking": tuple(
        DEFAULT.with_values(
            {"chunking.strategy": strategy, "chunking.size": size, "chunking.overlap": overlap}
        )
        for strategy, size, overlap in (("fixed", 100, 20), ("structural", 200, 0), ("semantic", 200, 0))
    ),
    "With and without": (PRESETS["No retrieval"], PRESETS["Balanced"]),
}
"""Columns to start from, by what they show."""


def four_approaches(config: PipelineConfig, adapter: str) -> tuple[PipelineConfig, ...]:
    """The same settings four times: with and without looking up, with and without the adapter. Without an
    adapter only the two that need none."""
    looking_up = DEFAULT.retrieval.mode if config.retrieval.mode == "none" else config.retrieval.mode
    base = config.with_values({"retrieval.mode": looking_up})
    return tuple(
        base.with_values({"engine.retrieval": grounded, "adapter": each})
        for each in ("", adapter)[: 2 if adapter else 1]
        for grounded in (False, True)
    )


def to_compact(config: PipelineConfig) -> str:
    """A configuration for an address bar: a preset's name, or what differs from the default, like
    "retrieval.mode:dense,chunking.size:300"."""
    for name, preset in PRESETS.items():
        if config == preset:
            return _slug(name)
    values = [
        f"{name}:{quote(str(value), safe='')}" for name, (value, _) in config.differences(DEFAULT).items()
    ]
    return ",".join(values)


def from_compact(text: str) -> PipelineConfig:
    """The inverse of `to_compact`. Raises ConfigError for what no configuration can be."""
    for name, preset in PRESETS.items():
        if text == _slug(name):
            return preset
    pairs = [pair.partition(":") for pair in text.split(",") if pair]
    return DEFAULT.with_values({name: unquote(value) for name, _, value in pairs})


def preset_name(config: PipelineConfig) -> str:
    """The name of the preset that this is, or "Own"."""
    return next((name for name, preset in PRESETS.items() if preset == config), "Own")


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")
