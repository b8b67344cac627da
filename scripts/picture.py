"""Make docs/images/answer.png anew: an answer in JupyterLab with its citation open. ``python scripts/picture.py``.

Needs Chromium and the extras ``notebook`` and ``dev``. The picture is of the real thing: a notebook is run in a
JupyterLab of its own, with the sample articles, and a number is clicked.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import nbformat  # noqa: E402
from browser import Lab, launched  # noqa: E402
from PIL import Image  # noqa: E402

CELLS = (
    'from toolkit import Library\n\nnews = Library()\nnews.add("articles/")',
    'news.ask("Which countries might send troops?")',
)
WIDTH, SCALE = 830, 1.5


def picture(path: Path) -> None:
    """Write the picture.

    Args:
        path: The ``.png`` file.
    """
    with tempfile.TemporaryDirectory() as folder, Lab(Path(folder)) as lab, launched() as browser:
        shutil.copytree(ROOT / "notebooks" / "articles", lab.root / "articles")
        cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
        # The selected cell has a bar and buttons, so it is another.
        notebook = nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_markdown_cell("End")])
        nbformat.write(notebook, lab.root / "answer.ipynb")
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000}, device_scale_factor=SCALE)
        lab.open(page, "answer.ipynb")
        lab.run_all(page)
        cell = page.locator(".jp-CodeCell").nth(1)
        cell.locator("summary").first.click()
        page.locator(".jp-MarkdownCell").click()
        page.mouse.move(5, 5)
        page.wait_for_timeout(300)
        cell.screenshot(path=path)
    with Image.open(path) as whole:  # 64 colours are enough for text, and a third of the size
        whole.convert("RGB").quantize(64).save(path, optimize=True)


def main() -> int:
    """Make it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("path", nargs="?", type=Path, default=ROOT / "docs" / "images" / "answer.png")
    path = parser.parse_args().path
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(path)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
