"""Markdown as an EPUB 3, one chapter for each heading of level 2."""

import re
from html import escape
from pathlib import Path

from sample_docs.builder.archive import FIXED_STAMP, write_archive
from sample_docs.builder.blocks import PARSER, read_source

CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
PAGE = """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title></head>
<body>
{body}
</body>
</html>
"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:{domain}:{name}</dc:identifier>
<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dc:language>en</dc:language>
<meta property="dcterms:modified">{modified}</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
{items}
</manifest>
<spine>
{spine}
</spine>
</package>
"""


def write_epub(source: Path, path: Path, author: str, domain: str) -> None:
    """Cut the source at its chapters and pack them with a table of contents."""
    title = read_source(source).title
    front, *rest = re.split(r"^(?=## )", source.read_text(encoding="utf-8"), flags=re.MULTILINE)
    chapters = [(title, front)] + [(part.splitlines()[0].removeprefix("## "), part) for part in rest]
    files = [f"chapter-{number:02}.xhtml" for number in range(len(chapters))]
    links = "".join(
        f'<li><a href="{file}">{escape(name)}</a></li>'
        for file, (name, _) in zip(files, chapters, strict=True)
    )
    nav = f'<nav epub:type="toc"><h1>Contents</h1><ol>{links}</ol></nav>'
    package = PACKAGE.format(
        domain=domain,
        name=path.stem,
        title=escape(title),
        author=escape(author),
        modified=FIXED_STAMP.decode(),
        items="\n".join(
            f'<item id="{file[:-6]}" href="{file}" media-type="application/xhtml+xml"/>' for file in files
        ),
        spine="\n".join(f'<itemref idref="{file[:-6]}"/>' for file in files),
    )
    pages = {
        f"EPUB/{file}": PAGE.format(title=escape(name), body=PARSER.render(text))
        for file, (name, text) in zip(files, chapters, strict=True)
    }
    texts = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER}
    texts |= {"EPUB/package.opf": package, "EPUB/nav.xhtml": PAGE.format(title="Contents", body=nav)} | pages
    write_archive(path, [(name, text.encode()) for name, text in texts.items()])
