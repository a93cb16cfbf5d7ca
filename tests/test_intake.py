from dataclasses import replace
from pathlib import Path

import pytest

from playground.documents import Document, Page
from playground.errors import InputError
from playground.intake import Intake, measure, mirror_folder, take_in, take_in_folder
from playground.reading import Reader, ReadResult
from playground.scenarios.gallery import scenarios
from playground.workspace import Workspace
from tests.fakes import FakeEncoder
from tests.homes import bring_up_to_date, found, use_fake_encoder


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    return use_fake_encoder(monkeypatch)


@pytest.fixture
def workspace(home: Path, encoder: FakeEncoder) -> Workspace:
    return Workspace(home)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "documents"
    (place / "sub").mkdir(parents=True)
    (place / "ants.md").write_text("The ant carries leaves.")
    (place / "sub" / "bees.txt").write_text("The bee makes honey.")
    return place


@pytest.fixture
def read_names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that the reader had to read."""
    names: list[str] = []
    read = Reader.read

    def counted(self: Reader, name: str, content: bytes | Path) -> ReadResult:
        names.append(name)
        return read(self, name, content)

    monkeypatch.setattr(Reader, "read", counted)
    return names


def outcomes(intakes: list[Intake]) -> dict[str, str]:
    return {intake.name: intake.outcome for intake in intakes}


def mirrored(workspace: Workspace, folder: Path) -> dict[str, str]:
    return outcomes(list(mirror_folder(workspace, folder)))


def test_every_file_gets_its_line_and_a_bad_one_stops_nothing(workspace: Workspace) -> None:
    files = [
        ("a.md", b"The ant carries leaves."),
        ("empty.txt", b""),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(50)),
        ("b.md", b"The ant carries leaves."),
        ("a.md", b"The ant carries 12 leaves."),
        ("a.md", b"The ant carries 12 leaves."),
    ]
    intakes = list(take_in(workspace, files))
    assert [intake.outcome for intake in intakes] == [
        "added",
        "refused",
        "refused",
        "same",
        "replaced",
        "same",
    ]
    assert intakes[0].line == "23 characters"
    assert intakes[1].line == "the file is empty; add one with text in it"
    assert intakes[3].line == "same text as “a.md”: kept once"
    assert intakes[4].line == "26 characters; replaces the older one as version 2"
    assert intakes[5].line == "nothing new: this very text is in the library already"
    assert [intake.kept for intake in intakes] == [True, False, False, True, True, True]


def test_a_measure_counts_pages_slides_and_sheets() -> None:
    pages = tuple(Page(number, 0, 1, "slide") for number in (1, 2))
    assert measure(Document("i", "n", "x" * 11240, pages=pages)) == "2 slides, 11,240 characters"
    assert measure(Document("i", "n", "xy", pages=pages[:1])) == "1 slide, 2 characters"


def test_a_folder_is_mirrored_with_paths_as_names(workspace: Workspace, folder: Path) -> None:
    (folder / ".hidden").write_text("not this")
    assert mirrored(workspace, folder) == {"ants.md": "added", "sub/bees.txt": "added"}
    assert workspace.library.names().keys() == {"ants.md", "sub/bees.txt"}


def test_an_unchanged_folder_is_not_read_again(
    workspace: Workspace, folder: Path, read_names: list[str], encoder: FakeEncoder
) -> None:
    mirrored(workspace, folder)
    bring_up_to_date(workspace)
    read_names.clear()
    encoder.encoded.clear()
    assert set(mirrored(workspace, folder).values()) == {"same"}
    bring_up_to_date(workspace)
    assert (read_names, encoder.encoded) == ([], [])


def test_changed_vanished_and_new_files_are_followed(
    workspace: Workspace, folder: Path, read_names: list[str]
) -> None:
    (folder / "wasps.md").write_text("The wasp stings.")
    mirrored(workspace, folder)
    read_names.clear()
    (folder / "ants.md").write_text("The ant sleeps.")
    (folder / "wasps.md").unlink()
    (folder / "new.md").write_text("The moth flies.")
    assert mirrored(workspace, folder) == {
        "ants.md": "replaced",
        "new.md": "added",
        "sub/bees.txt": "same",
    }
    assert read_names == ["ants.md", "new.md"]
    assert workspace.library.names().keys() == {"ants.md", "new.md", "sub/bees.txt"}


def test_a_file_that_cannot_be_read_any_more_is_not_answered_from(workspace: Workspace, folder: Path) -> None:
    mirrored(workspace, folder)
    bring_up_to_date(workspace)
    (folder / "ants.md").write_bytes(b"")
    assert mirrored(workspace, folder)["ants.md"] == "refused"
    assert found(workspace, "ant leaves") == ["sub/bees.txt"]


def test_a_copy_outlives_the_file_that_it_is_a_copy_of(workspace: Workspace, folder: Path) -> None:
    (folder / "copy.md").write_text("The ant carries leaves.")
    mirrored(workspace, folder)
    (folder / "ants.md").write_text("The ant sleeps.")
    mirrored(workspace, folder)
    bring_up_to_date(workspace)
    assert set(found(workspace, "carries leaves")) == {"copy.md", "ants.md", "sub/bees.txt"}
    (folder / "copy.md").unlink()
    mirrored(workspace, folder)
    assert workspace.library.names().keys() == {"ants.md", "sub/bees.txt"}


def test_a_file_of_other_bytes_with_the_same_text_outlives_it_too(workspace: Workspace, folder: Path) -> None:
    (folder / "zebra.txt").write_bytes("The zebra runs.".encode("utf-16"))
    (folder / "same.txt").write_bytes(b"The zebra runs.")
    mirrored(workspace, folder)
    (folder / "same.txt").write_bytes(b"The lion runs.")
    mirrored(workspace, folder)
    texts = {name: workspace.library.document(each).text for name, each in workspace.library.names().items()}
    assert (texts["zebra.txt"], texts["same.txt"]) == ("The zebra runs.", "The lion runs.")


def test_a_file_that_is_too_large_or_cannot_be_opened_is_one_line(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (folder / "large.txt").open("wb") as file:
        file.truncate(200 << 20)
    open_bytes = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == "bees.txt":
            raise PermissionError(13, "Permission denied")
        return open_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    lines = {intake.name: intake.line for intake in mirror_folder(workspace, folder)}
    assert lines["large.txt"].startswith("it is too large: 200.0 MB")
    assert lines["sub/bees.txt"].startswith("it cannot be opened (Permission denied)")


def test_a_name_that_is_no_unicode_is_kept_all_the_same(workspace: Workspace, folder: Path) -> None:
    (folder / "caf\udce9.md").write_text("The wasp stings.")
    assert mirrored(workspace, folder)["caf�.md"] == "added"


def test_a_folder_that_is_none_or_empty_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty holds no files; put the documents there"):
        list(mirror_folder(workspace, tmp_path / "empty"))
    with pytest.raises(InputError, match="missing is not a folder"):
        list(take_in_folder(workspace, tmp_path / "missing"))


def test_taking_in_a_folder_keeps_what_was_there(workspace: Workspace, folder: Path) -> None:
    list(take_in(workspace, [("own.md", b"My own.")]))
    list(take_in_folder(workspace, folder))
    assert workspace.library.names().keys() == {"own.md", "ants.md", "sub/bees.txt"}


def test_documents_come_with_their_readers(workspace: Workspace, folder: Path) -> None:
    readers = {"sub/bees.txt": ("anna", "ben"), "not there.md": ("anna",)}
    list(take_in_folder(workspace, folder, readers))
    bees = workspace.library.names()["sub/bees.txt"]
    assert workspace.library.readers() == {bees: {"anna", "ben"}}


def test_a_mirrored_folder_is_for_everybody_unless_it_is_a_scenario_with_readers(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrored(workspace, folder)
    assert workspace.library.readers() == {}
    insects = replace(
        scenarios()["handbook"], folder=folder.parent, readers={"ants.md": ("anna",), "gone.md": ("anna",)}
    )
    monkeypatch.setattr("playground.intake.scenarios", lambda: {"insects": insects})
    mirrored(workspace, folder / ".." / folder.name)
    assert workspace.library.readers() == {workspace.library.names()["ants.md"]: {"anna"}}


def test_a_document_that_is_here_already_gets_its_readers_and_keeps_those_it_has(
    workspace: Workspace, folder: Path
) -> None:
    list(take_in_folder(workspace, folder))
    ants, bees = (workspace.library.names()[name] for name in ("ants.md", "sub/bees.txt"))
    workspace.set_readers(ants, ["clara"])
    list(take_in_folder(workspace, folder, {"ants.md": ["anna"], "sub/bees.txt": ["anna"]}))
    assert workspace.library.readers() == {ants: {"clara"}, bees: {"anna"}}


def test_the_handbook_comes_with_documents_and_questions() -> None:
    handbook = scenarios()["handbook"]
    assert len(handbook.file_names) >= 12
    assert handbook.sample_questions
