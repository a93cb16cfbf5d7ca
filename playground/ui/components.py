"""Small pieces of HTML, every text escaped. Tints are mixed from one colour and the text's own, so that the
same rules work in light and dark."""

import html
from collections.abc import Sequence

import streamlit as st

LIGHT = ("#3F7BE0", "#C2568F", "#D98A1F", "#16967F", "#7A5BD0", "#7C8698")
DARK = ("#6FA0F5", "#E184B4", "#EBAA4C", "#3DBFA6", "#A48BF0", "#98A2B8")

escape = html.escape


def dark() -> bool:
    return st.context.theme.type == "dark"


def palette() -> Sequence[str]:
    """Six colours that can be told apart on the current background."""
    return DARK if dark() else LIGHT


def ink() -> str:
    return "#E8EBF5" if dark() else "#1C2333"


def muted() -> str:
    return "#A9B3CB" if dark() else "#566078"


def grid() -> str:
    return "#2D354C" if dark() else "#E6E9F1"


def plain(text: str) -> str:
    """Text that Markdown shows as it is: file names and error messages may hold its marks."""
    return "".join(
        f"\\{character}" if character in "\\`*_{}[]()#+!|<>~$:" else character for character in text
    )


CSS = """<style>
.stMainBlockContainer{padding-left:1.25rem;padding-right:1.25rem}
.stMarkdown h1,.stMarkdown h2,.stMarkdown h3{padding:0}
.stMarkdown:has(h1,h2,h3) [data-testid=stMarkdownContainer]{margin-bottom:0}
[data-testid=stDataFrame] [style*=se-resize]{right:0!important}
.pg{line-height:1.45;overflow-wrap:anywhere}
.pg .muted,.pg.muted,.pg tr.muted td{color:color-mix(in srgb,currentColor 72%,transparent)}
.pg mark{color:inherit;background:color-mix(in srgb,var(--c) 26%,transparent);border-radius:3px;
  padding:1px 2px;-webkit-box-decoration-break:clone;box-decoration-break:clone}
.pg dl{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:3px 6px;margin:0;padding:0}
.pg dl>div{padding:3px 8px;border-radius:6px;min-width:0}
.pg dt{font-size:.78rem;color:color-mix(in srgb,currentColor 70%,transparent);line-height:1.25}
.pg dd{margin:0;font-size:.88rem;font-weight:500;line-height:1.3}
.pg dl.settings{grid-template-columns:repeat(6,minmax(0,1fr))}
.pg .settings>div{grid-column:span 3}
.pg .settings>.wide{grid-column:span 4}
.pg .settings>.narrow{grid-column:span 2}
.pg .diff{background:color-mix(in srgb,#4C74E8 13%,transparent);box-shadow:inset 3px 0 0 #4C74E8}
.pg .off dd{font-weight:400;color:color-mix(in srgb,currentColor 65%,transparent)}
.pg.answer{font-size:1.1rem;line-height:1.5}
.pg.generated{white-space:pre-line}
.pg .unsupported{text-decoration:underline dotted color-mix(in srgb,currentColor 55%,transparent);
  text-underline-offset:.22em;cursor:help}
.pg.notes{font-size:.84rem;line-height:1.35}
.pg.notes div{padding:1px 0 1px 10px;text-indent:-10px}
.pg.notes div::before{content:"\\2013\\2002"}
.pg .caret{display:inline-block;width:.5em;height:1em;margin-left:2px;vertical-align:-.12em;
  background:color-mix(in srgb,currentColor 60%,transparent);animation:pg-blink 1s steps(2) infinite}
.pg.waiting{animation:pg-breathe 1.6s ease-in-out infinite}
@keyframes pg-blink{to{visibility:hidden}}
@keyframes pg-breathe{50%{opacity:.55}}
@media (prefers-reduced-motion:reduce){.pg .caret,.pg.waiting{animation:none}}
.pg.prompt{max-height:22rem;overflow-y:auto}
.pg.prompt dl{display:block}
.pg.prompt dt{margin-top:6px;font-weight:600}
.pg.prompt dd{white-space:pre-wrap;font-size:.84rem;font-weight:400}
.pg .neighbour{padding:6px 0;border-top:1px solid color-mix(in srgb,currentColor 12%,transparent)}
.pg .neighbour:first-child{border-top:0}
.pg.abstained{color:color-mix(in srgb,currentColor 78%,transparent)}
.pg .cite{padding:.05em .38em;border-radius:4px;white-space:nowrap;font-size:.78em;font-weight:650;
  line-height:1.45;vertical-align:.12em;color:inherit;background:color-mix(in srgb,var(--c) 26%,transparent);
  box-shadow:inset 0 0 0 1px color-mix(in srgb,var(--c) 60%,transparent)}
.pg.where{font-size:.87rem}
.pg .only{font-size:.76rem;padding:0 6px;border-radius:4px;white-space:nowrap;
  box-shadow:inset 0 0 0 1px color-mix(in srgb,currentColor 30%,transparent)}
.pg.source{border-left:4px solid var(--c);padding:0 0 0 12px}
.pg.unquoted .quote{color:color-mix(in srgb,currentColor 80%,transparent);display:-webkit-box;
  -webkit-box-orient:vertical;-webkit-line-clamp:1;overflow:hidden}
.pg.unquoted .whole{display:block}
.stPopover button[aria-expanded=true]{color:inherit}
[class*=st-key-open_] button,[class*=st-key-source_] [class*=st-key-label_] button{min-height:0;
  padding:0 .2rem;line-height:1}
.pg .quote{margin:0 0 4px;font-size:.93rem}
.pg .whole{white-space:pre-wrap;padding-top:6px}
.pg .why{display:flex;flex-wrap:wrap;gap:4px 8px;font-size:.8rem;align-items:center}
.pg .why span{padding:0 6px;border-radius:4px;background:color-mix(in srgb,currentColor 7%,transparent);
  white-space:nowrap}
.pg .why b{font-weight:650}
.pg .why details[open]{flex-basis:100%}
.pg summary{cursor:pointer;color:color-mix(in srgb,currentColor 72%,transparent)}
.pg table{width:100%;border-collapse:collapse;font-size:.88rem;overflow-wrap:break-word}
.pg th{font-weight:500;text-align:right;padding:3px 6px;white-space:nowrap;border:0;
  color:color-mix(in srgb,currentColor 70%,transparent)}
.pg td{text-align:right;padding:4px 6px;font-variant-numeric:tabular-nums;white-space:nowrap;border:0;
  border-top:1px solid color-mix(in srgb,currentColor 12%,transparent)}
.pg td:first-child,.pg th:first-child{text-align:left;padding-left:0}
.pg td.note{color:color-mix(in srgb,currentColor 70%,transparent)}
.pg .sw{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:5px;background:var(--c)}
.st-key-guide{padding:4px 12px 4px 14px;border-radius:.5rem;box-shadow:inset 3px 0 0 #4C74E8;
  background:color-mix(in srgb,#4C74E8 9%,transparent)}
.st-key-guide button,.st-key-guide a{min-height:0;padding-top:.2rem;padding-bottom:.2rem}
</style>"""


def style() -> None:
    st.html(CSS)
