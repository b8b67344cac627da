"""Documentation that cannot lie: every page runs and prints what it says, every link leads somewhere, the site builds.

The machine is scripts/docs.py; how blocks are written is told in docs/extending/writing-docs.md.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from docs_names import name_faults
from markdown_it import MarkdownIt

import docs
import toolkit
from toolkit import types

ROOT = Path(__file__).parent.parent


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# Pages ----------------------------------------------------------------------------------------------------------------


def page_parameters() -> Iterator[object]:
    """The pages; those that speak to a model's server import its libraries, which takes seconds."""
    for page in docs.pages():
        is_slow = "model.says(" in page.read_text(encoding="utf-8")
        yield pytest.param(page, id=relative(page), marks=pytest.mark.slow if is_slow else ())


@pytest.mark.parametrize("page", list(page_parameters()))
def test_a_page_says_what_is(page: Path) -> None:
    _, faults = docs.run_page(page)
    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize("page", docs.pages(), ids=relative)
def test_a_page_asks_only_for_extras_that_there_are(page: Path) -> None:
    extras = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    named = re.findall(r"(?:citebook|-e \"?\.)\[([a-z,\s-]+)\]", page.read_text(encoding="utf-8"))
    assert {one.strip() for group in named for one in group.split(",")} <= extras


# Links ----------------------------------------------------------------------------------------------------------------


def markdown_files() -> list[Path]:
    """Every Markdown file of the project that people read."""
    skipped = {"node_modules", "site", "data", "build", "dist"}
    found = [file for folder in ("*.md", ".github/**/*.md") for file in ROOT.glob(folder)]
    for name in ("docs", "notebooks", "benchmarks", "prompts", "tests", "scripts"):
        found += (ROOT / name).rglob("*.md")
    samples = ROOT / "notebooks"
    articles = {file for name in ("articles", "story") for file in (samples / name).rglob("*.md")}
    return sorted(file for file in set(found) - articles if not skipped & set(file.relative_to(ROOT).parts))


def tokens_of(page: str) -> Iterator[tuple[str, str]]:
    """Every link and image as ("to", address), every heading as ("heading", text)."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None and before.type == "heading_open":
            inner = token.children or []
            yield "heading", "".join(one.content for one in inner if one.type in ("text", "code_inline"))
        for child in token.children or []:
            if to := child.attrGet("href") or child.attrGet("src"):
                yield "to", str(to)


def anchors_of(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    count: Counter[str] = Counter()
    found = set()
    for kind, text in tokens_of(page):
        if kind == "heading":
            slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
            found.add(f"{slug}-{count[slug]}" if count[slug] else slug)
            count[slug] += 1
    return found


def link_faults(file: Path) -> list[str]:
    """Links of a file that lead nowhere, or out of the project."""
    text = file.read_text(encoding="utf-8")
    faults = []
    for kind, to in tokens_of(text):
        if kind != "to" or re.match(r"[a-z]+:", to):
            continue
        path, _, anchor = unquote(to).partition("#")
        target = (file.parent / path).resolve() if path else file.resolve()
        if not target.is_relative_to(ROOT) or not target.exists():
            faults.append(f"{to}: there is no such file")
        elif anchor and target.suffix == ".md" and not leads(target, anchor):
            faults.append(f"{to}: there is no such heading")
    return faults


def leads(target: Path, anchor: str) -> bool:
    """Whether a page has an anchor."""
    return anchor in anchors_of(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", markdown_files(), ids=relative)
def test_links_lead_somewhere(file: Path) -> None:
    assert link_faults(file) == []


def test_a_dead_link_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`, *three*!\n\n## Again\n\n## Again\n\n"
        "[a](#one-two-three) [b](#again-1) [c](page.md#again) [d](https://example.org/x#y)\n\n"
        "[e](#again-2) [f](gone.md) [g](../out.md) ![h](gone.png)\n\n`[i](gone.md)`\n\n```text\n[j](gone.md)\n```\n"
    )
    assert [fault.partition(":")[0] for fault in link_faults(page)] == ["#again-2", "gone.md", "../out.md", "gone.png"]


# The site -------------------------------------------------------------------------------------------------------------


def test_the_reference_has_every_public_name() -> None:
    named = re.findall(
        r"^\.\. auto(?:class|function):: (\S+)", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.M
    )
    in_errors = {"toolkit.ToolkitError"}
    assert {f"toolkit.{name}" for name in toolkit.__all__ if name != "__version__"} <= set(named) | in_errors
    assert len(named) == len(set(named))


def test_the_reference_has_every_value() -> None:
    named = re.findall(r"^\.\. auto(?:class|data):: (\S+)", (ROOT / "docs" / "api-values.md").read_text(), re.M)
    assert set(named) == {f"toolkit.types.{name}" for name in set(types.__all__) - set(toolkit.__all__)}


class Assets(HTMLParser):
    """What a page would fetch by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        fetches = tag in ("script", "img", "iframe", "source", "video", "audio", "embed", "object")
        if tag == "link" and given.get("rel") not in ("canonical", "next", "prev", "edit"):
            fetches = True
        if fetches:
            self.found += [one for one in (given.get("src"), given.get("href"), given.get("data")) if one]


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_fetches_nothing(tmp_path: Path) -> None:
    if any(importlib.util.find_spec(name) is None for name in ("sphinx", "myst_parser", "furo")):
        pytest.skip('the site needs Sphinx: pip install -e ".[docs]"')
    site = tmp_path / "site"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-W",
            "--keep-going",
            "-q",
            "-d",
            str(tmp_path / "doctrees"),
            "docs",
            str(site),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    built = sorted(site.rglob("*.html"))
    assert len(built) >= len(list((ROOT / "docs").rglob("*.md")))
    for file in built:
        assets = Assets()
        assets.feed(file.read_text(encoding="utf-8"))
        assert [one for one in assets.found if re.match(r"(https?:)?//", one)] == [], file.relative_to(site)
        assert "googleapis" not in file.read_text(encoding="utf-8")
    reference = (site / "api.html").read_text(encoding="utf-8")
    for name in ("toolkit.Library.ask", "toolkit.Answer", "toolkit.verify", "toolkit.errors.BudgetExceeded"):
        assert f'id="{name}"' in reference, name


# The machine ----------------------------------------------------------------------------------------------------------


def ran(tmp_path: Path, text: str) -> tuple[str, list[str]]:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    return docs.run_page(page)


def test_a_page_that_lies_is_found_and_mended(tmp_path: Path) -> None:
    text = "# P\n\n```python\nfor n in range(2):\n    print(n)\n'é'\n```\n\n```text\n0\n2\n```\n\nEnd.\n"
    mended, faults = ran(tmp_path, text)
    assert len(faults) == 1
    assert "page.md:9" in faults[0]
    assert mended == text.replace("0\n2\n", "0\n1\n'é'\n")
    assert ran(tmp_path, mended) == (mended, [])


def test_what_differs_from_run_to_run_may(tmp_path: Path) -> None:
    text = "```python\nimport datetime, time\nprint(f'{time.time() % 1:.2f} s', datetime.date.today(), 'a')\n```\n\n"
    assert ran(tmp_path, text + "```text\n7.00 s 2001-02-03 a\n```\n")[1] == []
    assert ran(tmp_path, text + "```text\n7.00 s 2001-02-03 b\n```\n")[1] != []
    assert ran(tmp_path, text + "```text\n7.00 2001-02-03 a\n```\n")[1] != []
    other = "```python\nprint('2001-02-04')\n```\n\n```text\n2001-02-03\n```\n"
    assert ran(tmp_path, other)[1] != []


def test_output_stands_straight_after_its_code(tmp_path: Path) -> None:
    text = (
        "```python\n1\n```\n\nNot output:\n\n```text\n2\n```\n\n"
        "- in a list\n\n  ```python\n  3\n  ```\n\n  ```text\n  4\n  ```\n"
    )
    mended, faults = ran(tmp_path, text)
    assert len(faults) == 1
    assert mended == text.replace("  4\n", "  3\n")


def test_errors_are_said_or_are_faults(tmp_path: Path) -> None:
    said = '```python raises="ValueError"\nprint(1)\nraise ValueError("no")\n```\n\n```text\nValueError: no\n```\n'
    assert ran(tmp_path, said)[1] == []
    (fault,) = ran(tmp_path, "text\n\n```python\nx = 1\nx.gone\n```\n")[1]
    assert "line 5: AttributeError" in fault
    assert "was not" in ran(tmp_path, '```python raises="ValueError"\n1\n```\n')[1][0]
    assert "TypeError" in ran(tmp_path, '```python raises="ValueError"\n1 + ""\n```\n')[1][0]


def test_files_comments_and_await(tmp_path: Path) -> None:
    text = (
        '```python title="mine/words.py"\nWORDS = ("a", "b")\n```\n\n'
        "<!-- python\nimport asyncio\nfrom pathlib import Path\n-->\n"
        '\n```yaml title="mine/set.yml"\nk: 1\n```\n\n'
        "```python\nfrom mine.words import WORDS\n\nawait asyncio.sleep(0)\n"
        "Path('mine/set.yml').read_text(), WORDS\n```\n\n"
        "```text\n('k: 1\\n', ('a', 'b'))\n```\n"
    )
    assert [name for name in sys.modules if name.startswith("mine")] == []
    before = Path.cwd(), dict(os.environ)
    assert ran(tmp_path, text)[1] == []
    assert (Path.cwd(), dict(os.environ)) == before
    assert [name for name in sys.modules if name.startswith("mine")] == []
    assert "outside" in ran(tmp_path, '```python title="../x.py"\n1\n```\n')[1][0]
    assert "behind the language" in ran(tmp_path, '```python skip="x"\n1\n```\n')[1][0]
    assert "behind the language" in ran(tmp_path, "```python notest\n1\n```\n")[1][0]


def test_shell_commands_run(tmp_path: Path) -> None:
    text = (
        "```sh\npip install nothing && python -m toolkit --version\ncitebook --version | tr a-z A-Z\n```\n\n"
        f"```text\ncitebook {toolkit.__version__}\nCITEBOOK {toolkit.__version__.upper()}\n```\n\n"
        '```sh exit="2"\npython -m toolkit nonsense\n```\n'
    )
    assert ran(tmp_path, text)[1] == []
    assert "exit code 2" in ran(tmp_path, "```sh\npython -m toolkit nonsense\n```\n")[1][0]
    assert "exit code 127" in ran(tmp_path, "```sh\nno-such-command\n```\n")[1][0]


def test_a_server_says_what_the_page_tells_it(tmp_path: Path) -> None:
    text = (
        '<!-- python\nmodel.says("one", "two")\n-->\n\n```python\nimport urllib.request, json\n\n'
        "def asked():\n    body = json.dumps({'messages': [{'role': 'user', 'content': 'x'}]}).encode()\n"
        "    with urllib.request.urlopen('http://localhost:8080/v1/chat/completions', body) as reply:\n"
        "        return json.load(reply)['choices'][0]['message']['content']\n\n"
        "asked(), asked(), asked()\n```\n\n```text\n('one', 'two', 'two')\n```\n"
    )
    assert ran(tmp_path, text)[1] == []


def test_nothing_leaves_the_machine(tmp_path: Path) -> None:
    text = (
        "```python\nimport urllib.request\nurllib.request.urlopen('http://{}articles/2025-08-19-us-role.md').status\n"
        "```\n\n```text\n200\n```\n"
    )
    assert ran(tmp_path, text.format("localhost:8000/"))[1] == []
    assert "the network is cut" in ran(tmp_path, text.format("example.org/"))[1][0]
    feed = "```python\nimport toolkit\ntoolkit.Library().add({}).added\n```\n\n```text\n3\n```\n"
    assert ran(tmp_path, feed.format('feed="https://example.org/rss"'))[1] == []


def test_the_tool_writes_what_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\n1 + 1\n```\n\n```text\n```\n")
    assert docs.main([str(page)]) == 1
    assert "--write" in capsys.readouterr().out
    assert page.read_text() == "```python\n1 + 1\n```\n\n```text\n```\n"
    assert docs.main(["--write", str(page)]) == 0
    assert page.read_text() == "```python\n1 + 1\n```\n\n```text\n2\n```\n"
    assert docs.main([str(page)]) == 0
    page.write_text("```python\nnone\n```\n\n```text\n```\n")
    assert docs.main(["--write", str(page)]) == 1


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("from toolkit import Library\nLibrary('n', llm='x', speed=1)", "unexpected keyword argument 'speed'"),
        ("from toolkit import Librarian", "toolkit has no 'Librarian'"),
        ("import toolkit.nothing", "no module"),
        ("import toolkit\ntoolkit.asks", "has no 'asks'"),
        ("import toolkit\nnews = toolkit.Library('n')\nnews.ask('x', kk=3)", "no argument 'kk'"),
        ("import toolkit\nnews = toolkit.Library('n')\nanswer = await news.aask('x')\nanswer.claimss", "no 'claimss'"),
        ("import toolkit\ntoolkit.Library('n').ask('x').to_frames()", "no 'to_frames'"),
        ("news.ask('x')", "'news' comes from nowhere"),
        ("import toolkit\ntoolkit.verify('x')", "missing a required argument"),
    ],
)
def test_code_that_does_not_run_may_speak_only_of_what_exists(code: str, fault: str, tmp_path: Path) -> None:
    ((_, said),) = name_faults(code, {})
    assert fault in said
    assert fault in ran(tmp_path, f'```python notest="x"\n{code}\n```\n')[1][0]


def test_code_that_does_not_run_and_is_right() -> None:
    code = (
        "import boto3\nfrom toolkit import Library, FakeLLM\nfrom toolkit import errors\n"
        "with Library('s3://b/n', storage_options={'endpoint': 'x'}) as news:\n"
        "    answer = news.ask('x', k=3, since='2025-01-01', llm=FakeLLM('y'))\n"
        "    answer.to_frame(), [claim.verdict for claim in answer.claims]\n"
        "    index = Library.from_index(boto3.index)\n    index.search('x', k=3)\n"
        "async def later(what):\n    return await news.aask(what, k=2, publisher='x')\n"
        "try:\n    news.add('x', feed='y')\nexcept errors.ToolkitError as error:\n    print(error)\n"
    )
    assert name_faults(code, {}) == []
