"""The style sheet of the presentation: everything is sized by the window, so that a step fills it."""

from collections.abc import Mapping

import streamlit as st

# `--height` is what the window leaves for the stage below the top line, the bar and the question.
CSS = """<style>
html{font-size:clamp(14px,min(1.4vw,2.25vh),52px)!important}
[data-testid=stHeader]{display:none}
.stMainBlockContainer{padding:1rem 2rem .8rem}
.st-key-presenter{gap:.7rem}
.st-key-presenter h3,.pg.opening h3{font-size:1.35rem;padding:0;margin:0}
.st-key-step_title{min-height:2.6rem;flex-wrap:nowrap}
.st-key-step_title h2{font-size:1.5rem;white-space:nowrap}
.pg.asked{height:2.3rem;container-type:size;display:flex;align-items:center;overflow-y:auto}
.pg.asked div{font-size:clamp(.8rem,var(--fit),1.4rem);line-height:1.25;font-weight:600;
  color:color-mix(in srgb,currentColor 72%,transparent)}
.st-key-stage{gap:1rem;--height:calc(100dvh - 9.3rem)}
.st-key-stage [data-testid=stHorizontalBlock]{gap:1rem}
.st-key-stage [class*=st-key-presented_]{flex:none;padding:1rem 1.2rem;overflow:hidden;gap:.6rem;
  height:calc((var(--height) - 2.9rem*var(--lines) - 1rem*(var(--rows) - 1))/var(--rows))}
.st-key-stage [class*=st-key-presented_] [data-testid=stHorizontalBlock]{align-items:center}
[data-testid=stLayoutWrapper]:has(>[class*=st-key-body_]){flex:1 1 0;min-height:0}
.st-key-stage [class*=st-key-body_]{container-type:size;overflow-y:auto}
[class*=st-key-body_] .pg.answer{font-size:clamp(1rem,var(--fit),2.15rem);line-height:1.42}
.st-key-presenter .pg.notes{font-size:.85rem}

[class*=st-key-body_] .pg.source,[class*=st-key-body_] .pg.where,[class*=st-key-body_] .neighbour{
  font-size:clamp(.95rem,var(--fit),1.75rem)}
[class*=st-key-body_] .pg.source{border-left-width:.4rem;padding-left:1rem;margin-bottom:.4em}
[class*=st-key-body_] .pg.source .why{display:none}
[class*=st-key-body_] .pg .quote{font-size:1em;line-height:1.42;margin:0}
[class*=st-key-body_] .pg.where>*{font-size:.8em}
.pg.silent{display:flex;flex-direction:column;gap:.6rem}
.pg.silent .line{display:grid;grid-template-columns:13rem 1fr;align-items:center;height:2.3rem;padding:0 1.2rem;
  font-size:1.05rem;border-radius:.5rem;background:color-mix(in srgb,currentColor 5%,transparent)}
.pg.silent.alone .line{height:auto;padding:1.2rem;font-size:1.4rem}

.pg.opening{height:calc(100dvh - 6.3rem);display:grid;grid-template-rows:1fr auto auto;gap:1.6rem}
.pg.opening .question{container-type:size;display:flex;align-items:center;overflow-y:auto}
.pg.opening .question div{font-size:clamp(1.4rem,var(--fit),4.6rem);font-weight:650;line-height:1.16;
  letter-spacing:-.01em;text-wrap:balance}
.pg.opening .asked-of{font-size:1.5rem;color:color-mix(in srgb,currentColor 75%,transparent)}
.pg.opening .ways{display:grid;grid-template-columns:repeat(var(--columns),minmax(0,1fr));gap:1rem;
  margin-bottom:.6rem}
.pg.opening .way{padding:1rem 1.2rem;border-radius:.5rem;font-size:1.1rem;line-height:1.4;
  box-shadow:inset 0 0 0 1px color-mix(in srgb,currentColor 14%,transparent)}
.pg.opening .way h3{margin-bottom:.35rem}

.pg.costs{height:var(--height);display:grid;grid-template-rows:repeat(var(--rows),1fr);gap:1rem}
.pg.costs .row{display:grid;grid-template-columns:minmax(0,4.2fr) minmax(0,2.4fr) minmax(0,9fr) minmax(0,4fr);
  gap:1.4rem;align-items:center;padding:.6rem 1.2rem;border-radius:.5rem;
  box-shadow:inset 0 0 0 1px color-mix(in srgb,currentColor 14%,transparent)}
.pg.costs .total{font-size:2.5rem;font-weight:650;line-height:1;text-align:right;white-space:nowrap;
  font-variant-numeric:tabular-nums}
.pg.costs .bar{display:flex;height:1.7rem;border-radius:.3rem;overflow:hidden;
  background:color-mix(in srgb,currentColor 5%,transparent)}
.pg.costs .bar i{display:block;height:100%;background:var(--c)}
.pg.costs .stages{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;font-size:1.05rem;margin-top:.45rem}
.pg.costs .small,.pg.costs .note{font-size:.9rem}
.pg.costs .price{font-size:1.15rem;line-height:1.4}

.pg.verdict{height:var(--height);display:flex;flex-direction:column;gap:1rem;overflow-y:auto}
.pg.verdict h1{font-size:3rem;line-height:1.15;padding:0;margin:0 0 .4rem;text-wrap:balance}
.pg.verdict .standing{flex:1 1 0;min-height:3.4rem;max-height:8rem;display:grid;align-items:center;
  grid-template-columns:minmax(0,4.2fr) minmax(0,4.4fr) minmax(0,6fr) minmax(0,4.2fr) minmax(0,4.4fr);gap:1.4rem;
  padding:.4rem 1.2rem;border-radius:.5rem;font-size:1.2rem;line-height:1.35;
  box-shadow:inset 0 0 0 1px color-mix(in srgb,currentColor 14%,transparent)}
.pg.verdict .share{font-size:1.6rem;font-weight:650}
.pg.verdict .range{position:relative;height:1rem;border-radius:.5rem;
  background:color-mix(in srgb,currentColor 8%,transparent)}
.pg.verdict .range i{position:absolute;inset-block:0;border-radius:.5rem;
  background:color-mix(in srgb,var(--c) 55%,transparent)}
.pg.verdict .range b{position:absolute;inset-block:-.35rem;width:.3rem;margin-left:-.15rem;border-radius:.15rem;
  background:currentColor}
.pg.verdict .rests{font-size:1rem}
.pg.verdict .lead,.pg.verdict .advice{font-size:1.5rem}
.pg.verdict .showed{display:grid;grid-template-columns:minmax(0,4fr) minmax(0,9fr);gap:1.4rem;align-items:center;
  padding:.8rem 1.2rem;border-radius:.5rem;font-size:1.4rem;
  box-shadow:inset 0 0 0 1px color-mix(in srgb,currentColor 14%,transparent)}
</style>"""


def present_style() -> None:
    """Once a run; the frame's own style sheet comes before it."""
    st.html(CSS)


def fit(sizes: Mapping[str, str]) -> None:
    """Type sizes by the key of the container that they are for."""
    rules = "".join(f".st-key-{key}{{--fit:{size}}}" for key, size in sizes.items())
    st.html(f"<style>{rules}</style>")
