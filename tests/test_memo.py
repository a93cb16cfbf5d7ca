import html.parser
from typing import Any

import pytest

from playground.adapters.card import AdapterCard
from playground.decision.conclusion import conclude
from playground.decision.costs import Assumptions, Usage
from playground.decision.evidence import Evidence
from playground.decision.memo import DEFAULT_QUESTION, Memo, memo
from playground.reports.memo import memo_html, memo_markdown
from tests import evaluations
from tests.decisions import CONTENDERS, freshness, matrix, update, withdrawal

ANSWERS = {"failure": "information", "change": "daily", "citations": "yes", "prompting": "yes"}
CARD = AdapterCard(
    "my adapter", "extractive", "MiniLM", "basehash", 80, 20, "examplehash", False,
    {"rank": 16, "rounds": 8, "batch": 64, "learning_rate": 0.001, "seed": 0}, "2026-01-01", 41.0,
)  # fmt: skip


def written(evidence: Evidence | None = None, **values: Any) -> Memo:
    known = evidence or Evidence(
        matrix("✗" * 20, "✓" * 20, "✗" * 20, "✓" * 20),
        freshness(update=update()),
        withdrawal(1, 2),
        withdrawal(0, 2),
    )
    return memo(conclude(ANSWERS, known), known, Usage(), Assumptions(), card=CARD, **values)


def test_it_begins_with_the_question_and_the_verdict() -> None:
    text = memo_markdown(written(question="Shall we tune the model?"))
    assert text.startswith("# Memo: Start with RAG\n")
    assert "**The question.** Shall we tune the model?" in text
    assert DEFAULT_QUESTION in memo_html(written())


def test_figures_stand_there_with_their_intervals() -> None:
    text = memo_markdown(written())
    assert "| RAG | 20 of 20 (100%) | 84% to 100% |" in text
    assert "RAG against Prompt only: +100 points: better (95 % interval +66 to +100 points)" in text


def test_trials_are_told() -> None:
    text = memo_markdown(written())
    assert "| A fact was changed | right after 4.0 s | right after 6 min and 3 examples |" in text
    assert "| A document was deleted | gone at once | still told in 1 of 2 |" in text


def test_what_the_adapter_tells_is_a_risk() -> None:
    assert any("The adapter tells what stands in a deleted document" in risk for risk in written().risks)


def test_what_was_not_tried_is_said() -> None:
    found = written(Evidence())
    assert "A fact was changed: not tried" in found.untested
    assert "Nothing was measured yet." in memo_markdown(found)
    assert "Nothing was measured on the documents" in found.risks[0]


def test_documents_that_changed_since_are_a_risk() -> None:
    assert "The documents have changed since they were measured." in written(changed=True).risks


def test_the_appendix_has_all_that_it_takes_to_repeat_it() -> None:
    found = matrix("✗" * 20, "✓" * 20, documents={"a.md": "hash-of-a"}, versions={"torch": "2.13.0"})
    text = memo_markdown(written(Evidence(found)))
    for wanted in (
        "hash-of-a",
        "2.13.0",
        "basehash",
        "examplehash",
        "[retrieval]",
        'mode = "hybrid"',
        "rounds 8",
    ):
        assert wanted in text


def test_example_answers_show_where_the_approaches_differ() -> None:
    plan = evaluations.plan(2, *CONTENDERS[:2])
    same, other = evaluations.record("✗", answer="no"), evaluations.record("✓", answer="ten days")
    run = evaluations.run([same, same], [same, other], of=plan)
    from playground.decision.matrix import matrix_of

    found = written(Evidence(matrix_of(run))).examples
    assert found[0].question == "Question 2?"
    assert found[0].answers == (("Prompt only", "✗", "no"), ("RAG", "✓", "ten days"))


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "a | b", "**loud**", "[x](http://a.example)"])
def test_what_people_wrote_is_text_and_nothing_else(evil: str) -> None:
    found = written(question=evil)
    page, text = memo_html(found), memo_markdown(found)
    assert "<script>" not in page
    assert evil not in text
    assert "http://a.example" not in page.replace("(http://a.example)", "") or "href" not in page


def test_the_page_loads_nothing() -> None:
    seen: list[str] = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(tag)
            assert not {"src", "href"} & {name for name, _ in attrs}

    page = memo_html(written())
    Reader().feed(page)
    assert not {"script", "link", "img", "iframe"} & set(seen)
    assert "default-src 'none'" in page


def test_a_memo_of_nothing_is_a_memo_too() -> None:
    nothing = Evidence()
    found = memo(conclude({}, nothing), nothing, Usage(), Assumptions())
    assert "# Memo: Start with a better prompt" in memo_markdown(found)
    assert "Low: this rests on your answers alone (0 questions measured, 0 of 15 answered)." in memo_html(
        found
    )
