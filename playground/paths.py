"""Where the pages, the sample documents and the theme lie: in a checkout, or inside an installed wheel.

The wheel carries the checkout's folders under private names in the package, because a top-level `pages`
would take that name from every other project. This module does not know what is in the folders.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def _folder(in_checkout: str, in_wheel: str) -> Path:
    """The checkout's folder wins, so that an edit shows without a new install."""
    checkout = PACKAGE.parent
    if (checkout / "pyproject.toml").is_file():
        return checkout / in_checkout
    return PACKAGE / in_wheel


def pages_folder() -> Path:
    """Folder of the scripts that Streamlit runs as pages."""
    return _folder("pages", "_pages")


def sample_docs_folder() -> Path:
    """Folder with one folder per sample scenario, such as `handbook`."""
    return _folder("sample_docs", "_sample_docs")


def streamlit_settings() -> Path:
    """The TOML file with the theme and the server's limits."""
    return _folder(".streamlit", "_streamlit") / "config.toml"


def app_script() -> Path:
    """The script that the web server runs: navigation only."""
    return PACKAGE / "ui" / "app.py"
