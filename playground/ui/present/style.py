"""The style sheet of the presentation: everything is sized by the window, so that a step fills it."""

import streamlit as st

from playground.ui.present.fitting import Box

REM = "clamp(14px,min(1.4vw,2.25vh),52px)"
"""The size that all others are multiples of: a window is at least 71 of it wide and 44 high."""

STAGE = Box(67.4, 34.5)
"""What at least is left for a step below the top line, the bar and the question."""

LINE_BELOW = 3.3
"""A line below the cards takes as much of the stage."""

FRAME = """box-shadow:inset 0 0 0 1px color-mix(in srgb,currentColor 14%,transparent);border-radius:.5rem"""

CSS = f"""<style>
html{{font-size:{REM}!important}}
[data-testid=stHeader]{{display:none}}
.stMainBlockContainer{{padding:1rem 2rem .8rem}}
.st-key-presenter{{gap:.7rem}}
.st-key-presenter h3{{font-size:1.35rem;padding:0;margin:0}}
.st-key-step_title{{min-height:2.6rem;flex-wrap:nowrap}}
.st-key-step_title h2{{font-size:1.5rem;white-space:nowrap}}
.st-key-stage{{gap:1rem;--height:calc(100dvh - 9.9rem)}}
.st-key-stage [data-testid=stHorizontalBlock]{{gap:1rem}}
.pg.asked{{height:2.3rem;display:flex;align-items:center;line-height:1.25;font-weight:600;
  color:color-mix(in srgb,currentColor 72%,transparent)}}
</style>"""

CARDS = """<style>
.st-key-stage [class*=st-key-presented_]{flex:none;padding:1rem 1.2rem;overflow:hidden;gap:.6rem;
  --card:calc((var(--height) - 3.3rem*var(--lines) - 1rem*(var(--rows) - 1))/var(--rows));height:var(--card)}
.st-key-stage [class*=st-key-presented_] [data-testid=stHorizontalBlock]{align-items:center}
[data-testid=stLayoutWrapper]:has(>[class*=st-key-body_]){flex:1 1 0;min-height:0}
[class*=st-key-presented_] .stMarkdown p{font-size:1.05rem}
[class*=st-key-body_]{font-size:var(--fit);overflow-y:auto;flex:1 1 0}
[class*=st-key-body_] .pg{font-size:var(--fit);line-height:1.42}
.st-key-presenter .pg.notes{font-size:.85rem}
[class*=st-key-body_] .pg.source{border-left-width:.4rem;padding-left:1rem;margin:.25em 0 .9em}
[class*=st-key-body_] .pg.source .why{display:none}
[class*=st-key-body_] .pg .quote{font-size:1em;line-height:1.42;margin:0}
[class*=st-key-body_] .pg.where>*{font-size:.85em}
[class*=st-key-body_] .pg .why{font-size:.85em}
.pg.silent{display:flex;flex-direction:column;gap:.6rem}
.pg.silent .line{display:grid;grid-template-columns:13rem 1fr;align-items:center;height:2.3rem;
  padding:0 1.2rem;font-size:1.05rem;border-radius:.5rem;
  background:color-mix(in srgb,currentColor 5%,transparent)}
.pg.silent.alone .line{height:auto;padding:1.2rem;font-size:1.4rem}
</style>"""

GROWN = """
.st-key-stage [class*=st-key-presented_]{height:auto;min-height:var(--card);flex:1 1 auto}
.st-key-stage [data-testid=stLayoutWrapper]:has(>[class*=st-key-body_]),
.st-key-stage [class*=st-key-body_]{flex:1 0 auto;overflow:visible}
"""

OPENING = f"""<style>
.pg.opening{{height:calc(100dvh - 6.8rem);display:grid;grid-template-rows:1fr auto auto;gap:1.6rem}}
.pg.opening .question{{display:flex;align-items:center;font-weight:650;line-height:1.16;letter-spacing:-.01em;
  text-wrap:balance}}
.pg.opening .asked-of{{font-size:1.5rem;color:color-mix(in srgb,currentColor 75%,transparent)}}
.pg.opening .ways{{display:grid;grid-template-columns:repeat(var(--columns),minmax(0,1fr));gap:1rem;
  margin-bottom:.6rem}}
.pg.opening .way{{padding:1rem 1.2rem;font-size:1.1rem;line-height:1.4;{FRAME}}}
.pg.opening .way h3{{margin-bottom:.35rem}}
</style>"""

COSTS = f"""<style>
.pg.costs{{height:var(--height);display:grid;grid-template-rows:repeat(var(--rows),minmax(auto,11rem));gap:1rem}}
.pg.costs .row{{display:grid;align-items:center;gap:1.4rem;padding:.6rem 1.2rem;{FRAME};
  grid-template-columns:minmax(0,4.2fr) minmax(0,2.4fr) minmax(0,8.6fr) minmax(0,4.4fr)}}
.pg.costs .total{{font-size:2.3rem;font-weight:650;line-height:1;text-align:right;white-space:nowrap;
  font-variant-numeric:tabular-nums}}
.pg.costs .bar{{display:flex;height:1.7rem;border-radius:.3rem;overflow:hidden;
  background:color-mix(in srgb,currentColor 5%,transparent)}}
.pg.costs .bar i{{display:block;height:100%;background:var(--c)}}
.pg.costs .stages{{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;font-size:1.2rem;margin-top:.45rem}}
.pg.costs .instead{{grid-column:2/-1;font-size:1.2rem}}
.pg.costs .small,.pg.costs .note{{font-size:.9rem}}
.pg.costs .price{{font-size:1.15rem;line-height:1.4}}
</style>"""

VERDICT = f"""<style>
.pg.verdict{{min-height:var(--height);display:flex;flex-direction:column;gap:.9rem}}
.pg.verdict h1{{font-size:3rem;line-height:1.15;padding:0;margin:0 0 .4rem;text-wrap:balance}}
.pg.verdict .standing{{flex:1 1 0;min-height:3.4rem;max-height:8rem;display:grid;gap:1.8rem;
  align-items:center;padding:.4rem 1.2rem;font-size:1.2rem;line-height:1.35;{FRAME};
  grid-template-columns:minmax(0,4fr) minmax(0,3fr) minmax(0,7fr) minmax(0,5fr)}}
.pg.verdict .share{{font-size:1.6rem;font-weight:650}}
.pg.verdict .likely{{font-size:1rem;margin-top:.45rem}}
.pg.verdict .range{{position:relative;height:1rem;border-radius:.5rem;
  background:color-mix(in srgb,currentColor 8%,transparent)}}
.pg.verdict .range i{{position:absolute;inset-block:0;border-radius:.5rem;
  background:color-mix(in srgb,var(--c) 55%,transparent)}}
.pg.verdict .range b{{position:absolute;inset-block:-.35rem;width:.3rem;margin-left:-.15rem;
  border-radius:.15rem;background:currentColor}}
.pg.verdict .rests{{font-size:1rem}}
.pg.verdict .lead,.pg.verdict .advice{{font-size:1.35rem}}
.pg.verdict .showed{{display:grid;grid-template-columns:minmax(0,4fr) minmax(0,9fr);gap:1.4rem;
  align-items:center;padding:.6rem 1.2rem;font-size:1.25rem;{FRAME}}}
</style>"""


def present_style() -> None:
    """Once a run; the frame's own style sheet comes before it."""
    for sheet in (CSS, CARDS, OPENING, COSTS, VERDICT):
        st.html(sheet)
