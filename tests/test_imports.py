"""Cold start is a feature: what loads when, and that the public names and the error tree do not drift."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import toolkit
from toolkit import errors

SAMPLES = Path(__file__).parent.parent / "notebooks" / "articles"
HEAVY = ("llama_index", "lance", "openai", "pandas", "pyarrow", "numpy", "wordllama", "trafilatura", "httpx")


def loaded_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('MODULES', *sorted({{name.partition('.')[0] for name in sys.modules}}))"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CITEBOOK", "OPENAI"))}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("MODULES")[2].split())


def test_import_toolkit_loads_nothing_heavy() -> None:
    assert loaded_after("import toolkit").isdisjoint(HEAVY)
    assert loaded_after("from toolkit import Library, Article, ToolkitError, FakeLLM, read_articles").isdisjoint(HEAVY)


def test_import_toolkit_is_quick() -> None:
    """Instructions vary with the machine, so the work is counted in modules loaded, not in seconds."""
    bare = loaded_after("")
    assert len(loaded_after("import toolkit") - bare) < 60


def test_asking_without_a_model_loads_no_model_library(tmp_path: Path) -> None:
    code = (
        "from toolkit import Library\n"
        f"with Library({str(tmp_path / 'news.lance')!r}) as news:\n"
        f"    news.add({str(SAMPLES)!r})\n"
        "    assert news.ask('Which countries might send troops?').answered\n"
        "    assert news.summarize().answered\n"
    )
    assert loaded_after(code).isdisjoint({"llama_index", "openai", "matplotlib", "IPython"})


def test_public_names_exist_and_are_documented() -> None:
    for name in toolkit.__all__:
        value = getattr(toolkit, name)
        assert name == "__version__" or value.__doc__, name
    assert set(toolkit.__all__) <= set(dir(toolkit))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = toolkit.nothing


def test_the_error_tree_is_drawn_as_it_is() -> None:
    drawn = set(re.findall(r"(?m)^[├└─│ ]*(?:── )?([A-Z][A-Za-z]+) {2,}\S", errors.__doc__ or ""))
    real = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert drawn == real
    assert all(issubclass(getattr(errors, name), errors.ToolkitError) for name in real)


def test_no_module_hides_a_public_name():
    """Importing ``toolkit.x`` sets the attribute ``x`` of ``toolkit``: a function of that name would be lost."""
    import pkgutil

    modules = {module.name for module in pkgutil.iter_modules(toolkit.__path__)}
    assert not modules & set(toolkit.__all__)
