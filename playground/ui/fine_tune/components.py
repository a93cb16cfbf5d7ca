"""The Fine-tune page's style sheet, and how its cards look as long as they have nothing to show."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

HINT = "or drop a file here. JSONL, JSON or CSV: input and output, or chat messages, or labelled questions"
# The uploader's own hint would name the size that the browser refuses.
CSS = """<style>
.st-key-example_file [data-testid=stFileUploaderDropzoneInstructions]>*{display:none}
.st-key-example_file [data-testid=stFileUploaderDropzoneInstructions]::after{content:"HINT";font-size:.8rem;
  line-height:1.35;white-space:normal;color:color-mix(in srgb,currentColor 72%,transparent)}
.st-key-examples [data-testid=stMetric]{padding:0}
.pg table.ft-rows{table-layout:fixed}
.pg table.ft-rows td,.pg table.ft-rows th{text-align:left;white-space:normal;padding:4px 12px 4px 0;
  vertical-align:top;line-height:1.35}
.pg table.ft-rows th:nth-child(1){width:22%}.pg table.ft-rows th:last-child{width:7.2rem}
.pg table.ft-rows td:last-child{white-space:nowrap;padding-right:0}
.pg table.ft-rows td>div{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
.pg table.ft-rows.whole td>div{display:block}
.pg.ft-figures dl{grid-template-columns:repeat(3,minmax(0,1fr));gap:8px}
.pg.ft-figures dl>div{padding:5px 12px;background:color-mix(in srgb,currentColor 4%,transparent)}
.pg.ft-figures dt{font-size:.8rem}
.pg.ft-figures dd{display:flex;flex-wrap:wrap;gap:0 10px;align-items:baseline;font-weight:400;
  font-variant-numeric:tabular-nums}
.pg.ft-figures b{font-size:1.2rem;font-weight:650;white-space:nowrap}
.pg.ft-figures b .muted{font-weight:500}
.pg.ft-figures dd span+span,.pg.ft-figures dd b+span{font-size:.84rem}
.pg.ft-details dl{margin-top:4px}
.pg.ft-details dl>div{padding:2px 0}
.pg.ft-details dd{font-weight:400}
.pg.ft-lines{max-height:14rem;overflow-y:auto}
.pg.ft-lines td:last-child,.pg.ft-lines th:last-child{text-align:left;white-space:normal;padding-left:14px}
.pg.ft-lines td:first-child{width:4rem}
.st-key-example_file [data-testid=stFileUploader]{min-width:0}
.st-key-training>[data-testid=stLayoutWrapper]{flex:1 1 auto}
.st-key-loss_chart{flex:1 1 380px;height:0;min-height:380px}
</style>""".replace("HINT", HINT)


def fine_tune_style() -> None:
    st.html(CSS)


@contextmanager
def centred(key: str) -> Iterator[None]:
    """The middle of a card that is empty so far."""
    with st.container(
        height="stretch",
        vertical_alignment="center",
        horizontal_alignment="center",
        gap="small",
        key=key,
    ):
        st.space("small")
        yield
        st.space("small")


def base_words(base: str) -> str:
    """A base model's name without the folders or the owner before it."""
    return base.rstrip("/").rsplit("/", 1)[-1]


def sentence(line: str) -> str:
    """A reason as a line of its own: it begins with a capital."""
    return line[:1].upper() + line[1:]
