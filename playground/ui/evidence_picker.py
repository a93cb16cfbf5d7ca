"""A text in which evidence is chosen: a click takes a sentence, a selection any stretch of words.

This module does not know what the text is taken from, nor what is done with the chosen stretches.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import streamlit as st

from playground.chunking.sentences import sentence_spans
from playground.excerpts import Span

HEIGHT = 320  # pixels, beyond which the text scrolls by itself

CSS = """
.evidence-picker{white-space:pre-wrap;overflow-wrap:anywhere;overflow-y:auto;padding:10px 14px;
  line-height:1.6;font-family:var(--st-font);font-size:.95rem;color:var(--st-text-color);
  background:var(--st-background-color);border:1px solid var(--st-border-color);
  border-radius:var(--st-base-radius);--chosen:var(--st-primary-color)}
.evidence-picker .sentence{cursor:pointer;border-radius:3px;padding:1px 0;
  -webkit-box-decoration-break:clone;box-decoration-break:clone}
.evidence-picker .sentence:hover{background:color-mix(in srgb,var(--chosen) 11%,transparent)}
.evidence-picker .sentence:focus-visible{outline:2px solid var(--chosen);outline-offset:1px}
.evidence-picker mark{color:inherit;background:color-mix(in srgb,var(--chosen) 24%,transparent);
  box-shadow:0 2px 0 color-mix(in srgb,var(--chosen) 80%,transparent);border-radius:3px 3px 0 0;padding:1px 0;
  -webkit-box-decoration-break:clone;box-decoration-break:clone}
.evidence-picker .sentence:hover mark{background:color-mix(in srgb,var(--chosen) 34%,transparent)}
.evidence-picker ::selection{background:color-mix(in srgb,var(--chosen) 40%,transparent)}
"""

# Offsets count code points, as Python does; the browser's count UTF-16 units. Text only ever gets into the
# page through text nodes.
JS = r"""
const pickers = new WeakMap();
const letter = /[\p{L}\p{M}\p{N}_]/u;
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const inWord = character => letter.test(character) && !unspaced.test(character);
const length = text => Array.from(text).length;

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector('.evidence-picker');
  let picker = pickers.get(root);
  if (!picker || picker.version !== data.version) {
    picker = { version: data.version, spans: data.chosen };
    pickers.set(root, picker);
    draw(root, data);
    picker.text = Array.from(root.textContent);
    mark(root, picker);
    listen(root, picker);
    const first = root.querySelector('mark');
    if (first) root.scrollTop = Math.max(0, first.offsetTop - root.offsetTop - 60);
  }
  // This function is called at every run of the script; what outlives a run is in `picker`.
  picker.choose = spans => {
    picker.spans = spans.sort((a, b) => a[0] - b[0]);
    mark(root, picker);
    setStateValue('spans', picker.spans);
  };
  root.onmousedown = () => { picker.stretched = false; };
  root.onclick = event => {
    const sentence = event.target.closest('.sentence');
    if (sentence && !picker.stretched) toggle(sentence, picker);  // a stretch ends with a click too
  };
  root.onkeydown = event => {
    if (event.target.matches('.sentence') && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      toggle(event.target, picker);
    }
  };
}

function listen(root, picker) {
  const released = () => {
    if (root.isConnected) stretch(root, picker);
    else root.ownerDocument.removeEventListener('mouseup', released);
  };
  root.ownerDocument.addEventListener('mouseup', released);  // a selection may end outside the text
}

function toggle(element, picker) {
  const [start, end] = [Number(element.dataset.start), Number(element.dataset.end)];
  const others = picker.spans.filter(span => span[1] <= start || span[0] >= end);
  picker.choose(others.length < picker.spans.length ? others : [...others, [start, end]]);
}

function stretch(root, picker) {
  const chosen = selected(root, picker.text);
  if (!chosen) return;
  picker.stretched = true;
  root.ownerDocument.getSelection().removeAllRanges();
  picker.choose([...picker.spans.filter(span => span[1] <= chosen[0] || span[0] >= chosen[1]), chosen]);
}

function draw(root, data) {
  root.style.maxHeight = `${data.height}px`;
  root.setAttribute('aria-label', data.label);
  root.replaceChildren(...data.pieces.map(([start, text, isSentence]) => {
    const element = root.ownerDocument.createElement('span');
    element.dataset.start = start;
    element.dataset.end = start + length(text);
    element.textContent = text;
    if (isSentence) {
      element.className = 'sentence';
      element.tabIndex = 0;
      element.setAttribute('role', 'button');
    }
    return element;
  }));
}

function mark(root, picker) {
  for (const element of root.children) {
    const [start, end] = [Number(element.dataset.start), Number(element.dataset.end)];
    const inside = picker.spans.filter(span => span[0] < end && span[1] > start);
    if (element.className) element.setAttribute('aria-pressed', String(inside.length > 0));
    if (!inside.length && !element.firstElementChild) continue;
    const text = picker.text.slice(start, end);
    const borders = new Set([start, end, ...inside.flat().map(each => Math.min(Math.max(each, start), end))]);
    const sorted = [...borders].sort((a, b) => a - b);
    element.replaceChildren(...sorted.slice(1).map((right, index) => {
      const left = sorted[index];
      const node = root.ownerDocument.createTextNode(text.slice(left - start, right - start).join(''));
      if (!inside.some(span => span[0] <= left && right <= span[1])) return node;
      const marked = root.ownerDocument.createElement('mark');
      marked.append(node);
      return marked;
    }));
  }
}

function selected(root, text) {
  const selection = root.ownerDocument.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(root) || !root.contains(range.startContainer)) return null;
  const before = root.ownerDocument.createRange();
  before.setStart(root, 0);
  before.setEnd(range.startContainer, range.startOffset);
  let start = length(before.toString());
  if (root.contains(range.endContainer)) before.setEnd(range.endContainer, range.endOffset);
  else before.setEnd(root, root.childNodes.length);
  let end = length(before.toString());
  while (start < end && !text[start].trim()) start += 1;
  while (start < end && !text[end - 1].trim()) end -= 1;
  if (start >= end) return null;
  while (start > 0 && inWord(text[start - 1]) && inWord(text[start])) start -= 1;
  while (end < text.length && inWord(text[end - 1]) && inWord(text[end])) end += 1;
  return [start, end];
}
"""

_PICKER = st.components.v2.component(
    "evidence_picker",
    html='<div class="evidence-picker" role="group"></div>',
    css=CSS,
    js=JS,
    isolate_styles=False,  # browsers differ in what they tell of a selection inside a shadow root
)


def evidence_picker(text: str, key: str, chosen: Sequence[Span] = (), height: int = HEIGHT) -> list[Span]:
    """Show `text` and give the stretches of it (start, end) that are chosen, in order and apart.

    `chosen` are marked when the picker appears. Another text needs another `key`.
    """
    picked = picked_spans(text, key, chosen)
    _PICKER(
        key=key,
        data={
            "pieces": list(_pieces(text)),
            "chosen": [list(span) for span in picked],
            "version": sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            "height": height,
            "label": "Click the sentences that answer, or select a stretch of text",
        },
        on_spans_change=_nothing,
    )
    return picked


def picked_spans(text: str, key: str, chosen: Sequence[Span] = ()) -> list[Span]:
    """What is chosen in the picker with this key; `chosen` before anything was clicked in it."""
    state = st.session_state.get(key)
    spans = state.get("spans") if state else None
    return list(chosen) if spans is None else checked_spans(spans, text)


def checked_spans(spans: Any, text: str) -> list[Span]:
    """What a browser says was chosen, without what cannot be in `text`: in order, apart, and without white
    space at the ends."""
    found: list[Span] = []
    for each in sorted(filter(_is_span, spans if isinstance(spans, list) else [])):
        start, end = max(each[0], found[-1][1] if found else 0), min(each[1], len(text))
        piece = text[start:end]
        start, end = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        if start < end:
            found.append((start, end))
    return found


def _is_span(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in value)
    )


def _pieces(text: str) -> Iterator[tuple[int, str, bool]]:
    """The whole text in (start, text, whether it is a sentence), the white space between sentences too."""
    done = 0
    for start, end in sentence_spans(text):
        if done < start:
            yield done, text[done:start], False
        yield start, text[start:end], True
        done = end
    if done < len(text):
        yield done, text[done:], False


def _nothing() -> None:
    """The script runs again anyway."""
