from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.config import DEFAULT, PipelineConfig, parse_settings
from playground.errors import ConfigError
from playground.presets import COMPARISONS, PRESETS, four_approaches, from_compact, preset_name, to_compact

configs = st.builds(
    lambda strategy, size, overlap, prefix, mode, weight, top_k, model, retrieval: DEFAULT.with_values(
        {
            "chunking.strategy": strategy,
            "chunking.size": size,
            "chunking.overlap": min(overlap, size // 2),
            "chunking.prefix": prefix,
            "retrieval.mode": mode,
            "retrieval.dense_weight": weight,
            "retrieval.top_k": top_k,
            "reranking.model": model,
            "engine.retrieval": retrieval,
        }
    ),
    st.sampled_from(["fixed", "structural", "semantic"]),
    st.integers(20, 2000),
    st.integers(0, 1000),
    st.booleans(),
    st.sampled_from(["none", "dense", "keyword", "hybrid"]),
    st.floats(0, 1),
    st.integers(1, 100),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    st.booleans(),
)


def test_the_defaults_are_those_that_were_best() -> None:
    values = dict(DEFAULT.items())
    assert (values["chunking.strategy"], values["chunking.size"], values["chunking.overlap"]) == (
        "structural",
        200,
        0,
    )
    assert (values["retrieval.mode"], values["retrieval.fusion"], values["retrieval.dense_weight"]) == (
        "hybrid",
        "weighted",
        0.4,
    )


def test_texts_are_read_as_the_type_of_their_setting() -> None:
    config = DEFAULT.with_values(
        {
            "chunking.size": "300",
            "chunking.prefix": "Off",
            "retrieval.dense_weight": "1",
            "engine.retrieval": "false",
            "adapter": "some/folder",
        }
    )
    assert (config.chunking.size, config.chunking.prefix) == (300, False)
    assert (config.retrieval.dense_weight, type(config.retrieval.dense_weight)) == (1.0, float)
    assert (config.engine.retrieval, config.retrieves, config.adapter) == (False, False, "some/folder")


def test_settings_that_depend_on_each_other_are_set_together() -> None:
    values = {"chunking.overlap": 400, "chunking.size": 800}
    assert DEFAULT.with_values(values).chunking.overlap == 400


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("chunking.sice", "3", "there is no setting chunking.sice; the settings are chunking.strategy, "),
        ("chunking", "3", "there is no setting chunking;"),
        ("", "3", "there is no setting ;"),
        ("chunking.size", "many", "chunking.size=many is not a whole number"),
        ("chunking.size", 2.5, "chunking.size=2.5 is not a whole number"),
        ("chunking.size", True, "chunking.size=True is not a whole number"),
        ("chunking.size", "19", "chunking.size=19 is not between 20 and 2000"),
        ("chunking.overlap", "101", "chunking.overlap=101 is not between 0 and 100"),
        ("chunking.prefix", "yes please", "chunking.prefix=yes please is not true or false"),
        ("retrieval.dense_weight", "nan", "retrieval.dense_weight=nan is not between 0.0 and 1.0"),
        ("retrieval.dense_weight", "half", "retrieval.dense_weight=half is not a number"),
        ("retrieval.mode", "psychic", "retrieval.mode=psychic is not one of none, dense, keyword, hybrid"),
        ("retrieval.top_k", 0, "retrieval.top_k=0 is not between 1 and 100"),
        ("reranking.method", "colbert", "reranking.method=colbert needs reranking.model: a hub name or"),
        ("engine.name", "gpt", "engine.name=gpt is not one of extractive"),
        ("adapter", ["a"], "adapter=['a'] is not a text"),
    ],
)
def test_a_value_that_cannot_work_is_named(name: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        DEFAULT.with_values({name: value})
    assert str(caught.value).startswith(message)


@given(configs)
def test_every_configuration_comes_back_from_file_address_and_dictionary(config: PipelineConfig) -> None:
    assert PipelineConfig.from_dict(config.to_dict()) == config
    assert from_compact(to_compact(config)) == config
    assert DEFAULT.with_values({name: str(value) for name, value in config.items()}) == config
    assert hash(config) == hash(PipelineConfig.from_dict(config.to_dict()))


def test_nobody_in_particular_asks_unless_it_is_said() -> None:
    assert DEFAULT.retrieval.reader == ""
    config = DEFAULT.with_values({"retrieval.reader": "Anna Müller"})
    assert to_compact(config) == "retrieval.reader:Anna%20M%C3%BCller"
    assert from_compact(to_compact(config)) == config
    assert 'reader = "Anna Müller"' in config.to_toml()


def test_an_exported_file_comes_back(tmp_path: Path) -> None:
    config = PRESETS["Best quality"].with_values({"chunking.size": 300, "adapter": 'a "b" ü'})
    path = tmp_path / "column.toml"
    path.write_text(config.to_toml(), encoding="utf-8")
    assert PipelineConfig.from_toml(path) == config
    path.write_text("[chunking]\nsize = 300\n", encoding="utf-8")
    assert PipelineConfig.from_toml(path) == DEFAULT.with_values({"chunking.size": 300})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[chunking]\nsize = 3", "chunking.size=3 is not between"),
        ("[chunking", "cannot be used as settings: Expected"),
        ("chunking = 3", "there is no setting chunking"),
        ("[chunking.size]\na = 1", "is not a whole number"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "column.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        PipelineConfig.from_toml(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)
    with pytest.raises(ConfigError, match=r"missing\.toml cannot be used as settings"):
        PipelineConfig.from_toml(tmp_path / "missing.toml")


def test_presets_have_short_addresses() -> None:
    assert [to_compact(preset) for preset in PRESETS.values()] == [
        "fast",
        "balanced",
        "best-quality",
        "keyword-only",
        "no-retrieval",
    ]
    assert to_compact(DEFAULT.with_values({"retrieval.top_k": 7})) == "retrieval.top_k:7"
    assert [preset_name(PRESETS["Fast"]), preset_name(DEFAULT.with_values({"chunking.size": 99}))] == [
        "Fast",
        "Own",
    ]


@pytest.mark.parametrize("text", ["nonsense", "chunking.size:x", "chunking.size:1", ":"])
def test_an_address_that_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        from_compact(text)


def test_ready_made_comparisons_have_two_to_four_columns_that_differ() -> None:
    assert all(2 <= len(set(columns)) == len(columns) <= 4 for columns in COMPARISONS.values())


def test_differences_name_both_values() -> None:
    other = DEFAULT.with_values({"chunking.size": 300, "adapter": "x"})
    assert DEFAULT.differences(other) == {"chunking.size": (200, 300), "adapter": ("", "x")}
    assert DEFAULT.differences(PipelineConfig()) == {}


def test_pairs_are_split_at_the_first_sign_of_equality() -> None:
    assert parse_settings(["adapter=a=b", " chunking.size = 300 "]) == {
        "adapter": "a=b",
        "chunking.size": "300",
    }
    with pytest.raises(ConfigError, match=r"--set chunking\.size has no value; write it as NAME=VALUE"):
        parse_settings(["chunking.size"])


ENDPOINT = {"engine.name": "endpoint", "engine.model": "small", "engine.address": "http://localhost:11434/v1"}


def test_an_endpoint_needs_a_model_and_an_address() -> None:
    assert DEFAULT.with_values(ENDPOINT).engine.model == "small"
    for name in ("engine.model", "engine.address"):
        with pytest.raises(ConfigError, match=f"engine.name=endpoint needs {name}"):
            DEFAULT.with_values(ENDPOINT | {name: ""})


@pytest.mark.parametrize(
    "address",
    [
        "http://me:secret@host/v1",
        "https://secret@host/v1",
        "https://host/v1?key=secret",
        "https://host/#secret",
    ],
)
def test_an_address_with_a_key_in_it_is_refused_without_repeating_it(address: str) -> None:
    for values in (
        ENDPOINT | {"engine.address": address},
        {"reranking.method": "server", "reranking.model": "m", "reranking.address": address},
    ):
        with pytest.raises(ConfigError, match="must not hold a key") as caught:
            DEFAULT.with_values(values)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://host", "http://"])
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match=r"engine\.address is not an address like http"):
        DEFAULT.with_values(ENDPOINT | {"engine.address": address})


def test_a_passage_format_needs_its_number_and_its_text() -> None:
    assert DEFAULT.with_values({"prompt.passage": "({number}) {text} {{as it is}}"}).prompt.system
    for written in (
        "{text}",
        "{number}",
        "{number} {text} {page}",
        "{number} {text",
        "{number.real} {text[0]}",
    ):
        with pytest.raises(ConfigError, match=r"prompt\.passage has to hold \{number\} and \{text\}"):
            DEFAULT.with_values({"prompt.passage": written})


def test_the_prompt_survives_the_file_and_the_address_bar(tmp_path: Path) -> None:
    config = DEFAULT.with_values({"prompt.system": 'Be brief:\n"yes, or no" & why?', "prompt.examples": "{}"})
    path = tmp_path / "column.toml"
    path.write_text(config.to_toml(), encoding="utf-8")
    assert PipelineConfig.from_toml(path) == config
    assert from_compact(to_compact(config)) == config


def test_labelled_examples_are_for_the_extractive_engine_and_replace_the_documents() -> None:
    labelled = DEFAULT.with_values({"engine.examples": "banking.jsonl"})
    assert (labelled.grounded, labelled.retrieves) == (True, False)
    with pytest.raises(ConfigError, match=r"engine\.examples works with engine\.name=extractive"):
        labelled.with_values(ENDPOINT)


def test_the_four_approaches_differ_in_looking_up_and_in_the_adapter_only() -> None:
    columns = four_approaches(DEFAULT.with_values({"retrieval.top_k": 7, "retrieval.mode": "none"}), "tone-1")
    assert [config.approach for config in columns] == ["Prompt only", "RAG", "Fine-tuned", "RAG + fine-tuned"]
    assert {config.retrieval.top_k for config in columns} == {7}
    assert set(columns[0].differences(columns[3])) == {"engine.retrieval", "adapter"}
    assert [config.approach for config in four_approaches(DEFAULT, "")] == ["Prompt only", "RAG"]
