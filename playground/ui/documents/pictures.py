"""The library's pictures on the Documents page: found by a text or by a photo, small, opened by a click.

The model that looks at them is loaded, and looks, in the background; until then, and without one, they are
found by what is written.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import streamlit as st

from playground.config import PipelineConfig
from playground.errors import PlaygroundError
from playground.pictures.clip import PictureModel, load_clip
from playground.pictures.listing import Picture, caption_of, pictures_in, thumbnail
from playground.pictures.search import (
    LIMIT,
    PictureSearch,
    search_by_photo,
    search_by_text,
)
from playground.pictures.vectors import PictureVectors
from playground.ui import resources, state
from playground.ui.components import escape, plain
from playground.ui.documents import picture_model
from playground.ui.documents.upload import LIMIT as MEGABYTES
from playground.ui.documents.view import encoder_ready, picture_of, reopen

SIDE = 178  # pixels of a picture in the grid
ASKED, RESULT, SHOWN = "picture_asked", "picture_result", "pictures_shown"
CSS = """<style>
.st-key-picture_grid :is([data-testid=stImage],[data-testid=stImageContainer]){width:100%!important}
.st-key-picture_grid img{height:SIDEpx;width:100%!important;object-fit:contain;border-radius:6px;
  background:color-mix(in srgb,currentColor 5%,transparent)}
.st-key-picture_grid .stButton button{min-height:0;padding:0;justify-content:flex-start;text-align:left}
.st-key-picture_grid .stButton p{font-size:.84rem;overflow-wrap:anywhere}
.pg .nothing{height:SIDEpx;border-radius:6px;display:flex;align-items:center;justify-content:center;
  font-size:.8rem;background:color-mix(in srgb,currentColor 5%,transparent)}
.pg .caption{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;
  font-size:.8rem;line-height:1.3;color:color-mix(in srgb,currentColor 72%,transparent)}
.pg .score{font-size:.8rem;font-variant-numeric:tabular-nums;font-weight:600}
</style>""".replace("SIDE", str(SIDE))

Asked = str | tuple[str, bytes] | None
"""What pictures are searched by: a text, a photo with its name, or nothing."""


def library_pictures() -> list[Picture]:
    """The pictures that the library holds. Call it at the top of the page: it lets go of what was learned of
    pictures that are gone, and starts what has to be done in the background."""
    workspace = resources.workspace()
    PictureVectors(workspace.home).keep_only(workspace.library.ids())
    pictures = pictures_in(workspace.library, _config().retrieval.reader)
    if pictures:
        picture_model.keep_up(pictures)
    return pictures


def pictures(listed: Sequence[Picture]) -> None:
    """The card: what to look for, the grid, and how its pictures were found."""
    st.html(CSS)
    asked: Asked = st.session_state.get(ASKED)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**Pictures** :gray[{len(listed)}]", width="content")
        _field()
        _photo_popover()
        picture_model.popover()
    if isinstance(asked, tuple):
        _photo_line(asked)
    if not asked:
        _grid([(picture, None) for picture in listed[: _shown()]])
        _more(len(listed))
        return
    result = _searched(asked, listed)
    if result:
        st.caption(plain(result.how))
        _grid([(each.picture, each.score) for each in result.found])
        if not result.found:
            st.markdown(":gray[:material/search_off: No picture was found.]")


def _config() -> PipelineConfig:
    return state.columns()[0]


def _field() -> None:
    st.text_input(
        "Find a picture",
        key="picture_text",
        placeholder="What is on the picture, or written on it",
        label_visibility="collapsed",
        icon=":material/image_search:",
        on_change=_ask_text,
        width="stretch",
    )


def _ask_text() -> None:
    st.session_state[ASKED] = st.session_state["picture_text"].strip() or None


def _photo_popover() -> None:
    batch = st.session_state.setdefault("picture_batch", 0)
    with st.popover("By a photo", icon=":material/photo_camera:", type="tertiary", width=130):
        st.markdown("The photo is only looked at: the library does not keep it.")
        st.file_uploader(
            "A photo to search by",
            key=f"picture_photo_{batch}",
            type=["png", "jpg", "jpeg", "webp"],
            on_change=_ask_photo,
            args=(f"picture_photo_{batch}",),
            label_visibility="collapsed",
            max_upload_size=MEGABYTES,
            width=420,
        )


def _ask_photo(key: str) -> None:
    if file := st.session_state[key]:
        st.session_state[ASKED] = file.name, file.getvalue()
        st.session_state["picture_text"] = ""
        st.session_state["picture_batch"] += 1  # a new key empties the uploader


def _photo_line(photo: tuple[str, bytes]) -> None:
    """The photo that is searched by, and the way back."""
    name, data = photo
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="picture_photo"):
        with suppress(PlaygroundError):  # the search says what is wrong with it
            st.image(thumbnail(data, 160), width=64, alt=f"the photo {name}")
        st.markdown(f"Pictures like **{plain(name)}**", width="content")
        st.button(
            "All pictures", key="picture_clear", icon=":material/close:", type="tertiary", on_click=_clear
        )


def _clear() -> None:
    st.session_state[ASKED] = None
    st.session_state["picture_text"] = ""


def _searched(asked: str | tuple[str, bytes], listed: Sequence[Picture]) -> PictureSearch | None:
    """The result, searched for anew only where it may be another; None where a line says why not."""
    workspace, config = resources.workspace(), _config()
    try:
        name = picture_model.ready()
        model = load_clip(name) if name else None
        if model is None and not encoder_ready(config.encoder):
            st.markdown(":gray[:material/hourglass_top: The encoder is loading.]")
            return None
        looked = PictureVectors(workspace.home).missing(model.id, listed) if model else []
        what = asked if isinstance(asked, str) else hashlib.sha256(asked[1]).digest()
        key = what, config, model.id if model else "", workspace.revision, len(looked)
        if st.session_state.get(RESULT, (None, None))[0] != key:
            with st.spinner("Searching …"):
                st.session_state[RESULT] = key, _search(asked, config, model)
    except PlaygroundError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
    result: PictureSearch = st.session_state[RESULT][1]
    return result


def _search(
    asked: str | tuple[str, bytes], config: PipelineConfig, model: PictureModel | None
) -> PictureSearch:
    workspace = resources.workspace()
    if isinstance(asked, str):
        return search_by_text(workspace, asked, config, model)
    return search_by_photo(workspace, *asked, config, model)


def _grid(drawn: Sequence[tuple[Picture, float | None]]) -> None:
    with st.container(horizontal=True, gap="small", key="picture_grid"):
        for number, (picture, score) in enumerate(drawn):
            place = st.container(width=SIDE + 8, gap=None, key=f"picture_{number}")
            with place, suppress(KeyError):  # deleted meanwhile
                _cell(number, picture, score)


def _cell(number: int, picture: Picture, score: float | None) -> None:
    caption = caption_of(resources.workspace().library.document(picture.document_id))
    if small := picture_of(picture.document_id, 2 * SIDE):
        st.image(small, width="stretch", alt=f"the picture {picture.name}")
    else:
        st.html('<div class="pg"><div class="nothing">It cannot be opened</div></div>')
    st.button(
        plain(picture.name),
        key=f"picture_open_{number}",
        type="tertiary",
        help="Open it with its text",
        on_click=_open,
        args=(picture.document_id,),
    )
    number_line = "" if score is None else f'<div class="score">{score:.2f}</div>'
    st.html(f'<div class="pg">{number_line}<div class="caption">{escape(caption)}</div></div>')


def _open(document_id: str) -> None:
    reopen()
    st.session_state["viewed"] = document_id


def _shown() -> int:
    return int(st.session_state.setdefault(SHOWN, LIMIT))


def _more(total: int) -> None:
    if total > _shown():
        st.button(
            f"{min(LIMIT, total - _shown())} more of {total:,}",
            key="pictures_more",
            type="tertiary",
            icon=":material/expand_more:",
            on_click=partial(_show, _shown() + LIMIT),
        )


def _show(count: int) -> None:
    st.session_state[SHOWN] = count
