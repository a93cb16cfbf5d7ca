"""Files and pasted text on their way in: read in the background, one line each, kept as long as the session.

A queue of its own, so that uploads are read while an index is being built.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from uuid import uuid4

import streamlit as st

from playground.intake import Intake, take_in
from playground.jobs import Job, Jobs
from playground.reading import Limits
from playground.reading.limits import MEGABYTE
from playground.ui import resources
from playground.ui.components import escape
from playground.workspace import Workspace

LIMIT = Limits().file_bytes // MEGABYTE
FORMATS = "PDF, Word, PowerPoint, Excel, CSV, HTML, Markdown, text, EPUB, e-mail, PNG, JPEG, WebP"
SHOWN_LINES = 60
SIGNS = {
    "added": ("check_circle", "good", "read"),
    "replaced": ("published_with_changes", "good", "new version"),
    "same": ("content_copy", "known", "known already"),
    "refused": ("error", "bad", "not read"),
}
HINT = f"or drop files here. {FORMATS}; at most {LIMIT} MB a file"
# The uploader's own hint would name the size that the browser refuses, and no formats.
CSS = """<style>
.st-key-files [data-testid=stFileUploaderDropzoneInstructions]>*{display:none}
.st-key-files [data-testid=stFileUploaderDropzoneInstructions]::after{content:"HINT";font-size:.8rem;
  line-height:1.35;white-space:normal;color:color-mix(in srgb,currentColor 72%,transparent)}
.st-key-files [data-testid=stFileUploader]{min-width:0}
.pg .file{display:grid;grid-template-columns:1.3em minmax(0,14em) minmax(0,1fr);gap:8px;font-size:.92rem;
  padding:2px 0;align-items:start}
.pg .file .icon{font-family:"Material Symbols Rounded";font-size:1.15em;line-height:1.35;overflow:hidden;
  width:1.2em;white-space:nowrap;overflow-wrap:normal}
.pg .good{color:light-dark(#0B6B57,#3DBFA6)}.pg .known{color:light-dark(#566078,#A9B3CB)}
.pg .bad{color:light-dark(#B3261E,#FF8A80)}
</style>""".replace("HINT", HINT)


@dataclass
class UploadLog:
    """What a session added: a line a file, oldest first, and the jobs that are at it."""

    lines: list[Intake] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    batches: int = 0

    @property
    def failed(self) -> list[Job]:
        return [job for job in self.jobs if job.state == "failed"]


@st.cache_resource(show_spinner=False)
def uploads() -> Jobs:
    """The queue of files that wait to be read, of all sessions."""
    return Jobs()


def upload_log() -> UploadLog:
    log: UploadLog = st.session_state.setdefault("upload_log", UploadLog())
    return log


def upload_box() -> None:
    """The box to drop files on, and the popover to paste text into."""
    batch = upload_log().batches
    st.html(CSS)
    with st.container(key="files", horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        # Any extension: the reader's line says what a file is and what to do about it.
        st.file_uploader(
            "Add documents",
            accept_multiple_files=True,
            key=f"files_{batch}",
            on_change=_take_uploaded,
            args=(f"files_{batch}",),
            label_visibility="collapsed",
            max_upload_size=4 * LIMIT,  # up to here the reader's line names the limit
        )
        with st.popover("Paste text", icon=":material/content_paste:", type="tertiary", width=126):
            _paste_form()


def draw_lines() -> None:
    """A line for every file of the session, the newest first."""
    log = upload_log()
    waiting = [job for job in log.jobs if job.active]
    if waiting:
        st.markdown(f":gray[:material/hourglass_top: {waiting[0].title} …]")
    for job in log.failed:
        st.error(job.error, icon=":material/error:")
    if not log.lines:
        return
    drawn = "".join(_line(intake) for intake in log.lines[: -SHOWN_LINES - 1 : -1])
    more = len(log.lines) - SHOWN_LINES
    rest = f'<div class="muted">and {more:,} before these</div>' if more > 0 else ""
    with st.container(key="upload_lines"):
        st.html(f'<div class="pg">{drawn}{rest}</div>')


def _line(intake: Intake) -> str:
    icon, kind, word = SIGNS[intake.outcome]
    return (
        f'<div class="file"><span class="icon {kind}" role="img" aria-label="{word}" title="{word}">'
        f"{icon}</span>"
        f"<b>{escape(intake.name)}</b><span>{escape(_sentence(intake.line))}</span></div>"
    )


def _sentence(line: str) -> str:
    return line[:1].upper() + line[1:]


def _paste_form() -> None:
    with st.form("paste", clear_on_submit=True, border=False):
        st.text_input("Name", key="paste_name", placeholder="Meeting notes", width=440)
        st.text_area("Text", key="paste_text", height=220, width=440, placeholder="Plain text or Markdown")
        st.form_submit_button(
            "Add", key="paste_add", type="primary", icon=":material/add:", on_click=_take_pasted
        )


def _take_pasted() -> None:
    text: str = st.session_state["paste_text"]
    take([(pasted_name(st.session_state["paste_name"]), text.encode("utf-8", "surrogatepass"))])


def pasted_name(name: str) -> str:
    """The name of pasted text as a file: Markdown unless it says otherwise."""
    plain = name.strip().replace("/", "-").replace("\\", "-") or "Pasted text"
    return plain if PurePosixPath(plain).suffix.lower() in (".md", ".txt") else f"{plain}.md"


def _take_uploaded(key: str) -> None:
    """Take the files out of the uploader; its new key empties it, so that no rerun takes them twice."""
    files = [(file.name, file.getvalue()) for file in st.session_state[key] or []]
    if files:
        upload_log().batches += 1
        take(files)


def take(files: list[tuple[str, bytes]]) -> None:
    """Read files in the background and add a line for each to the session's log."""
    log = upload_log()
    title = f"Reading {len(files)} files" if len(files) > 1 else "Reading the file"
    steps = partial(_steps, resources.workspace(), files, log.lines)
    log.jobs = [job for job in log.jobs if job.active]
    log.jobs.append(uploads().start(f"upload {uuid4()}", title, steps))


def _steps(
    workspace: Workspace, files: list[tuple[str, bytes]], lines: list[Intake]
) -> Generator[Intake, None, None]:
    for intake in take_in(workspace, _drained(files)):
        lines.append(intake)
        yield intake


def _drained(files: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The files one after another, none of them held longer than needed."""
    while files:
        yield files.pop(0)
