"""What the Decide page's own drawings need."""

import streamlit as st

CSS = """<style>
.pg table.wrap td,.pg table.wrap th{white-space:normal;text-align:left;vertical-align:top;line-height:1.35;
  padding:7px 12px 7px 0;font-size:.92rem}
.pg table.wrap th{padding-top:0}
.pg .matrix{display:grid;grid-template-columns:auto 1fr 1fr;gap:8px;align-items:stretch}
.pg .matrix .side{writing-mode:vertical-rl;rotate:180deg;text-align:center;align-self:center}
.pg .matrix .top{text-align:center}
.pg .cell{display:flex;flex-direction:column;justify-content:center;border-radius:8px;padding:10px 14px;
  min-height:126px;background:color-mix(in srgb,var(--c) calc(var(--v)*1%),transparent)}
.pg .cell.none{background:none;box-shadow:inset 0 0 0 1px color-mix(in srgb,currentColor 16%,transparent)}
.pg .big{font-size:1.9rem;font-weight:650;line-height:1.15}
.pg .range{position:relative;height:8px;border-radius:4px;margin:7px 0 6px;
  background:color-mix(in srgb,currentColor 10%,transparent)}
.pg .range i{position:absolute;top:0;height:8px;border-radius:4px;
  background:color-mix(in srgb,var(--c) 60%,transparent)}
.pg .range b{position:absolute;top:-3px;width:4px;height:14px;margin-left:-2px;border-radius:2px;
  background:currentColor}
.pg .points{display:grid;grid-template-columns:1.3em minmax(0,1fr);gap:5px 8px;font-size:.95rem}
.pg .points .icon{font-family:"Material Symbols Rounded";font-size:1.15em;line-height:1.3}
.pg .four{display:grid;grid-template-columns:auto minmax(0,1fr) auto;gap:0 10px;align-items:center;
  font-size:.84rem;font-variant-numeric:tabular-nums}
.pg .four .range{margin:6px 0}
.pg .said,.pg.said{border-left:4px solid var(--c);padding:2px 0 2px 12px;margin:0 0 10px}
.pg .said q{quotes:none}
.pg.weights{display:flex;flex-wrap:wrap;gap:4px;justify-content:flex-end;font-size:.82rem}
.pg.weights span{padding:1px 8px;border-radius:10px;white-space:nowrap;
  background:color-mix(in srgb,var(--c) 18%,transparent)}
.pg.weights span.none{background:none;opacity:.6;padding-right:0}
.pg.weights span.against{background:none;
  box-shadow:inset 0 0 0 1px color-mix(in srgb,var(--c) 55%,transparent)}
[data-testid=stLayoutWrapper]:has(>.st-key-need_list){flex-grow:1}
[data-testid=stLayoutWrapper]:has(>.st-key-task_verdict){position:sticky;top:4.5rem}
.st-key-need_list{height:auto!important;flex:1 1 0;min-height:0;overflow-y:auto}
[class*=st-key-need_] [data-testid=stWidgetLabel]{min-height:0}
[class*=st-key-need_] button{min-height:0;padding-top:.16rem;padding-bottom:.16rem}
</style>"""


def decide_style() -> None:
    """Once a page."""
    st.html(CSS)
