"""Markdown as one self-contained HTML page: no script, no image, nothing that is loaded."""

from html import escape
from pathlib import Path

from sample_docs.builder.blocks import PARSER, read_source

STYLE = """
body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #1d2726;
  font: 1.05rem/1.6 Georgia, serif }
h1, h2, h3 { font-family: system-ui, sans-serif; color: #1f5f5b; line-height: 1.25 }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #c5d3d0; padding: .4rem .6rem; text-align: left }
"""


def write_html(source: Path, path: Path, author: str) -> None:
    """Render the source with its title, author and a small style sheet."""
    body = PARSER.render(source.read_text(encoding="utf-8"))
    path.write_text(
        f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="author" content="{escape(author)}">
<title>{escape(read_source(source).title)}</title>
<style>{STYLE}</style>
</head>
<body>
{body}</body>
</html>
""",
        encoding="utf-8",
        newline="\n",
    )
