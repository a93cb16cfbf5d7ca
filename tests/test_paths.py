from pathlib import Path

import pytest

from playground import paths

CHECKOUT = Path(__file__).resolve().parent.parent


def test_a_checkout_uses_its_own_folders() -> None:
    assert paths.pages_folder() == CHECKOUT / "pages"
    assert paths.sample_docs_folder() == CHECKOUT / "sample_docs"
    assert paths.streamlit_settings() == CHECKOUT / ".streamlit" / "config.toml"
    assert paths.streamlit_settings().is_file()


def test_an_installed_package_uses_the_folders_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "playground")
    assert paths.pages_folder() == tmp_path / "playground" / "_pages"
    assert paths.sample_docs_folder() == tmp_path / "playground" / "_sample_docs"
    assert paths.streamlit_settings() == tmp_path / "playground" / "_streamlit" / "config.toml"
