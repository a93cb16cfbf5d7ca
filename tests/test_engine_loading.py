"""The toggle from the person's side: a configuration names an adapter, and it answers the next question."""

import threading
from pathlib import Path

import numpy as np
import pytest

from playground.config import DEFAULT, PipelineConfig
from playground.embedding import load_encoder
from playground.engines.loading import examples_folder, load_engine, load_query_encoder
from playground.errors import ConfigError
from playground.workspace import Workspace
from tests.encoder_adapters import card, random_adapter
from tests.homes import bring_up_to_date, put

QUESTION = "How do I get my money back?"
CLOSED_BOOK = DEFAULT.with_values({"engine.retrieval": False})


def adapted(name: str, config: PipelineConfig = DEFAULT) -> PipelineConfig:
    return config.with_values({"adapter": name})


def embed(config: PipelineConfig, home: Path) -> np.ndarray:
    return load_query_encoder(config, home).encode([QUESTION], query=True)


def test_an_adapter_changes_the_embedding_of_the_question_and_off_is_the_base_bit_for_bit(
    tmp_path: Path,
) -> None:
    base = load_encoder(DEFAULT.encoder).encode([QUESTION], query=True)
    folder = random_adapter(tmp_path / "tone")
    assert not np.array_equal(embed(adapted(str(folder)), tmp_path), base)
    assert np.array_equal(embed(DEFAULT, tmp_path), base)


def test_an_adapter_of_the_library_is_found_by_its_id(tmp_path: Path) -> None:
    random_adapter(tmp_path / "adapters" / "tone-1a2b")
    answer = load_engine(adapted("tone-1a2b", CLOSED_BOOK), tmp_path).answer(QUESTION, [])
    assert (answer.engine, answer.adapter) == ("extractive", "Tone")


def test_an_adapter_that_is_not_there_is_said() -> None:
    with pytest.raises(ConfigError, match=r"adapter=gone: there is no such adapter"):
        load_engine(adapted("gone"), Path("nowhere"))


def test_an_adapter_for_another_engine_is_refused(tmp_path: Path) -> None:
    folder = random_adapter(tmp_path / "tone", kind="local_model")
    with pytest.raises(ConfigError, match=r"trained for engine\.name=local_model, not for extractive"):
        load_engine(adapted(str(folder)), tmp_path)


def test_an_adapter_of_the_built_in_encoder_is_refused_with_another(tmp_path: Path) -> None:
    config = adapted(str(random_adapter(tmp_path / "tone"))).with_values({"encoder.name": "own/encoder"})
    with pytest.raises(ConfigError, match=r"trained on the built-in encoder; set encoder\.name=builtin"):
        load_engine(config, tmp_path)


def test_a_renamed_adapter_answers_under_its_new_name(tmp_path: Path) -> None:
    folder = random_adapter(tmp_path / "tone")
    config = adapted(str(folder), CLOSED_BOOK)
    assert load_engine(config, tmp_path).answer(QUESTION, []).adapter == "Tone"
    card(name="Service tone").write(folder)
    assert load_engine(config, tmp_path).answer(QUESTION, []).adapter == "Service tone"


def test_labelled_examples_are_kept_in_the_data_home_or_named_by_a_path(tmp_path: Path) -> None:
    examples_folder(tmp_path).mkdir()
    for path in (examples_folder(tmp_path) / "bank.jsonl", tmp_path / "elsewhere.jsonl"):
        path.write_text(
            '{"input": "Where is my card?", "output": "delivery"}\n'
            '{"input": "Give me my money back", "output": "refund"}\n'
        )
    for name in ("bank", str(tmp_path / "elsewhere.jsonl")):
        engine = load_engine(DEFAULT.with_values({"engine.examples": name}), tmp_path)
        answer = engine.answer("I want my money back", [])
        assert answer.neighbours[0].output == "refund"
    with pytest.raises(ConfigError, match=r"engine\.examples=gone is neither a file nor a set"):
        load_engine(DEFAULT.with_values({"engine.examples": "gone"}), tmp_path)


def test_people_who_ask_at_once_with_different_adapters_never_get_each_others_answer(tmp_path: Path) -> None:
    folders = [random_adapter(tmp_path / str(seed), seed, name=f"Tone {seed}") for seed in range(3)]
    configs = [DEFAULT, *(adapted(str(folder)) for folder in folders)]
    workspace = Workspace(tmp_path / "home")
    put(workspace, "refunds.md", "You get your money back in ten days.\n\nParcels come on Friday.")
    bring_up_to_date(workspace, DEFAULT)
    alone = [workspace.run(QUESTION, config, fresh=True) for config in configs]
    scores: dict[int, list[tuple[str, float | None]]] = {number: [] for number in range(len(configs))}

    def ask(number: int) -> None:
        for _ in range(10):
            answer = workspace.run(QUESTION, configs[number], fresh=True).answer
            scores[number].append((answer.adapter, answer.confidence))

    threads = [threading.Thread(target=ask, args=(number,)) for number in scores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    workspace.close()
    for number, trace in enumerate(alone):
        assert scores[number] == [(trace.answer.adapter, trace.answer.confidence)] * 10
    assert [trace.answer.adapter for trace in alone] == ["", "Tone 0", "Tone 1", "Tone 2"]
    assert len({trace.answer.confidence for trace in alone}) == 4
