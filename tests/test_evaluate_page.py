"""The Evaluate page, run by Streamlit's own test driver on a small indexed library."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from playground.config import DEFAULT
from playground.evaluation.records import Record, Run
from playground.intake import take_in
from playground.presets import PRESETS
from playground.questions.lookup import Gold, LabelledQuestion
from playground.questions.store import QuestionStore
from playground.ui import resources
from playground.ui.evaluate import state as page_state
from playground.ui.evaluate.matrix import cell_in_words
from playground.workspace import Workspace
from tests.pages import drawn, open_page

RETURNS = """# Returns

Opened hardware may be returned within 14 days of delivery. The customer pays for the way back.
"""
TRAVEL = """# Travel

Trips longer than four hours are made in first class. Hotels in Lisbon may cost 140 euro a night.
"""
RETURN = LabelledQuestion(
    "q1",
    "Within how many days may opened hardware be returned?",
    ("14 days",),
    relevant=(Gold("returns.md", quote="within 14 days of delivery"),),
)
HOTEL = LabelledQuestion(
    "q2",
    "How much may a hotel in Lisbon cost?",
    ("140 euro",),
    relevant=(Gold("travel.md", quote="140 euro a night"),),
)
MOON = LabelledQuestion("q3", "Who was the first person on the moon?", answerable=False)


@pytest.fixture
def library(home: Path) -> Path:
    """Two documents, indexed with the default settings, and three labelled questions."""
    workspace = Workspace(home)
    list(take_in(workspace, [("returns.md", RETURNS.encode()), ("travel.md", TRAVEL.encode())]))
    list(workspace.index_steps(DEFAULT))
    workspace.close()
    store = QuestionStore(home)
    store.put("My questions", [RETURN, HOTEL, MOON])
    store.close()
    return home


def evaluate(page: AppTest) -> AppTest:
    page.button(key="run").click().run()
    resources.evaluations().wait()
    page.run()
    assert not page.exception
    return page


def matrix(page: AppTest) -> list[list[str]]:
    """The matrix as it is shown, a list a question."""
    return [list(row) for row in page.dataframe[0].value.itertuples(index=False)]


def test_without_questions_there_is_nothing_to_run(home: Path) -> None:
    page = open_page("evaluate")
    assert page.button(key="run").disabled
    assert "Which set-up is better on your questions" in drawn(page)


def test_a_run_fills_the_matrix_with_every_column(library: Path) -> None:
    page = evaluate(open_page("evaluate", a="balanced", b="no-retrieval"))
    rows = matrix(page)
    assert [row[0] for row in rows] == [RETURN.question, HOTEL.question, f"{MOON.question} (no answer)"]
    assert [row[1][0] for row in rows] == ["✓", "✓", "○"]
    assert [row[2][0] for row in rows] == ["✗", "✗", "○"]
    assert "◆" in rows[0][1]
    assert "14 days of delivery" in rows[0][1]


def test_filters_leave_the_rows_that_they_name(library: Path) -> None:
    page = evaluate(open_page("evaluate", a="balanced", b="no-retrieval"))
    page.session_state["matrix_filter"] = "Different"
    page.run()
    assert [row[0] for row in matrix(page)] == [RETURN.question, HOTEL.question]
    page.session_state["matrix_filter"] = "Unanswerable"
    page.run()
    assert [row[0] for row in matrix(page)] == [f"{MOON.question} (no answer)"]


def test_why_answers_fail_is_a_filter_with_its_remedy(library: Path) -> None:
    page = evaluate(open_page("evaluate", a="balanced", b="no-retrieval"))
    page.selectbox(key="cause_filter").set_value("not_looked_up").run()
    assert len(matrix(page)) == 2
    assert "Switch retrieval on" in drawn(page)


def test_a_cell_opens_with_its_whole_trace_and_another_beside_it(library: Path) -> None:
    page = evaluate(open_page("evaluate", a="balanced", b="no-retrieval"))
    page.session_state["open_cell"] = (0, 0)
    page.run()
    assert not page.exception
    text = drawn(page)
    assert "within <mark>" in text or "14 days of delivery" in text
    assert "without retrieval it has nothing to quote" in text
    assert "Expected:" in text


def test_few_questions_give_no_verdict(library: Path) -> None:
    page = evaluate(open_page("evaluate", a="balanced", b="no-retrieval"))
    assert "There is no verdict from fewer than 10 questions." in drawn(page)


def test_all_figures_stand_in_a_table_at_the_chosen_depth(library: Path) -> None:
    page = evaluate(open_page("evaluate", a="balanced"))
    assert "Recall at 5" in drawn(page)
    page.session_state["figures_depth"] = 1
    page.run()
    assert "Recall at 1" in drawn(page)


def test_closed_book_and_gold_passages_bound_what_can_be_gained(library: Path) -> None:
    page = open_page("evaluate", a="balanced")
    page.toggle(key="bounds").set_value(True).run()
    page = evaluate(page)
    assert list(page.dataframe[0].value.columns) == [
        "Question",
        "A  Balanced",
        "B  Closed book",
        "C  Gold passages",
    ]
    assert ":material/straighten:" in drawn(page)


def test_a_page_that_is_opened_anew_shows_the_last_run(library: Path) -> None:
    evaluate(open_page("evaluate", a="balanced"))
    assert matrix(open_page("evaluate", a="balanced"))[0][1].startswith("✓")


def test_the_same_once_more_asks_everything_anew(library: Path) -> None:
    page = evaluate(open_page("evaluate", a="balanced"))
    assert page.button(key="run").label == "Run again"
    page = evaluate(page)
    run = resources.workspace().runs.run(page.session_state["evaluation"].run)
    assert not any(record and record.cached for record in run.records[0])


def test_a_cancelled_run_can_be_resumed(library: Path) -> None:
    page = evaluate(open_page("evaluate", a="balanced"))
    workspace = resources.workspace()
    workspace.runs.end(page.session_state["evaluation"].run, "cancelled", 0)
    page.run()
    page.button(key="resume").click().run()
    resources.evaluations().wait()
    page.run()
    assert workspace.runs.run(page.session_state["evaluation"].run).state == "done"
    assert page.button(key="run").label == "Run again"


def test_presets_are_measured_beside_the_columns(library: Path) -> None:
    page = open_page("evaluate", a="balanced")
    page.session_state["evaluation"].presets = ["Keyword only"]
    page = evaluate(page.run())
    assert list(page.dataframe[0].value.columns) == ["Question", "A  Balanced", "B  Keyword only"]
    assert PRESETS["Keyword only"].retrieval.mode == "keyword"


def test_a_cell_says_all_at_a_glance() -> None:
    right = Record("right", "24 days\na year", found=True, latency={"total": 1084.4})
    assert cell_in_words(right) == "✓ ◆ 1,084 ms  24 days a year"
    assert (
        cell_in_words(Record("wrong", "The nearest is ...", abstained=True, found=False)) == "✗ ◇  no answer"
    )
    assert cell_in_words(Record("failed", reason="no server")) == "!  no server"
    assert cell_in_words(None) == "…"


def test_the_map_shows_where_a_question_and_its_evidence_lie(library: Path) -> None:
    page = evaluate(open_page("evaluate", a="balanced"))
    page.session_state["section"] = "Map"
    page.run()
    assert not page.exception
    assert page.get("plotly_chart")


def test_a_configuration_file_is_measured_until_it_is_taken_out(library: Path) -> None:
    page = open_page("evaluate", a="balanced")
    upload = ("dense.toml", b'[retrieval]\nmode = "dense"\n', "application/toml")
    page.file_uploader(key="configuration_files").set_value([upload]).run()
    assert list(page.session_state["evaluation"].files) == ["dense"]
    page = evaluate(page)
    assert list(page.dataframe[0].value.columns) == ["Question", "A  Balanced", "B  dense"]


def test_a_file_that_is_no_configuration_says_why(library: Path) -> None:
    page = open_page("evaluate", a="balanced")
    upload = ("odd.toml", b'[retrieval]\nmode = "telepathy"\n', "application/toml")
    page.file_uploader(key="configuration_files").set_value([upload]).run()
    said = page.error[0].value.replace("\\", "")
    assert said.startswith("odd.toml cannot be used as settings: retrieval.mode=telepathy is not one of")


def test_a_run_in_which_no_label_is_left_says_so(library: Path) -> None:
    gone = LabelledQuestion("q1", "Who?", relevant=(Gold("returns.md", 0, 5, "Zebra", found=True),))
    page = open_page("evaluate", a="balanced")
    resources.questions().put("My questions", [gone])
    page = evaluate(page)
    assert "No question could be asked" in page.warning[0].value
    assert page.button(key="run").label == "Run again"


def test_a_run_that_ends_while_the_page_is_drawn_is_drawn_once_more(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("evaluate", a="balanced")
    really = page_state.shown_run

    def read_and_see_it_end() -> Run | None:
        run = really()
        resources.evaluations().wait()
        return run

    monkeypatch.setattr(page_state, "shown_run", read_and_see_it_end)
    page.button(key="run").click().run()
    assert not page.exception
    assert page.button(key="run").label == "Run again"
    assert "resume" not in [button.key for button in page.button]
