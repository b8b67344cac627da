"""Prompt files that are made to do harm: some of the inputs of ``benchmarks/fuzz_prompts.py``, and what it found."""

from __future__ import annotations

import random
import time
from pathlib import Path

import fuzz_prompts
import pytest

from toolkit import prompts
from toolkit.errors import PromptError
from toolkit.prompts.bounded import MOST_CHARACTERS, MOST_SECONDS
from toolkit.prompts.file import LARGEST

DOUBLING = "{% set ns = namespace(x=START) %}{% for i in range(90) %}{% set ns.x = STEP %}{% endfor %}{{ ns.x }}"


def written(folder: Path, template: str, inputs: str = "", head: str = "") -> Path:
    path = folder / "mine.prompty"
    path.write_text(f"---\n{head}\ninputs: {{{inputs}}}\n---\nuser:\nGo. {template}\n", encoding="utf-8")
    return path


def filled(folder: Path, template: str, **inputs: object) -> str:
    path = written(folder, template, ", ".join(f"{name}: {{kind: string}}" for name in inputs))
    return prompts.load(path).render(**inputs)[0].content.removeprefix("Go. ")


@pytest.mark.slow
def test_files_at_random_load_and_fill_in_or_say_why_not():
    outcomes = [fuzz_prompts.check(fuzz_prompts.make(random.Random(f"7/{number}"))) for number in range(250)]
    assert {"not loaded", "cannot be filled in", "filled in"} <= set(outcomes)


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% for i in range(100000) %}" + "y" * 10_000 + "{% endfor %}",
        DOUBLING.replace("START", "'ab'").replace("STEP", "ns.x ~ ns.x"),
        DOUBLING.replace("START", "'ab'").replace("STEP", "ns.x + ns.x"),
        DOUBLING.replace("START", "'ab'").replace("STEP", "ns.x.replace('', ns.x)"),
        DOUBLING.replace("START", "'ab'").replace("STEP", "ns.x.join([ns.x, ns.x])"),
        DOUBLING.replace("START", "'ab'").replace("STEP", "[ns.x, ns.x]|join(ns.x)"),
        DOUBLING.replace("START", "[1]").replace("STEP", "[ns.x, ns.x]"),
        DOUBLING.replace("START", "[1]").replace("STEP", "ns.x|batch(900, ns.x)|list"),
        DOUBLING.replace("START", "[1]").replace("STEP", "dict(a=ns.x, b=ns.x)"),
        "{% set a = [1] %}" + "{% set a = (a, a) %}" * 60 + "{{ a }}",
        "{% set ns = namespace(x='ab') %}" + "{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}" * 60,
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for x in [1] recursive %}{% if loop.depth < 40 %}{{ loop([1, 2]) }}{% endif %}{% endfor %}",
        "{% set a, b = range(100000)|list, range(100000)|list %}{% for i in a %}{% if a == b %}{% endif %}{% endfor %}",
        *("{{ 'x' * 10**10 }}", "{{ [1] * 10**10 }}", "{{ 2**10000000 }}", "{{ 'x'|center(1000000000) }}"),
        *("{{ '%1000000000d'|format(1) }}", "{{ '%1000000000d' % 1 }}", "{{ '{:>1000000000}'.format(1) }}"),
        *("{{ '{:{}}'.format(1, 1000000000) }}", "{{ '%*d' % (1000000000, 1) }}", "{{ 1|round(1000000000, 'ceil') }}"),
        *(
            "{{ [1]|batch(1000000000, 1)|list }}",
            "{{ ['a']|map('center', 1000000000)|list }}",
            "{{ [[1]]|sum(start=[]) }}",
        ),
        "{{ {'a': 1}|tojson(1000000000) }}",
    ],
)
def test_filling_in_ends_soon_and_stays_small(template, tmp_path):
    start = time.thread_time()
    with pytest.raises(PromptError, match="cannot be filled in") as caught:
        filled(tmp_path, template)
    assert time.thread_time() - start < 2 * MOST_SECONDS
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        *(
            "{{ ''.__class__ }}",
            "{{ ''|attr('__class__') }}",
            "{{ cycler.__init__.__globals__ }}",
            "{{ self.__init__ }}",
        ),
        *(
            "{{ q.__len__ }}",
            "{{ q['__class__'] }}",
            "{{ '{0.__class__}'.format(q) }}",
            "{{ ''['\\x5f\\x5fclass__'] }}",
        ),
        *(
            "{{ q.encode() }}",
            "{{ q.zfill(9) }}",
            "{{ q.translate({}) }}",
            "{{ (1).to_bytes(9) }}",
            "{{ [1].append(2) }}",
        ),
    ],
)
def test_there_is_no_way_out_of_the_sandbox(template, tmp_path):
    with pytest.raises(PromptError, match="cannot be filled in"):
        filled(tmp_path, template + "{{ q }}", q="x")


def test_what_templates_are_for_works_as_ever(tmp_path):
    passages = [{"number": n, "text": "word " * 2_000, "date": "2025-08-19"} for n in range(1, 201)]
    loop = (
        "{% for p in ps %}{{ loop.index }}/{{ loop.length }} {{ p.text|truncate(9) }}{{ ', ' ~ p.date }}; {% endfor %}"
    )
    assert filled(tmp_path, loop, ps=passages).startswith("1/200 word..., 2025-08-19; 2/200")
    assert len(filled(tmp_path, "{% for p in ps %}{{ p.text }}{% endfor %}", ps=passages)) == 200 * 2_000 * 5
    assert (
        filled(tmp_path, "{{ '{:,}'.format(12345) }} {{ '%.1f'|format(2) }} {{ 7 * 6 }} {{ 'ab' * 2 }}")
        == "12,345 2.0 42 abab"
    )
    assert (
        filled(tmp_path, "{% for k, v in d.items() %}{{ k }}={{ v }} {% endfor %}{{ [1, (2, 3)] }}.", d={"a": 1})
        == "a=1 [1, (2, 3)]."
    )
    assert (
        filled(tmp_path, "{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(1) }}{{ ['b', 'a']|sort|join('-') }}") == "<1>a-b"
    )
    assert (
        filled(
            tmp_path,
            "{% set ns = namespace(n=0) %}{% for i in range(5) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}",
        )
        == "10"
    )


@pytest.mark.parametrize("template", ["{{ {{}: 1} }}", "{{ [] > 1 }}", "{{ 1[2] }}", "{{ 'x'|abs }}"])
def test_what_python_cannot_work_out_is_an_error_of_the_prompt(template, tmp_path):
    """A dict as the key of a dict once came out as Python's own TypeError."""
    with pytest.raises(PromptError, match=r"mine\.prompty:6: .*cannot be"):
        filled(tmp_path, template)


def test_one_budget_is_for_one_rendering(tmp_path):
    half = "x" * (MOST_CHARACTERS // 2 - 100)
    path = written(tmp_path, "{{ q }}", "q: {kind: string}")
    for _ in range(4):
        assert len(prompts.load(path).render(q=half)[0].content) == len(half) + 4
    with pytest.raises(PromptError, match="more than 10,000,000 characters"):
        prompts.load(written(tmp_path, "{{ q }}{{ q }}{{ q }}", "q: {kind: string}")).render(q=half)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("a: &a [x, x]\ndescription: *a", "alias"),
        ("description: &d [*d]", "alias"),
        ("description: !!python/object/apply:os.system ['true']", "not YAML"),
        ("name: \"\\e[2J\"", "name"),
        ("version: \"1\\e[2J\"", "version"),
        ("description: " + "[" * 30_000, "nested"),
        ("description: " + "x " * 30_000, "longer than"),
    ],
)  # fmt: skip
def test_front_matter_that_is_made_to_harm_is_refused(head, said, tmp_path):
    with pytest.raises(PromptError, match=said) as caught:
        prompts.load(written(tmp_path, "", head=head))
    assert str(caught.value).isprintable()


def test_huge_files_and_endless_turns_are_refused(tmp_path):
    with pytest.raises(PromptError, match="larger than 200,000 bytes"):
        prompts.load(written(tmp_path, "x" * LARGEST))
    with pytest.raises(PromptError, match="more than 200 turns"):
        prompts.load(written(tmp_path, "\nuser:\nx" * 300))
    with pytest.raises(PromptError, match="nested"):
        prompts.load(written(tmp_path, "{% for i in [1] %}" * 30 + "{% endfor %}" * 30))


@pytest.mark.parametrize(
    "name", ["../ask/plain", "ask/../../x", "/etc/passwd", "ask/plain\0", "ask\\plain", "", ".", "a b"]
)
def test_a_name_leads_nowhere_but_into_the_prompts_folders(name):
    with pytest.raises(PromptError):
        prompts.load(name)
