"""The app's pages in Streamlit's own test driver."""

from streamlit.testing.v1 import AppTest

from playground.paths import app_script, pages_folder
from playground.ui import resources


def open_page(name: str = "", **query: str) -> AppTest:
    """The app, opened at an address with this query and idle; on the first page, or on that of this name."""
    page = AppTest.from_file(str(app_script()), default_timeout=120)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    resources.jobs().wait()
    if name:
        page.switch_page(str(pages_folder() / f"{name}.py"))
    page.run()
    assert not page.exception
    return page


def drawn(page: AppTest) -> str:
    """Everything that stands on the page as HTML, Markdown or a caption."""
    kinds = ("html", "markdown", "caption")
    return "\n".join(str(element.value) for kind in kinds for element in page.get(kind))
