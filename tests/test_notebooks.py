"""Every notebook runs from top to bottom in a fresh kernel, and is committed clean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser import available

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the Jupyter client, not of ours
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def check_outputs(notebook: Any) -> None:
    """A notebook that was run says nothing wrong, answers what it can, and refuses what it must."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]
    shown = json.dumps(outputs)
    assert "vnd.jupyter.widget-view" not in shown, "a widget is an error message as soon as the kernel is gone"
    assert "U.K. and French troops" in shown or "when the Keldale dam gave way" in shown
    assert "Not in your articles" in shown


def test_there_are_notebooks() -> None:
    assert "01_quickstart.ipynb" in [path.name for path in NOTEBOOKS]


@pytest.mark.slow
@pytest.mark.skipif(available(), reason="test_browser_lab.py runs them, in JupyterLab")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path: Path) -> None:
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": path.parent}})
    client.execute()
    check_outputs(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_committed_clean(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text) < 175_000
    for trace in ("/home/", "/tmp/", "/Users/", "Traceback"):
        assert trace not in text
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.source.strip() for cell in code)
    assert [cell.execution_count for cell in code] in ([None] * len(code), list(range(1, len(code) + 1)))
