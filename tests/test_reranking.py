import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.chunking.chunk import Chunk
from playground.config import RerankingConfig
from playground.errors import ModelError
from playground.reranking import Reranker, load_reranker, rerank
from playground.reranking.embedding_store import EmbeddingStore
from playground.reranking.late_interaction import LateInteraction, best_matches, weighted_maxsim
from playground.retrieval import Hit, StageScore
from tests.fakes import FakeEncoder
from tests.tiny_models import tiny_bert, tiny_colbert, tiny_cross_encoder, tiny_sentence_transformer

QUESTION = "what is the price"
TEXTS = ["the price of a laptop", "a week in days", "refund in the week", "who and where"]


def hits_of(texts: Sequence[str]) -> list[Hit]:
    """Hits as a search leaves them: rank 1 scores highest, all scores lie in 0..1."""
    return [
        Hit(
            Chunk(f"d{number}", 0, len(text), text, tokens=len(text.split())),
            document_name=f"{number}.md",
            fused=StageScore(1 - number / len(texts), number + 1),
        )
        for number, text in enumerate(texts)
    ]


class GivenScores:
    """A reranker that knows the score of every text."""

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        return [self.scores[hit.chunk.text] for hit in hits]


def order(hits: Sequence[Hit]) -> list[str]:
    return [hit.chunk.text for hit in hits]


def test_candidates_are_sorted_and_the_others_stay_behind_them() -> None:
    hits = hits_of(["a", "b", "c", "d"])
    result = rerank("q", hits, GivenScores({"a": 0.1, "b": 0.9, "c": 0.5}), candidates=3)
    assert order(result) == ["b", "c", "a", "d"]
    assert [hit.reranked for hit in result] == [
        StageScore(0.9, 1),
        StageScore(0.5, 2),
        StageScore(0.1, 3),
        None,
    ]
    assert result[0].fused == hits[1].fused


def test_equal_scores_keep_their_order() -> None:
    result = rerank("q", hits_of(["a", "b", "c"]), GivenScores({"a": 1.0, "b": 1.0, "c": 2.0}), 20)
    assert order(result) == ["c", "a", "b"]


def test_nothing_found_is_nothing_reranked() -> None:
    assert rerank("q", [], GivenScores({}), candidates=5) == []


def test_a_reranker_that_forgets_a_hit_is_noticed() -> None:
    class OneScore:
        def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
            return [1.0]

    with pytest.raises(ValueError):
        rerank("q", hits_of(["a", "b"]), OneScore(), candidates=2)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=12), st.integers(1, 15))
def test_reranking_only_reorders(scores: list[float], candidates: int) -> None:
    hits = hits_of([f"text {number}" for number in range(len(scores))])
    by_text = {hit.chunk.text: score for hit, score in zip(hits, scores, strict=True)}
    result = rerank("q", hits, GivenScores(by_text), candidates)
    assert sorted(order(result)) == sorted(order(hits))
    assert result[candidates:] == hits[candidates:]
    read = [hit.reranked for hit in result[:candidates] if hit.reranked]
    assert [stage.rank for stage in read] == list(range(1, len(read) + 1))
    assert [stage.score for stage in read] == sorted((stage.score for stage in read), reverse=True)


def test_best_matches_are_the_highest_cosines() -> None:
    question = np.array([[1, 0], [0, 1]], dtype=np.float32)
    near, far = np.array([[0.6, 0.8], [1, 0]]), np.array([[-1, 0]])
    matches = best_matches(question, [near, np.zeros((0, 2)), far])
    np.testing.assert_allclose(matches, np.array([[1, 0.8], [0, 0], [-1, 0]]), atol=1e-6)


def test_a_token_that_every_passage_holds_does_not_count() -> None:
    matches = np.array([[1.0, 0.8], [1.0, 0.2]])
    np.testing.assert_allclose(weighted_maxsim(matches), [0.8, 0.2], atol=1e-3)


def test_a_question_that_every_passage_matches_wholly_is_a_plain_mean() -> None:
    np.testing.assert_allclose(weighted_maxsim(np.ones((3, 4))), [1, 1, 1])


def test_late_interaction_adds_the_match_to_the_score_before() -> None:
    hits = hits_of(["green tea", "black coffee"])  # scores 1.0 and 0.5, scaled to 1 and 0
    scores = LateInteraction(FakeEncoder(), weight=3.0).score("coffee", hits)
    assert scores == pytest.approx([1.0, 3.0])
    assert order(rerank("coffee", hits, LateInteraction(FakeEncoder()), 2)) == ["black coffee", "green tea"]


def test_without_a_word_in_the_question_the_order_before_stays() -> None:
    assert LateInteraction(FakeEncoder()).score("", hits_of(["a", "b", "c"])) == pytest.approx([1, 0.5, 0])


def test_a_passage_is_embedded_once() -> None:
    asked: list[list[str]] = []

    class Recorder(FakeEncoder):
        def token_embeddings(self, texts: Sequence[str]) -> list[np.ndarray]:
            asked.append(list(texts))
            return super().token_embeddings(texts)

    reranker = LateInteraction(Recorder())
    reranker.score("x", hits_of(["a", "b"]))
    reranker.score("y", hits_of(["b", "c", "b"]))
    assert asked == [["x"], ["a", "b"], ["y"], ["c"]]


def test_the_store_forgets_what_was_unused_for_longest() -> None:
    made: list[str] = []

    def embed(texts: Sequence[str]) -> list[np.ndarray]:
        made.extend(texts)
        return [np.zeros(100, dtype=np.uint8) for _ in texts]

    store = EmbeddingStore(limit_bytes=250)
    store.get(["a"], embed)
    store.get(["b"], embed)
    store.get(["a"], embed)
    store.get(["c"], embed)  # no room for three: b was used before a
    store.get(["a", "c"], embed)
    assert (made, store.bytes) == (["a", "b", "c"], 200)
    store.get(["b"], embed)
    assert made == ["a", "b", "c", "b"]


def test_the_store_gives_back_more_than_it_can_keep() -> None:
    store = EmbeddingStore(limit_bytes=50)
    arrays = store.get(["a", "b"], lambda texts: [np.full(100, ord(text), np.uint8) for text in texts])
    assert [array[0] for array in arrays] == [ord("a"), ord("b")]
    assert store.bytes == 0


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_cross_encoder(folder / "cross_encoder")
    tiny_colbert(folder / "colbert")
    tiny_sentence_transformer(folder / "sentence_transformer")
    tiny_bert(folder / "bert")
    return folder


def load(method: str, model: Path | str) -> Reranker:
    reranker = load_reranker(RerankingConfig(method=method, model=str(model)), FakeEncoder())
    assert reranker is not None
    return reranker


def test_a_cross_encoder_gives_the_scores_of_the_library(models: Path) -> None:
    from sentence_transformers import CrossEncoder

    expected = CrossEncoder(str(models / "cross_encoder")).predict([(QUESTION, text) for text in TEXTS])
    assert load("cross_encoder", models / "cross_encoder").score(QUESTION, hits_of(TEXTS)) == pytest.approx(
        expected.tolist(), abs=1e-6
    )


def test_a_colbert_model_gives_the_scores_of_the_library(models: Path) -> None:
    from sentence_transformers import MultiVectorEncoder

    model = MultiVectorEncoder(str(models / "colbert"))
    expected = model.similarity(model.encode_query([QUESTION]), model.encode_document(TEXTS))[0].tolist()
    reranker = load("colbert", models / "colbert")
    assert reranker.score(QUESTION, hits_of(TEXTS)) == pytest.approx(expected, abs=1e-4)
    assert reranker.score(QUESTION, hits_of(TEXTS)) == pytest.approx(expected, abs=1e-4), "from the store"


def test_methods_without_a_model_of_their_own() -> None:
    assert load_reranker(RerankingConfig(), FakeEncoder()) is None
    assert isinstance(
        load_reranker(RerankingConfig(method="late_interaction"), FakeEncoder()), LateInteraction
    )


@pytest.mark.parametrize("kind", ["sentence_transformer", "bert", "cross_encoder"])
def test_only_a_multi_vector_model_is_a_colbert_model(models: Path, kind: str) -> None:
    with pytest.raises(ModelError, match="is not a ColBERT model"):
        load("colbert", models / kind)


@pytest.mark.parametrize("kind", ["sentence_transformer", "bert", "colbert"])
def test_only_a_model_with_a_trained_head_is_a_cross_encoder(models: Path, kind: str) -> None:
    with pytest.raises(ModelError, match="is not a cross-encoder"):
        load("cross_encoder", models / kind)


def test_models_that_other_versions_saved_are_known() -> None:
    from playground.reranking.models import require_cross_encoder, require_multi_vector

    dense = [{"type": "pylate.models.Dense.Dense"}]
    colbert = {"config.json": {"architectures": ["HF_ColBERT"]}}
    early_pylate = {"config_sentence_transformers.json": {"query_prefix": "[Q] "}, "modules.json": dense}
    pylate = {"config_sentence_transformers.json": {"model_type": "ColBERT"}, "modules.json": dense}
    for description in (colbert, early_pylate, pylate):
        require_multi_vector("model", description.get)
    with pytest.raises(ModelError, match="is not a ColBERT model"):
        require_multi_vector("model", (early_pylate | {"modules.json": [{"type": "Pooling"}]}).get)
    generative = {"config_sentence_transformers.json": {"model_type": "CrossEncoder"}, "modules.json": dense}
    require_cross_encoder("model", generative.get)
    with pytest.raises(ModelError, match="but Qwen3ForCausalLM"):
        require_cross_encoder("model", {"config.json": {"architectures": ["Qwen3ForCausalLM"]}}.get)


def test_a_cross_encoder_with_several_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="gives 3 scores for a pair"):
        load("cross_encoder", tiny_cross_encoder(tmp_path / "three", labels=3))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("/no/such/folder", "no model folder at /no/such/folder"),
        ("./reranker", "no model folder at ./reranker"),
        ("not a name!", "neither a folder nor a hub name"),
        ("someone/reranker", "is not on this machine, and the hub is switched off"),
    ],
)
@pytest.mark.parametrize("method", ["colbert", "cross_encoder"])
def test_a_model_that_is_not_there_is_said_in_one_line(method: str, name: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        load(method, name)
    assert "\n" not in str(caught.value)


def test_a_hub_that_does_not_answer_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", no_network)
    with pytest.raises(
        ModelError, match="someone/reranker is not on this machine, and the hub cannot be reached"
    ):
        load("cross_encoder", "someone/reranker")


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_damaged_model_is_said_in_one_line(tmp_path: Path, damage: str) -> None:
    folder = tiny_cross_encoder(tmp_path / "model")
    (folder / damage).write_text("{ half")
    with pytest.raises(ModelError, match="cannot be loaded: ") as caught:
        load("cross_encoder", folder)
    assert "\n" not in str(caught.value)


def test_a_model_in_the_cache_of_the_hub_is_found_without_the_hub(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tmp_path / "models--someone--reranker" / "snapshots" / ("0" * 40)
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(models / "cross_encoder")
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("0" * 40)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    expected = load("cross_encoder", models / "cross_encoder").score(QUESTION, hits_of(TEXTS))
    assert load("cross_encoder", "someone/reranker").score(QUESTION, hits_of(TEXTS)) == pytest.approx(
        expected
    )


def test_late_interaction_reads_the_last_stage_that_ran() -> None:
    hits = [
        replace(hit, fused=None, keyword=StageScore(score, 1))
        for hit, score in zip(hits_of(["a", "b"]), (7.0, 3.0), strict=True)
    ]
    assert LateInteraction(FakeEncoder(), weight=0.0).score("a", hits) == [1.0, 0.0]


def test_a_description_that_is_not_json_is_damaged(tmp_path: Path) -> None:
    folder = tiny_cross_encoder(tmp_path / "model")
    (folder / "modules.json").write_text(json.dumps("text")[:-1])
    with pytest.raises(ModelError, match="cannot be loaded"):
        load("cross_encoder", folder)
