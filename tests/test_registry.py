"""The adapter library: what is listed, renamed, deleted, exported and imported, and what is refused."""

import io
import json
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playground.adapters import archive
from playground.adapters.card import AdapterCard
from playground.adapters.registry import AdapterLibrary, adapter_name, base_hash_here
from playground.embedding import BUILTIN_SHA256
from playground.errors import ConfigError, InputError
from tests.adapter_folders import CARD, CONFIG, write_adapter


@pytest.fixture
def library(home: Path) -> AdapterLibrary:
    return AdapterLibrary(home)


def keep(library: AdapterLibrary, card: AdapterCard = CARD) -> str:
    """Put an adapter into the library as a training does; gives its id."""
    return library.keep(write_adapter(library.new_folder(card.name), card))


def known(card: AdapterCard) -> str:
    """Every base is here, with the weights that the test's adapters were trained on."""
    return CARD.base_hash


def zipped(files: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return content.getvalue()


def files_of(folder: Path) -> dict[str, bytes | str]:
    return {path.name: path.read_bytes() for path in write_adapter(folder).iterdir()}


# Keeping


def test_an_empty_home_has_an_empty_library(library: AdapterLibrary, home: Path) -> None:
    assert (library.entries(), library.damaged()) == ([], [])
    assert not home.exists()


def test_what_was_trained_is_kept_under_a_slug_of_its_name(library: AdapterLibrary) -> None:
    id = keep(library, replace(CARD, name="Süd & Nord: v2"))
    assert id.startswith("sud-nord-v2-") and len(id) == len("sud-nord-v2-") + 6
    entry = library.get(id)
    assert (entry.id, entry.card.name, entry.folder) == (id, "Süd & Nord: v2", library.folder / id)
    assert entry.size == sum(path.stat().st_size for path in entry.folder.iterdir())


def test_a_name_without_any_latin_letter_has_an_id_too(library: AdapterLibrary) -> None:
    assert keep(library, replace(CARD, name="水位")).startswith("adapter-")


def test_the_newest_comes_first(library: AdapterLibrary) -> None:
    for year in (2024, 2026, 2025):
        keep(library, replace(CARD, created=f"{year}-01-01T00:00:00+00:00"))
    assert [entry.card.created[:4] for entry in library.entries()] == ["2026", "2025", "2024"]


def test_nobody_sees_a_training_before_it_is_kept(library: AdapterLibrary) -> None:
    temporary = library.new_folder("tone")
    assert temporary.is_dir() and not list(temporary.iterdir())
    write_adapter(temporary)
    assert (library.entries(), library.damaged()) == ([], [])
    library.keep(temporary)
    assert len(library.entries()) == 1
    assert not temporary.exists()


def test_half_an_adapter_is_not_kept(library: AdapterLibrary) -> None:
    temporary = write_adapter(library.new_folder("tone"))
    (temporary / "adapter_model.safetensors").unlink()
    with pytest.raises(InputError, match=r"left no whole adapter: it holds no adapter_model\.safetensors"):
        library.keep(temporary)


def test_a_folder_from_elsewhere_is_not_kept(library: AdapterLibrary, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder that this library gave out"):
        library.keep(write_adapter(tmp_path / ".new-x"))


def test_damaged_folders_are_listed_with_the_reason_and_can_be_deleted(library: AdapterLibrary) -> None:
    whole, cut, empty = keep(library), keep(library), library.folder / "empty"
    empty.mkdir()
    weights = library.folder / cut / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    assert [entry.id for entry in library.entries()] == [whole]
    reasons = {entry.id: entry.reason for entry in library.damaged()}
    assert reasons[cut] == "adapter_model.safetensors cannot be read as safetensors"
    assert "it holds no adapter.json" in reasons["empty"]
    with pytest.raises(InputError, match=r"cannot be used: .* delete it and train it anew"):
        library.get(cut)
    for id in reasons:
        library.delete(id)
    assert library.damaged() == []


def test_tidying_leaves_only_what_is_whole(library: AdapterLibrary) -> None:
    id = keep(library)
    write_adapter(library.new_folder("killed"))
    (library.folder / ".gone-x").mkdir()
    library.tidy()
    assert [path.name for path in library.folder.iterdir()] == [id]


# Finding


def test_an_adapter_is_found_by_its_id_or_its_folder(library: AdapterLibrary, tmp_path: Path) -> None:
    id = keep(library)
    outside = write_adapter(tmp_path / "mine")
    assert library.find(id) == library.folder / id
    assert library.find(str(outside)) == outside


@pytest.mark.parametrize("name", ["nobody", "", ".new-x", "../nobody"])
def test_what_is_not_there_is_said_with_what_is(library: AdapterLibrary, name: str) -> None:
    id = keep(library)
    with pytest.raises(ConfigError) as error:
        library.find(name)
    said = f"adapter={name}: there is no such adapter; the library has {id}; or give an adapter's folder"
    assert str(error.value) == said


def test_an_empty_library_says_so(library: AdapterLibrary) -> None:
    with pytest.raises(ConfigError, match="adapter=x: there is no such adapter; the library is empty"):
        library.find("x")


def test_many_ids_are_not_all_said(library: AdapterLibrary) -> None:
    for _ in range(7):
        keep(library)
    with pytest.raises(ConfigError, match=" and 2 more; or give an adapter's folder"):
        library.find("x")


# Switching on


@pytest.mark.parametrize(
    ("kind", "base_hash", "reason"),
    [
        ("extractive", CARD.base_hash, None),
        ("local_model", CARD.base_hash, "it was trained for the extractive engine, not for a language model"),
        ("endpoint", CARD.base_hash, "it was trained for the extractive engine, not for endpoint"),
        ("extractive", "", "its base model all-MiniLM-L6-v2 is not on this machine"),
        (
            "extractive",
            "ee" * 32,
            "it was trained on all-MiniLM-L6-v2, and this is another model or another version of it",
        ),
    ],
)
def test_an_adapter_is_switched_on_for_its_engine_and_base_only(
    library: AdapterLibrary, kind: str, base_hash: str, reason: str | None
) -> None:
    assert library.why_not(library.get(keep(library)), kind, base_hash) == reason


def test_the_base_of_an_extractive_adapter_is_the_built_in_encoder() -> None:
    assert base_hash_here(CARD) == BUILTIN_SHA256


def test_a_language_model_that_is_not_on_this_machine_has_no_hash(tmp_path: Path) -> None:
    for name in ("nobody/no-such-model", str(tmp_path / "gone")):
        assert base_hash_here(replace(CARD, kind="local_model", base=name)) == ""


# Renaming and deleting


def test_renaming_changes_the_name_and_not_the_id(library: AdapterLibrary) -> None:
    id = keep(library)
    library.rename(id, "  Other <b>name</b> ")
    assert [(entry.id, entry.card.name) for entry in library.entries()] == [(id, "Other <b>name</b>")]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (" \n ", "needs a name"),
        ("x" * 81, "has 81 characters; at most 80 are possible"),
        ("a\nb", "a line end or another character that cannot be shown"),
        ("a\u202eb", "cannot be shown"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(library: AdapterLibrary, name: str, why: str) -> None:
    id = keep(library)
    for use in (adapter_name, library.new_folder, lambda each: library.rename(id, each)):
        with pytest.raises(ConfigError, match=why):
            use(name)
    assert library.get(id).card.name == CARD.name


def test_a_deleted_adapter_is_gone_from_the_disk(library: AdapterLibrary) -> None:
    first, second = keep(library), keep(library)
    library.delete(first)
    assert [path.name for path in library.folder.iterdir()] == [second]
    with pytest.raises(ConfigError, match="it may have been deleted meanwhile"):
        library.delete(first)


def test_nothing_outside_the_library_is_deleted(library: AdapterLibrary, tmp_path: Path) -> None:
    keep(library)
    outside = write_adapter(tmp_path / "outside")
    (library.folder / "link").symlink_to(outside)
    for id in ("../../outside", str(outside), "link", "..", ".", ""):
        with pytest.raises(ConfigError, match="there is no adapter"):
            library.delete(id)
    assert len(list(outside.iterdir())) == 3
    assert len(library.entries()) == 1


# Exporting and importing


def test_an_exported_adapter_is_imported_as_the_same_under_another_id(library: AdapterLibrary) -> None:
    id = keep(library)
    again = library.import_zip(library.export(id), known)
    assert again != id
    old, new = library.get(id), library.get(again)
    assert new.card == old.card
    for name in ("adapter.json", "adapter_model.safetensors"):
        assert (new.folder / name).read_bytes() == (old.folder / name).read_bytes()


def test_an_export_holds_json_and_safetensors_and_no_path_of_this_machine(library: AdapterLibrary) -> None:
    id = keep(library)
    (library.folder / id / "README.md").write_text("written by PEFT")
    (library.folder / id / "secret.json").symlink_to("/etc/hostname")
    with zipfile.ZipFile(io.BytesIO(library.export(id))) as file:
        assert file.namelist() == ["adapter.json", "adapter_config.json", "adapter_model.safetensors"]
        config = json.loads(file.read("adapter_config.json"))
    assert config == CONFIG | {"base_model_name_or_path": None}


def test_what_peft_writes_is_exported_and_imported(library: AdapterLibrary) -> None:
    import torch
    from peft import LoraConfig, get_peft_model

    temporary = library.new_folder("tone")
    model = get_peft_model(torch.nn.Sequential(torch.nn.Linear(4, 4)), LoraConfig(r=2, target_modules=["0"]))
    model.save_pretrained(str(temporary))
    assert json.loads((temporary / "adapter_config.json").read_text())["auto_mapping"] is not None
    CARD.write(temporary)
    again = library.import_zip(library.export(library.keep(temporary)), known)
    assert library.get(again).card == CARD


def test_an_adapter_for_other_weights_is_not_imported(library: AdapterLibrary) -> None:
    content = library.export(keep(library))
    with pytest.raises(InputError, match="trained on other weights than all-MiniLM-L6-v2 has"):
        library.import_zip(content)
    with pytest.raises(InputError, match="its base model all-MiniLM-L6-v2 is not on this machine"):
        library.import_zip(content, lambda card: "")
    assert len(library.entries()) == 1


def test_without_being_told_the_base_is_looked_up_here(library: AdapterLibrary) -> None:
    content = library.export(keep(library, replace(CARD, base_hash=BUILTIN_SHA256)))
    library.import_zip(content)
    assert len(library.entries()) == 2


def refusal(library: AdapterLibrary, content: bytes) -> str:
    """Why an archive is not imported; it leaves nothing behind."""
    with pytest.raises(InputError) as error:
        library.import_zip(content, known)
    message = str(error.value)
    assert "\n" not in message and str(library.folder) not in message
    assert message.startswith("the archive is not imported: ")
    assert list(library.folder.iterdir()) == []
    return message


@pytest.mark.parametrize("content", [b"", b"PK", b"hello" * 100, zipped({"adapter.json": "x" * 500})[:-30]])
def test_what_is_no_zip_is_refused(library: AdapterLibrary, content: bytes) -> None:
    assert "it is no zip archive, or a damaged one" in refusal(library, content)


@pytest.mark.parametrize("name", ["adapter.json", "adapter_config.json", "adapter_model.safetensors"])
def test_a_zip_whose_content_was_changed_is_refused(
    library: AdapterLibrary, tmp_path: Path, name: str
) -> None:
    files = files_of(tmp_path / "a")
    content = zipped(files, zipfile.ZIP_STORED)
    data = bytes(files[name])  # type: ignore[arg-type]
    changed = data[:-1] + bytes([data[-1] ^ 1])
    assert "a damaged one" in refusal(library, content.replace(data, changed))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_is_packed_in_an_unusual_way_is_refused(
    library: AdapterLibrary, tmp_path: Path, compression: int
) -> None:
    assert "packed in an unusual way" in refusal(library, zipped(files_of(tmp_path / "a"), compression))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("run.py", "'run.py' in it is neither JSON nor safetensors"),
        ("adapter_model.bin", "is neither JSON nor safetensors"),
        ("model.safetensors.pkl", "is neither JSON nor safetensors"),
        ("../escape.json", "does not lie beside adapter.json"),
        ("/root.json", "does not lie beside"),
        ("C:\\evil.json", "does not lie beside"),
        ("..\\evil.json", "does not lie beside"),
        ("folder/adapter.json", "does not lie beside"),
        ("folder/", "does not lie beside"),
        (".hidden.json", "does not lie beside"),
        ("ADAPTER.json", "too many files, or two of the same name"),
    ],
)
def test_a_file_that_does_not_belong_there_is_refused(
    library: AdapterLibrary, tmp_path: Path, name: str, why: str
) -> None:
    assert why in refusal(library, zipped(files_of(tmp_path / "a") | {name: "{}"}))
    assert not (library.folder.parent / "escape.json").exists()


def test_a_link_is_refused(library: AdapterLibrary, tmp_path: Path) -> None:
    content = io.BytesIO(zipped(files_of(tmp_path / "a")))
    link = zipfile.ZipInfo("outputs.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(content, "a") as file:
        file.writestr(link, "/etc/passwd")
    assert "'outputs.json' in it is a link" in refusal(library, content.getvalue())


def test_a_locked_archive_is_refused(library: AdapterLibrary, tmp_path: Path) -> None:
    content = bytearray(zipped(files_of(tmp_path / "a")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    assert "locked with a password" in refusal(library, bytes(content))


def test_what_says_that_it_is_too_large_is_refused(
    library: AdapterLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 2**20)
    content = zipped(files_of(tmp_path / "a") | {"outputs.safetensors": bytes(2**20)})
    assert len(content) < 10_000
    assert "it is larger than 1 MB when it is unpacked" in refusal(library, content)


def test_what_is_larger_than_it_says_is_refused(library: AdapterLibrary, tmp_path: Path) -> None:
    content = bytearray(zipped(files_of(tmp_path / "a") | {"outputs.safetensors": bytes(2**20)}))
    said = (2**20).to_bytes(4, "little")
    for _ in range(content.count(said)):
        position = content.index(said)
        content[position : position + 4] = (100).to_bytes(4, "little")
    assert refusal(library, bytes(content))


def test_too_many_files_and_too_large_descriptions_are_refused(
    library: AdapterLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_of(tmp_path / "a")
    many: dict[str, bytes | str] = {f"{number}.json": "{}" for number in range(40)}
    assert "too many files" in refusal(library, zipped(files | many))
    monkeypatch.setattr(archive, "MAX_JSON_BYTES", 2**20)
    assert "'big.json' in it is larger than 1 MB" in refusal(
        library, zipped(files | {"big.json": " " * 2**21})
    )


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("adapter.json", None, "it holds no adapter.json, so it is no adapter that this app exported"),
        ("adapter.json", "{}", "cannot be read as an adapter's description"),
        ("adapter.json", "[" * 100_000, "adapter.json cannot be read as an adapter's description"),
        ("adapter_config.json", None, "it holds no adapter_config.json"),
        ("adapter_config.json", "[]", "adapter_config.json is not a LoRA adapter's"),
        ("adapter_config.json", '{"peft_type": "IA3"}', "adapter_config.json is not a LoRA adapter's"),
        ("adapter_model.safetensors", None, "it holds no adapter_model.safetensors"),
        ("adapter_model.safetensors", b"\x80\x04pickle", "cannot be read as safetensors"),
        ("adapter_model.safetensors", (2**40).to_bytes(8, "little") + b"{}", "cannot be read as safetensors"),
        ("outputs.safetensors", b"pickle", "outputs.safetensors cannot be read as safetensors"),
        ("outputs.json", "{oops", "outputs.json cannot be read as JSON"),
    ],
)
def test_a_file_that_is_missing_or_broken_is_named(
    library: AdapterLibrary, tmp_path: Path, name: str, data: bytes | str | None, why: str
) -> None:
    files = files_of(tmp_path / "a")
    if data is None:
        del files[name]
    else:
        files[name] = data
    assert why in refusal(library, zipped(files))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"auto_mapping": {"base_model_class": "X", "parent_library": "evil"}}, "sets auto_mapping"),
        ({"megatron_config": {"a": 1}}, "sets megatron_config"),
        ({"megatron_core": "evil"}, "sets megatron_core"),
        ({"init_lora_weights": "pissa"}, "sets init_lora_weights"),
        ({"bias": "all"}, "sets bias"),
        ({"modules_to_save": ["head"]}, "sets modules_to_save"),
        ({"layer_replication": [[0, 9]]}, "sets layer_replication"),
        ({"never_heard_of": "x"}, "sets never_heard_of, which a plain LoRA adapter does not need"),
        ({"task_type": "TOKEN_CLS"}, "is for another task: TOKEN_CLS"),
        ({"r": 10**9}, "has a rank that is not between 1 and 1024"),
        ({"rank_pattern": {"query": 10**9}}, "has a rank that is not between 1 and 1024"),
    ],
)
def test_settings_that_could_load_code_or_change_the_base_are_refused(
    library: AdapterLibrary, tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    files = files_of(tmp_path / "a") | {"adapter_config.json": json.dumps(CONFIG | changes)}
    assert why in refusal(library, zipped(files))


def test_weights_that_are_not_a_loras_are_refused(library: AdapterLibrary, tmp_path: Path) -> None:
    import numpy as np
    from safetensors.numpy import save

    files = files_of(tmp_path / "a")
    for tensors in ({}, {"embeddings.weight": np.ones((2, 2), np.float32)}):
        files["adapter_model.safetensors"] = save(tensors)
        assert "are not a LoRA adapter's" in refusal(library, zipped(files))


def test_a_name_that_cannot_be_one_is_not_imported(library: AdapterLibrary, tmp_path: Path) -> None:
    write_adapter(tmp_path / "a", replace(CARD, name="a\u202eb"))
    files: dict[str, bytes | str] = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert "the adapter's name holds" in refusal(library, zipped(files))


def test_a_base_whose_name_cannot_be_shown_is_not_imported(library: AdapterLibrary, tmp_path: Path) -> None:
    write_adapter(tmp_path / "a", replace(CARD, base="a\nb"))
    files: dict[str, bytes | str] = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert "the name of its base model cannot be shown" in refusal(library, zipped(files))


def test_a_home_that_cannot_be_written_is_said(home: Path, tmp_path: Path) -> None:
    home.write_text("a file")
    library = AdapterLibrary(home)
    for use in (
        lambda: library.new_folder("x"),
        lambda: library.import_zip(zipped(files_of(tmp_path / "a"))),
    ):
        with pytest.raises(InputError, match=r"the adapter library .* cannot be written: Not a directory"):
            use()
