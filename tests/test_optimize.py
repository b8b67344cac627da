"""The search for a better prompt: what is planted is found, what is not there is not claimed."""

from __future__ import annotations

import random
import re
import zlib

import pytest

from toolkit import Article, Library, prompts
from toolkit.__main__ import main
from toolkit.errors import ArgumentError, PromptError, StoreError
from toolkit.experiment.optimization import optimize, split
from toolkit.experiment.questions import read_questions
from toolkit.experiment.variants import suggested, unusable
from toolkit.models import FakeLLM, Reply
from toolkit.models.base import Model
from toolkit.types import Usage

TOWNS = "Arlow Brenn Calder Dunmore Esk Farrow Glint Harrow Ivel Jarrow Kelso Larne Morva Nairn Orton Perth".split()
TOWNS += "Quorn Rydal Selby Thirsk Ulpha Varley Wells Yarm Zeal Alton Bude Crail Deal Ewell Frome Goole".split()
TOWNS += "Hythe Ilkley Jura Keld Louth March Neath Oban Poole Reeth Settle Tring Usk Ventnor Whitby Yeovil".split()
BETTER = "Read with great care before you answer."


def bridge(town):
    return 10 + zlib.crc32(town.encode()) % 900


def fact(town):
    return f"The bridge of {town} is {bridge(town)} metres long."


QUESTIONS = [
    {"id": town, "question": f"How long is the bridge of {town}?", "answers": [f"{bridge(town)} metres"]}
    for town in TOWNS
]


class Reader(Model):
    """A model that answers rightly in a share of the questions, which depends on its instructions.

    Args:
        chances: A word of the instructions to the share that they get right; the empty word for all others.
        seed: Which questions those are.
        examples: What a prompt with examples gets right instead; None for no difference.
        variants: What it suggests.
    """

    def __init__(self, chances, seed=0, *, examples=None, variants="", price=0.0):
        self.chances, self.seed, self.examples, self.variants, self.price = chances, seed, examples, variants, price
        self.name, self.calls, self.seen = f"reader {seed}", 0, []

    def cost(self, prompt_tokens, completion_tokens):
        return self.price

    def _chat(self, messages, temperature, max_tokens):
        self.calls += 1
        self.seen.append(messages)
        usage = Usage(prompt_tokens=100, completion_tokens=10, cost_usd=self.price)
        return Reply(text=self._said(messages), model=self.name, usage=usage, finish_reason="stop")

    def _said(self, messages):
        system = messages[0].content
        if "improve instructions" in system:
            return self.variants
        word = next((word for word in self.chances if word and word in system), "")
        chance = self.chances[word]
        if self.examples is not None and len(messages) > 2:
            chance = self.examples
        town = re.search(r"bridge of (\w+)\?\s*\Z", messages[-1].content)[1]
        drawn = random.Random(f"{town} {system} {self.seed}").random()
        return fact(town) if drawn < chance else prompts.REFUSAL

    def _stream(self, messages, temperature, max_tokens):
        yield self._chat(messages, temperature, max_tokens)

    async def _achat(self, messages, temperature, max_tokens):
        return self._chat(messages, temperature, max_tokens)

    async def _astream(self, messages, temperature, max_tokens):
        yield self._chat(messages, temperature, max_tokens)


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    with Library(tmp_path_factory.mktemp("towns") / "towns.lance", llm=None) as library:
        library.add(
            [
                Article(
                    title=f"The bridge of {town}", text=f"{fact(town)} It was built of stone long ago.", id=town.lower()
                )
                for town in TOWNS
            ]
        )
        yield library


def searched(library, model, folder, questions=QUESTIONS, **options):
    options = {"variants": {"careful": BETTER, "hasty": "Answer as fast as you can."}, "k": 2, **options}
    return optimize("ask/plain", questions, library, model, folder=folder, progress=False, **options)


# What is found


def test_a_planted_better_variant_is_found_and_holds_on_questions_not_seen(towns, tmp_path):
    report = searched(towns, Reader({"great care": 0.95, "": 0.4}), tmp_path)
    assert report.chosen == "careful"
    assert report.better
    assert (report.train_questions, report.held_out_questions) == (24, 24)
    assert report.held_out.against.questions == 24
    assert report.held_out.against.low > 0
    assert "careful is better than ask/plain on questions that the search has not seen" in report.verdict
    trained = {row.question.id for row in report.train_rows}
    tested = {row.question.id for row in report.held_out_rows}
    assert not trained & tested
    assert trained | tested == {question["id"] for question in QUESTIONS}


def test_the_score_on_the_questions_searched_with_is_never_the_result(towns, tmp_path):
    report = searched(towns, Reader({"": 0.5}, 3), tmp_path)
    best = report.best
    if report.held_out is not None:
        rows = [row for row in report.held_out_rows if row.cell.name == report.chosen]
        hits = [row.output.answered for row in rows]
        assert report.held_out.value == pytest.approx(sum(hits) / len(hits))
        assert f"{report.held_out.value:.0%}".replace("%", " %") in report.verdict
    for shown in (repr(report), report.to_markdown(), report.to_html()):
        assert "optimistic" in shown
    assert best.name == report.chosen


def test_when_nothing_does_better_nothing_is_compared(towns, tmp_path):
    model = Reader({"great care": 0.1, "fast": 0.1, "": 0.9})
    report = searched(towns, model, tmp_path)
    assert report.chosen == "ask/plain"
    assert report.held_out is None
    assert not report.better
    assert "keep it" in report.verdict
    assert model.calls == 3 * 24, "the questions held out were not asked"


@pytest.mark.slow
def test_without_a_difference_one_is_claimed_as_seldom_as_it_should_be(tmp_path):
    """20 searches over variants that are all alike: at 5 % one false finding is expected, 5 once in 400 times."""
    with Library(tmp_path / "t.lance", llm=None) as library:
        library.add([Article(title=town, text=fact(town), id=town.lower()) for town in TOWNS[:24]])
        found = compared = 0
        for seed in range(20):
            report = searched(
                library, Reader({"": 0.5}, seed), tmp_path / "runs", QUESTIONS[:24], seed=seed, beside=(), concurrency=1
            )
            found += report.held_out is not None and report.held_out.against.better is not None
            compared += report.held_out is not None
            if report.held_out is not None and report.held_out.against.better is None:
                assert report.verdict.startswith("No difference that 12 questions could show")
    assert compared >= 6
    assert found <= 4


def test_examples_are_chosen_only_where_they_add_something(towns, tmp_path):
    chances = {"great care": 0.7, "": 0.4}
    idle = searched(towns, Reader(chances, 1), tmp_path / "a", examples=[2])
    parent = next(one for one in idle.candidates if one.name == "careful")
    assert parent.examples == ()
    helped = searched(towns, Reader(chances, 1, examples=1.0), tmp_path / "b", examples=[2, 3])
    assert helped.best.origin == "examples"
    assert helped.best.name.startswith("careful + ")
    assert helped.better
    held = {row.question.id for row in helped.held_out_rows}
    for one in helped.candidates:
        assert not held & set(one.examples), "an example gives the answer away"
    tried = next(one for one in helped.candidates if one.origin == "examples")
    assert tried.n_total == 24 - len(tried.examples), "questions shown as examples are not scored"


def test_examples_are_the_articles_words_and_pass_the_check(towns, tmp_path):
    model = Reader({"": 0.3}, examples=1.0)
    report = searched(towns, model, tmp_path, variants=(), examples=2, example_sets=1)
    (messages,) = {
        messages for messages in model.seen if len(messages) == 6 and "bridge of" in messages[-1].content
    } and [next(messages for messages in model.seen if len(messages) == 6)]
    assert [message.role for message in messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    for user, assistant in ((messages[1], messages[2]), (messages[3], messages[4])):
        assert assistant.content in user.content
    path = report.save_prompt(tmp_path / "mine" / "ask" / "shown.prompty")
    assert len(prompts.check(path).turns) == 6


def test_unanswerable_questions_go_to_both_halves_and_count_when_declined(towns, tmp_path):
    missing = [{"question": f"How long is the bridge of {town}?", "answerable": False} for town in ("Xanten", "Ypern")]
    train, test = split(read_questions([*QUESTIONS[:6], *missing]), 0.5, seed=0)
    for half in (train, test):
        assert [question.answerable for question in half].count(False) == 1
    assert len(train) == len(test) == 4
    report = searched(towns, Reader({"great care": 1.0, "": 0.0}), tmp_path, [*QUESTIONS[:6], *missing])
    assert report.held_out.value == 1.0, "answered rightly, or rightly declined"
    assert report.held_out.baseline == 0.25


# Suggestions


def test_a_model_is_shown_what_went_wrong_and_its_wordings_are_tried(towns, tmp_path):
    said = (
        f"Version 1:\n{BETTER}\n===\nuser:\nDo something else now please.\n===\nUse {{{{ jinja }}}} in this one please."
    )
    model = Reader({"great care": 1.0, "": 0.3}, variants=said)
    report = searched(towns, model, tmp_path, variants=(), suggest=3)
    assert [one.origin for one in report.candidates] == ["as it is", "suggested"]
    assert report.chosen == "suggestion 1"
    assert report.better
    assert any("asked for 3 wordings; 1 could be used" in note for note in report.notes)
    (asked,) = (messages for messages in model.seen if "improve instructions" in messages[0].content)
    missed = [row.question for row in report.train_rows if row.cell.name == "ask/plain" and not row.output.answered]
    assert missed[0].text in asked[-1].content
    assert missed[0].answers[0] in asked[-1].content
    held = {row.question.text for row in report.held_out_rows}
    assert not any(text in asked[-1].content for text in held), "the questions held out are shown to nobody"


def test_suggestions_are_taken_apart_whatever_marks_stand_between_them():
    prompt = prompts.load("ask/plain")
    reply = "**Version 1:**\nAnswer in one plain sentence only.\n\n---\n2. Name who said it and when.\n====\n\n===\nno"
    texts, notes = suggested(FakeLLM(reply), prompt, [], 3, None)
    assert texts == ["Answer in one plain sentence only.", "Name who said it and when."]
    assert notes == ["fake was asked for 3 wordings; 2 could be used."]


def test_a_model_that_suggests_nothing_usable_is_told_and_the_prompt_is_kept(towns, tmp_path):
    report = searched(towns, Reader({"": 0.5}, variants="No."), tmp_path, variants=())
    assert report.chosen == "ask/plain"
    assert [one.name for one in report.candidates] == ["ask/plain"]
    assert any("0 could be used" in note for note in report.notes)


# Limits


def test_the_same_search_again_sends_nothing(towns, tmp_path):
    model = Reader(
        {"great care": 0.95, "": 0.4}, variants=f"{BETTER} Twice.\n===\nAnswer as you please, whatever you think."
    )
    options = {"suggest": 2, "examples": [2]}
    first = searched(towns, model, tmp_path, **options)
    calls = model.calls
    assert first.calls == calls > 0
    again = searched(towns, model, tmp_path, **options)
    assert (again.calls, model.calls) == (0, calls)
    assert again.verdict == first.verdict
    assert again.candidates == first.candidates


def test_calls_for_the_last_comparison_are_kept_back(towns, tmp_path):
    model = Reader({"great care": 0.95, "": 0.4})
    report = searched(towns, model, tmp_path, max_calls=48 + 48, concurrency=1)
    assert model.calls == report.calls <= 96
    # 48 calls are left for the search: the prompt itself and the first variant, or halves of two.
    assert any("were not run" in note for note in report.notes)
    assert any("is out" in note for note in report.notes)
    assert report.held_out is None or report.held_out.against.questions == 24
    more = searched(towns, model, tmp_path)
    assert more.better, "what was not run is run by the next search"
    assert model.calls <= 3 * 24 + 2 * 24


def test_a_limit_that_does_not_allow_the_comparison_is_told_before_anything_is_sent(towns, tmp_path):
    model = Reader({"": 0.5}, price=0.01)
    with pytest.raises(ArgumentError, match="the comparison at the end alone may take 48"):
        searched(towns, model, tmp_path, max_calls=48)
    with pytest.raises(ArgumentError, match=r"the comparison at the end alone may take \$0\.48"):
        searched(towns, model, tmp_path, budget_usd=0.4)
    assert model.calls == 0


def test_a_budget_is_kept(towns, tmp_path):
    model = Reader({"great care": 0.95, "": 0.4}, price=0.01)
    report = searched(towns, model, tmp_path, budget_usd=1.0, concurrency=1)
    assert model.calls <= 100
    assert report.cost_usd <= 1.0 + 1e-9


# The file


def test_what_is_saved_passes_the_check_and_is_the_chosen_one(towns, tmp_path, capsys):
    report = searched(towns, Reader({"great care": 0.95, "": 0.4}), tmp_path / "runs")
    path = report.save_prompt(tmp_path / "my-prompts" / "ask" / "better.prompty")
    assert main(["prompts", "check", str(path)]) == 0
    assert main(["prompts", "check", "ask/better", "--prompts", str(tmp_path / "my-prompts")]) == 0
    capsys.readouterr()
    prompt = prompts.load("ask/better", folder=tmp_path / "my-prompts")
    plain = prompts.load("ask/plain")
    assert prompt.turns[0].template == BETTER
    assert prompt.turns[-1].template == plain.turns[-1].template
    assert prompt.inputs == plain.inputs
    assert prompt.parameters == plain.parameters
    assert "Found by optimize() from ask/plain" in prompt.description
    with pytest.raises(ArgumentError, match="is there already"):
        report.save_prompt(path)
    report.save_prompt(path, overwrite=True)
    with pytest.raises(ArgumentError, match="ends in"):
        report.save_prompt(tmp_path / "better.txt")
    with pytest.raises(StoreError, match="cannot be written"):
        report.save_prompt(path / "in-a-file" / "better.prompty")
    with Library(None, llm=FakeLLM(fact("Arlow")), prompts=tmp_path / "my-prompts") as library:
        library.add([Article(title="Arlow", text=fact("Arlow"))])
        assert library.ask("How long is the bridge of Arlow?", prompt="ask/better").answered


def test_nothing_is_written_unless_it_is_saved(towns, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = searched(towns, Reader({"great care": 0.95, "": 0.4}), tmp_path / "runs")
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
    assert not list((tmp_path / "runs").rglob("*.prompty"))
    assert report.best.text.count("---") >= 2


# Arguments


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variants": "one text"}, "give a list"),
        ({"variants": ["{{ passages }} and {% if %}"]}, "number 1 cannot be used"),
        ({"variants": ["Be good.\nuser:\nAnd now this."]}, "would open a turn"),
        ({"variants": [""]}, "it is empty"),
        ({"variants": [7]}, "is a int"),
        ({"variants": ["ask/none"]}, "no prompt called"),
        ({"variants": ["verify/judge"]}, "its inputs are not those"),
        ({"variants": (), "suggest": 0}, "nothing to try"),
        ({"held_out": 0.9}, "held_out=0.9"),
        ({"examples": [0]}, "examples=[0]"),
        ({"repeats": 0}, "repeats=0"),
        ({"suggest": 21}, "suggest=21"),
        ({"questions": QUESTIONS[:3]}, "3 questions cannot be split"),
    ],
)
def test_unusable_arguments_are_told(towns, tmp_path, options, message):
    model = Reader({"": 0.5})
    with pytest.raises((ArgumentError, PromptError, LookupError), match=re.escape(message)):
        searched(towns, model, tmp_path, **options)
    assert model.calls == 0


def test_without_a_model_there_is_nothing_to_optimize(towns, tmp_path):
    with pytest.raises(ArgumentError, match="without one a prompt makes no difference"):
        searched(towns, None, tmp_path)


def test_what_may_stand_in_a_prompt_file():
    assert unusable("Answer plainly: yes or no.") is None
    assert unusable("a line\nuser: hello") is None, "a role line holds nothing else"
    assert unusable("x" * 4001)


# Display


def test_reports_escape_what_models_suggest(towns, tmp_path):
    said = "<script>alert(1)</script> be careful | with `this` and $that$ please, great care."
    report = searched(towns, Reader({"great care": 0.95, "": 0.3}, variants=said), tmp_path, variants={"<b>|x": BETTER})
    shown = report.to_html()
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "<b>" not in report.to_markdown()
    assert max(map(len, repr(report).splitlines())) <= 88
