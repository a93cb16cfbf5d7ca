"""A memo as Markdown, and as one HTML page that opens without a network and prints well.

How it looks stands in `memo.md.jinja` and `memo.html.jinja`. Everything that people or documents wrote is
escaped. This module does not know where a memo is written.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from playground.decision.memo import Memo

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_MARKS = re.compile(r"([\\`*_\[\]<>|#~])")


def memo_markdown(memo: Memo) -> str:
    """With blank lines taken together, as Markdown reads them anyway."""
    environment = _environment(autoescape=False)
    environment.filters["md"] = _one_line
    text = environment.get_template("memo.md.jinja").render(memo=memo)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def memo_html(memo: Memo) -> str:
    """One page; what is bold in the points stays so."""
    environment = _environment(autoescape=True)
    environment.filters["bold"] = _bold
    return environment.get_template("memo.html.jinja").render(memo=memo)


def _environment(autoescape: bool) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def _one_line(text: str) -> str:
    """Text that Markdown shows as it is, also inside a table."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _bold(text: str) -> "Markup":
    from markupsafe import Markup, escape

    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", str(escape(text))))
