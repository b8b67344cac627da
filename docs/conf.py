"""The site, by Sphinx: ``sphinx-build -W docs site`` (pip install -e ".[docs]").

Markdown by MyST, the reference from the docstrings, Furo as the look: nothing is fetched, neither while the site is
built nor by who reads it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from pygments.lexers.special import TextLexer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import toolkit  # noqa: E402

project = "citebook"
author = "the citebook authors"
release = version = toolkit.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
highlight_language = "text"

myst_heading_anchors = 4  # as GitHub makes them

suppress_warnings = ["ref.python"]  # a type called date, where a class has an attribute date

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
autoclass_content = "class"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = "citebook"
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}

FENCED = re.compile(r"(^(`{3,}).*?^\2 *$)", re.M | re.S)
LINK = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<to>\.\./[^)#\s]+)(?:#[^)\s]*)?\)")
HIDDEN = re.compile(r"^<!-- *python *\n.*?-->\n", re.M | re.S)


def _for_readers(app: Any, name: str, source: list[str]) -> None:
    """A page without what only the tests run; folders and pages of the repository that are not here are plain text."""
    folder = Path(app.srcdir, name).parent

    def link(match: re.Match[str]) -> str:
        to = (folder / match["to"]).resolve()
        elsewhere = to.suffix == ".md" and not to.is_relative_to(Path(app.srcdir).resolve())
        return match["text"] if elsewhere or to.is_dir() else match[0]

    parts = FENCED.split(source[0])  # text, whole block, its fence, text, ...
    source[0] = "".join(
        LINK.sub(link, HIDDEN.sub("", part)) if n % 3 == 0 else part for n, part in enumerate(parts) if n % 3 != 2
    )


def _tree_as_it_stands(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """The drawing of the errors is no paragraph."""
    if name == "toolkit.errors":
        lines[0] = lines[0].rstrip(".") + "::"


def setup(app: Any) -> None:
    """Sphinx calls it."""
    app.connect("source-read", _for_readers)
    app.connect("autodoc-process-docstring", _tree_as_it_stands)
    app.add_lexer("prompty", TextLexer)
