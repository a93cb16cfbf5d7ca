"""What an installation rests on: the pins, what the wheel carries, and what an import pulls in."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from playground import paths

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINS: dict[str, Version] = {
    canonicalize_name(name): Version(version)
    for name, version in (
        line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    )
}
HEAVY = ("torch", "transformers", "sentence_transformers", "chromadb", "tantivy", "peft")


def named_requirements() -> list[Requirement]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    lines = [*PROJECT["project"]["dependencies"], *(line for extra in extras for line in extra)]
    found = [Requirement(line) for line in lines]
    return [each for each in found if each.name != PROJECT["project"]["name"]]  # an extra that takes another


def imported_modules(script: Path) -> set[str]:
    """The top-level names that a script imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
    return names


def top_level_imports(script: Path) -> str:
    """The import statements that run as soon as a script does."""
    body = ast.parse(script.read_text(encoding="utf-8")).body
    return "\n".join(ast.unparse(node) for node in body if isinstance(node, ast.Import | ast.ImportFrom))


def loaded_after(statements: str) -> set[str]:
    """The top-level modules in a fresh interpreter that ran `statements`."""
    code = f"{statements}\nimport sys\nfor name in list(sys.modules): print(name.split('.')[0])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_every_named_dependency_is_pinned_to_a_version_it_allows() -> None:
    for requirement in named_requirements():
        assert PINS[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_torch_is_pinned_because_a_free_choice_pulls_gigabytes() -> None:
    assert PINS["torch"] == Version("2.13.0")


def test_everything_that_the_dependencies_pull_in_is_pinned() -> None:
    waiting, seen, missing = named_requirements(), set(), set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        if name not in PINS:
            missing.add(name)
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if any(
                needed.marker is None or needed.marker.evaluate({"extra": extra})
                for extra in ("", *requirement.extras)
            ):
                waiting.append(needed)
    assert not missing


def test_the_pins_are_plain_sorted_lines() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line) for line in lines)
    names = [canonicalize_name(line.split("==")[0]) for line in lines]
    assert names == sorted(set(names))


def test_the_core_never_imports_streamlit() -> None:
    core = [path for path in paths.PACKAGE.rglob("*.py") if paths.PACKAGE / "ui" not in path.parents]
    assert len(core) > 10
    assert [path.name for path in core if "streamlit" in imported_modules(path)] == []


def test_the_command_line_loads_neither_models_nor_streamlit() -> None:
    loaded = loaded_after("import playground.cli")
    assert "playground" in loaded
    assert loaded.isdisjoint({*HEAVY, "streamlit", "pandas", "plotly"})


def test_drawing_a_page_loads_no_model_library() -> None:
    scripts = [*(paths.PACKAGE / "ui").rglob("*.py"), *paths.pages_folder().glob("*.py")]
    assert paths.app_script() in scripts
    loaded = loaded_after("\n".join(map(top_level_imports, scripts)))
    assert "streamlit" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_every_package_is_named_in_the_project_file() -> None:
    folders = {path.parent for path in paths.PACKAGE.rglob("*.py")}
    packages = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert packages <= set(PROJECT["tool"]["setuptools"]["packages"])


@pytest.fixture(scope="module")
def installed_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site-packages folder of a wheel that was built from a copy of this checkout."""
    copy, dist = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in ("playground", "pages", "sample_docs", ".streamlit"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(dist), str(copy)]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    return site


def test_a_wheel_takes_one_name_among_the_installed_packages(installed_wheel: Path) -> None:
    (information,) = installed_wheel.glob("*.dist-info")
    assert {path.name for path in installed_wheel.iterdir()} == {"playground", information.name}
    assert "playground = playground.cli:main" in (information / "entry_points.txt").read_text(
        encoding="utf-8"
    )


def test_a_wheel_finds_its_pages_samples_and_theme(installed_wheel: Path) -> None:
    code = """from playground import paths
print(paths.app_script())
print(paths.streamlit_settings())
for folder in (paths.pages_folder(), paths.sample_docs_folder()):
    for path in sorted(folder.rglob("*")):
        print(path)"""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(installed_wheel)!r})\n{code}"]
    run = subprocess.run(command, cwd=installed_wheel, capture_output=True, text=True, check=True)
    found = [
        Path(line).relative_to(installed_wheel / "playground").as_posix() for line in run.stdout.splitlines()
    ]
    assert all((installed_wheel / "playground" / name).exists() for name in found)
    assert found[:2] == ["ui/app.py", "_streamlit/config.toml"]
    for page in (ROOT / "pages").glob("*.py"):
        assert f"_pages/{page.name}" in found
    handbook = ROOT / "sample_docs" / "handbook"
    for document in (*(handbook / "documents").rglob("*.*"), handbook / "questions.jsonl"):
        assert f"_sample_docs/{document.relative_to(handbook.parent).as_posix()}" in found


@pytest.mark.parametrize("folder", ["playground", "pages", "benchmarks"])
def test_the_tree_in_the_readme_names_every_file(folder: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = {line.split()[0] for line in readme.splitlines() if line.startswith("  ") and line.strip()}
    files = {path.name for path in (ROOT / folder).rglob("*.py")} - {"__init__.py"}
    assert files <= tree, f"missing in the README's tree: {sorted(files - tree)}"
