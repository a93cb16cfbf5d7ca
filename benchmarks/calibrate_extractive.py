"""How good the extractive engine is on XQuAD, and where the numbers of its calibration come from.

    python -m benchmarks.calibrate_extractive [FOLDER]

FOLDER holds xquad.en.json (default: ../shared/data/xquad beside the repository). All 240 paragraphs are
documents of a fresh workspace with the default settings, and every question is asked twice: the second time
with its own paragraph taken away. The curve is fitted on every other article and held against the rest.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import playground.settings  # noqa: F401  (sets the thread pools, before numpy is imported)

# isort: split
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from playground.chunking import Chunk
from playground.config import DEFAULT
from playground.documents import Document
from playground.embedding import load_encoder
from playground.engines.calibration import ABSTAIN_BELOW, ANSWERABLE_ODDS, INTERCEPT, SLOPE, confidence
from playground.engines.extractive import ExtractiveEngine
from playground.engines.quotable import quotable_sentences
from playground.retrieval import Scored, SearchIndex, retrieve
from playground.workspace import Workspace

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "xquad"


@dataclass(frozen=True)
class Asked:
    """A question, the document that answers it, and whether its article belongs to the fitted half."""

    question: str
    answers: tuple[str, ...]
    document_id: str
    fitted: bool


@dataclass(frozen=True)
class Outcome:
    """Whether the first sentence holds an answer, and the best score with and without the own paragraph."""

    asked: Asked
    right: bool
    score: float
    score_without: float


class Without:
    """An index from which one document is taken away."""

    def __init__(self, index: SearchIndex, document_id: str) -> None:
        self._index = index
        self._document_id = document_id

    def dense_search(self, vector: np.ndarray, limit: int) -> Scored:
        return self._others(self._index.dense_search(vector, limit + 10), limit)

    def keyword_search(self, text: str, limit: int) -> Scored:
        return self._others(self._index.keyword_search(text, limit + 10), limit)

    def chunks(self, keys: Sequence[int]) -> Mapping[int, tuple[Chunk, str]]:
        return self._index.chunks(keys)

    def _others(self, scored: Scored, limit: int) -> Scored:
        found = self._index.chunks([key for key, _ in scored])
        others = [each for each in scored if found[each[0]][0].document_id != self._document_id]
        return others[:limit]


def load(path: Path) -> tuple[list[Document], list[Asked]]:
    """Each paragraph as a document with a name that gives nothing away, and all questions."""
    articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    order = sorted(article["title"] for article in articles)
    documents: list[Document] = []
    questions: list[Asked] = []
    for article in articles:
        fitted = order.index(article["title"]) % 2 == 0
        for paragraph in article["paragraphs"]:
            name = f"{len(documents):03}.txt"
            documents.append(Document(id=name, name=name, text=paragraph["context"]))
            for item in paragraph["qas"]:
                answers = tuple(answer["text"] for answer in item["answers"])
                questions.append(Asked(item["question"], answers, name, fitted))
    return documents, questions


def ask_all(documents: Sequence[Document], questions: Sequence[Asked]) -> list[Outcome]:
    """Index everything in a data home of its own, and ask every question with and without its paragraph."""
    encoder = load_encoder(DEFAULT.encoder)
    engine = ExtractiveEngine(encoder)
    settings = DEFAULT.retrieval

    def best(question: str, vector: np.ndarray, index: SearchIndex) -> tuple[float, str]:
        sentences = quotable_sentences(
            retrieve(question, lambda _: vector, index, settings, settings.top_k, {})
        )
        scores = engine.scores(question, sentences)
        first = int(np.argmax(scores))
        return scores[first], sentences[first].text

    outcomes = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        workspace = Workspace(Path(home))
        for document in documents:
            workspace.add(document, document.text.encode())
        for _ in workspace.index_steps(DEFAULT):
            pass
        index = workspace.index(DEFAULT)
        vectors = encoder.encode([asked.question for asked in questions], query=True)
        for asked, vector in zip(questions, vectors, strict=True):
            score, text = best(asked.question, vector, index)
            without, _ = best(asked.question, vector, Without(index, asked.document_id))
            right = any(answer.casefold() in text.casefold() for answer in asked.answers)
            outcomes.append(Outcome(asked, right, score, without))
        workspace.close()
    return outcomes


def fit(outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """Slope and intercept of the logistic curve, for as many questions that can be answered as cannot."""
    scores = [[outcome.score] for outcome in outcomes] + [[outcome.score_without] for outcome in outcomes]
    answerable = [True] * len(outcomes) + [False] * len(outcomes)
    model = LogisticRegression(C=1e6).fit(scores, answerable)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def report(name: str, outcomes: Sequence[Outcome]) -> None:
    """One line: how often the first sentence is right, and how well the two cases are told apart."""
    own = np.array([outcome.score for outcome in outcomes])
    without = np.array([outcome.score_without for outcome in outcomes])
    answered = np.mean([confidence(score) >= ABSTAIN_BELOW for score in own])
    abstained = np.mean([confidence(score) < ABSTAIN_BELOW for score in without])
    labels = [1] * len(own) + [0] * len(without)
    print(
        f"{name:<18}{len(own):>10}{np.mean([outcome.right for outcome in outcomes]):>16.3f}"
        f"{(answered + abstained) / 2:>19.3f}{roc_auc_score(labels, np.concatenate([own, without])):>8.3f}"
        f"{1 - answered:>20.3f}{abstained:>20.3f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure and calibrate the extractive engine on XQuAD.")
    parser.add_argument("folder", nargs="?", type=Path, default=DATA, help="where xquad.en.json is")
    path = parser.parse_args().folder / "xquad.en.json"
    if not path.is_file():
        print(
            f"{path} is not there; name the folder with xquad.en.json from github.com/google-deepmind/xquad"
        )
        return 2
    outcomes = ask_all(*load(path))
    fitted = [outcome for outcome in outcomes if outcome.asked.fitted]
    slope, intercept = fit(fitted)
    print(
        f"{'articles':<18}{'questions':>10}{'first sentence':>16}{'balanced accuracy':>19}{'AUC':>8}"
        f"{'wrongly abstained':>20}{'rightly abstained':>20}"
    )
    report("fitted half", fitted)
    report("other half", [outcome for outcome in outcomes if not outcome.asked.fitted])
    report("all", outcomes)
    # confidence(threshold) == ABSTAIN_BELOW == 0.5
    threshold = -(INTERCEPT + log(ANSWERABLE_ODDS)) / SLOPE
    print(f"in use: SLOPE = {SLOPE}, INTERCEPT = {INTERCEPT}; abstains below a score of {threshold:.3f}")
    print(f"fitted: SLOPE = {slope:.2f}, INTERCEPT = {intercept:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
