import csv
import io
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from playground.evaluation.formats import FormatCheck
from playground.evaluation.records import Plan, Record, Run, plan_from_dict
from playground.evaluation.results import Contender
from playground.questions.labels import LabelledQuestion
from playground.reports.export import to_csv, to_html, to_json
from tests.evaluations import BASE, OTHER, plan, questions, record, run

EVIL = "<script>alert('x')</script>"
RIGHT = Record(
    "right",
    "Yes.",
    found=True,
    figures={"recall@5": 1.0, "similarity": -0.25},
    latency={"dense": 2.0, "total": 9.5},
    prompt_tokens=7,
)
LOST = Record("wrong", "No.", found=False, cause="not_retrieved", rank=12, figures={"answer_f1": 0.0})


def table(kept: Run) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(kept))))


def of_answer(text: str) -> Run:
    return run([Record("right", text)], of=plan(1, Contender("A", BASE)))


# CSV


def test_a_table_has_a_row_for_every_question_and_contender() -> None:
    rows = table(run([RIGHT, LOST], [RIGHT, None]))
    assert [(row["id"], row["contender"], row["outcome"]) for row in rows] == [
        ("q1", "Balanced", "right"),
        ("q1", "Fast", "right"),
        ("q2", "Balanced", "wrong"),
        ("q2", "Fast", "not asked"),
    ]
    assert rows[0] == {
        "id": "q1",
        "question": "Question 1?",
        "contender": "Balanced",
        "outcome": "right",
        "answer": "Yes.",
        "expected": "yes",
        "found": "true",
        "cause": "",
        "rank": "",
        "reason": "",
        "cached": "false",
        "seen": "false",
        "withheld": "false",
        "prompt_tokens": "7",
        "completion_tokens": "0",
        "total_ms": "9.5",
        "recall@5": "1.0",
        "answer_f1": "",
        "similarity": "-0.25",
    }
    assert (rows[2]["cause"], rows[2]["rank"], rows[2]["found"]) == ("not_retrieved", "12", "false")
    assert rows[3]["answer"] == rows[3]["recall@5"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_is_no_formula_for_a_spreadsheet(text: str) -> None:
    (row,) = table(of_answer(text))
    assert row["answer"] == f"'{text}"
    asked = Plan("x", (LabelledQuestion("=q", text, (text,)),), (Contender(text, BASE),))
    (row,) = table(run("✓", of=asked))
    assert (row["id"], row["question"], row["contender"]) == ("'=q", f"'{text}", f"'{text}")
    assert row["expected"].startswith("'") or not row["expected"].startswith(text[0])


def test_texts_with_line_ends_and_marks_come_back() -> None:
    text = 'First, "second"\nthird; ünd'
    assert table(of_answer(text))[0]["answer"] == text


def test_several_expected_answers_are_parted_and_none_is_told() -> None:
    asked = (LabelledQuestion("a", "A?", ("one", "two")), LabelledQuestion("b", "B?", answerable=False))
    rows = table(run("✓○", of=Plan("x", asked, (Contender("A", BASE),))))
    assert [row["expected"] for row in rows] == ["one | two", "(no answer)"]


# JSON


def test_everything_that_is_kept_is_in_the_json() -> None:
    kept = run(
        [RIGHT, LOST], [RIGHT, None], documents={"a.md": "aa"}, versions={"torch": "2"}, unscored=("q9",)
    )
    found = json.loads(to_json(kept))
    assert (found["format"], found["id"], found["name"], found["state"]) == (1, "r1", "My questions", "done")
    assert plan_from_dict(found["plan"]) == kept.plan
    assert (found["documents"], found["versions"], found["unscored"]) == (
        {"a.md": "aa"},
        {"torch": "2"},
        ["q9"],
    )
    assert [[each and Record(**each) for each in column] for column in found["records"]] == [
        [RIGHT, LOST],
        [RIGHT, None],
    ]
    first = found["summaries"][0]
    assert (first["right"]["count"], first["right"]["of"], first["right"]["share"]) == (1, 2, 0.5)
    assert first["latency_ms"] == {"dense": {"p50": 2.0, "p95": 2.0}, "total": {"p50": 9.5, "p95": 9.5}}
    assert (first["causes"], first["outcomes"]) == ({"not_retrieved": 1}, {"right": 1, "wrong": 1})


def test_the_baseline_is_compared_with_the_others_in_figures_and_in_words() -> None:
    found = json.loads(to_json(run("✗" * 12, "✓" * 12)))
    (comparison,) = found["comparisons"]
    assert (comparison["name"], comparison["baseline"]) == ("Fast", "Balanced")
    assert (comparison["difference"]["mean"], comparison["difference"]["n"]) == (1.0, 12)
    assert comparison["discordance"]["gained"] == 12
    assert comparison["p"] == pytest.approx(2 / 2**12)
    assert (comparison["verdict"], comparison["words"]) == ("better", "+100 points: better")


def test_what_an_adapter_learned_counts_when_that_is_wanted() -> None:
    kept = run([record("✓", seen=True), record("✗")], "✗✗")
    shares = [
        json.loads(to_json(kept, count_seen))["summaries"][0]["right"]["share"]
        for count_seen in (False, True)
    ]
    assert shares == [0.0, 0.5]


# HTML


class Page(HTMLParser):
    """The tags of a page with their attributes, and its texts outside of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.styles = ""
        self._inside = ""
        self.feed(text)
        self.text = "\n".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.styles += data
        elif self._inside != "script":
            self.words.append(data)


def big(**values: object) -> Run:
    """Two contenders that were timed, judged and compared."""
    column = tuple(replace(RIGHT if number % 3 else LOST, latency={"total": 5.0}) for number in range(12))
    return replace(run(column, (RIGHT,) * 12), created="2026-01-31T14:05:00+00:00", **values)  # type: ignore[arg-type]


def test_a_page_loads_nothing() -> None:
    page = Page(to_html(big()))
    loading = [
        (tag, name, value)
        for tag, attributes in page.tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "data", "action") and not (value or "").startswith("#")
    ]
    assert loading == []
    assert not re.search(r"@import|url\(", page.styles)
    policy = next(each["content"] for tag, each in page.tags if "http-equiv" in each)
    assert (policy or "").startswith("default-src 'none'")
    assert not {tag for tag, _ in page.tags} & {"link", "iframe", "img", "object", "base"}


def test_the_library_of_the_charts_is_there_once() -> None:
    text = to_html(big())
    assert Counter(re.findall(r"plotly\.js v\d", text)).total() == 1
    assert text.count('class="plotly-graph-div"') == 3


def test_without_a_chart_of_times_another_one_brings_the_library() -> None:
    text = to_html(run("✓✗", "✗✗"))
    assert "Quality against waiting time" not in text
    assert len(re.findall(r"plotly\.js v\d", text)) == 1
    assert text.count('class="plotly-graph-div"') == 2


def test_texts_are_no_markup() -> None:
    asked = Plan(
        EVIL, (LabelledQuestion("q", EVIL, (EVIL,)),), (Contender(EVIL, BASE), Contender("B", OTHER))
    )
    kept = run(
        [Record("wrong", EVIL, cause="not_used", latency={"total": 2.0})],
        [Record("failed", reason=EVIL)],
        of=asked,
        documents={EVIL: EVIL},
        versions={EVIL: EVIL},
    )
    text = to_html(replace(kept, name=EVIL))
    plain = Page(to_html(run("✓", "✓", of=plan(1))))
    scripts = [tag for tag, _ in Page(text).tags].count("script")
    assert scripts == [tag for tag, _ in plain.tags].count("script") + 1  # of the chart of times
    assert EVIL not in text
    assert Page(text).text.count(EVIL) >= 12


def test_a_page_says_what_was_measured() -> None:
    words = Page(to_html(big(documents={"a.md": "ab12"}, versions={"torch": "2.13"}))).text
    for said in (
        "2026-01-31 14:05 UTC · questions: My questions, 12 in all · compared with A Balanced",
        "67% (8 of 12)",
        "100% (12 of 12)",
        "Fast against Balanced: +33 points",
        "Question 12?",
        "Expected: yes",
        "not retrieved, rank 12",
        "◇ evidence missed",
        "Recall at 5",
        "Similarity by the encoder",
        "Try hybrid search",
        'mode = "dense"',
        "ab12",
        "2.13",
    ):
        assert said in words, said


def test_a_page_tells_what_has_to_be_known_to_read_it() -> None:
    asked = plan(3, Contender("A", BASE), check=FormatCheck("labels", "yes\nno"))
    kept = replace(run([record("✓", seen=True), record("!"), None], of=asked), state="cancelled")
    words = Page(to_html(replace(kept, unscored=("q3",)))).text
    assert "2 of 3 answers are there: the run is cancelled." in words
    assert "Not scored, because their evidence is gone from the documents: q3." in words
    assert "Questions that an adapter was trained with: 1; they are left out of all figures." in words
    assert "Answers that failed: 1 of 2." in words
    assert "yes\nno" in words


def test_the_sentence_of_bounds_stands_in_the_head() -> None:
    gold = Contender("Gold", BASE, gold_passages=True)
    words = Page(to_html(run("✓✗✗✗", "✓✓✗✗", of=plan(4, Contender("RAG", BASE), gold)))).text
    assert "Of the 75 points to a perfect score, retrieval can win 25" in words


def test_one_contender_without_times_makes_a_page_too() -> None:
    words = Page(to_html(run("✓", of=Plan("x", questions(1), (Contender("A", BASE),))))).text
    assert "No answer was wrong." in words
    assert "Differences" not in words
