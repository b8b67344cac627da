"""Questions for an experiment: from a list, a DataFrame, or a .jsonl, .csv or .yaml file."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from toolkit.errors import ArgumentError, SourceError
from toolkit.types import Question, Span

FIELDS = ("question", "id", "answers", "answerable", "gold", "reference", "articles", "tags")
"""What a record may hold; only ``question`` is needed, and for a summary not even that."""

MOST = 100_000
"""Questions of one experiment, chosen by eye: a slip, such as the path of a corpus, is told at once."""

_TRUE = frozenset({"true", "yes", "1", "1.0"})
_FALSE = frozenset({"false", "no", "0", "0.0"})
_GOLD_FORMS = ({"quote"}, {"article_id"}, {"article_id", "start", "end"})
_GOLD_KINDS: tuple[tuple[str, type, str], ...] = (
    ("article_id", str, "text"),
    ("quote", str, "text"),
    ("start", int, "whole number"),
    ("end", int, "whole number"),
)
_LARGEST_FILE = 256 * 2**20  # bytes: MOST questions of 2,600 each


def read_questions(source: Any, *, task: str = "ask") -> tuple[Question, ...]:
    """Read and check questions.

    Args:
        source: A list of texts, records (dicts) or Questions; a DataFrame with one question a row; or the path of a
            ``.jsonl``, ``.csv``, ``.yaml`` or ``.yml`` file. Records hold ``question``, and may hold ``id``,
            ``answers`` (strings of which a right answer contains one), ``answerable`` (true or false), ``gold``
            (article ids, quotes, or ``{"article_id": ..., "start": ..., "end": ...}``; in a list of texts, one that is
            an id has no white space), ``reference``, ``articles`` and ``tags``. In a CSV file lists are JSON, or texts
            with ``|`` between them.
        task: ``ask`` or ``summarize``; a summary needs no question.

    Returns:
        The questions, in order, each with an id of its own.

    Raises:
        SourceError: The file cannot be read or parsed; the message names file and line.
        ArgumentError: A record is unusable; the message names record (or file and line) and field.
    """
    found = [_question(record, where, task) for record, where in _records(source)]
    if not found:
        raise ArgumentError("there are no questions: give at least one")
    if len(found) > MOST:
        raise ArgumentError(f"there are {len(found):,} questions; {MOST:,} are the most: split the experiment")
    return _with_ids(found)


def _records(source: Any) -> Iterator[tuple[Any, str]]:
    """Each record, and where it stands."""
    if isinstance(source, (str, os.PathLike)):
        yield from _file(Path(source).expanduser(), source)
        return
    if isinstance(source, Mapping):
        raise ArgumentError("questions= is one record: give a list of them")
    if hasattr(source, "to_dict") and hasattr(source, "columns"):
        rows = source.to_dict("records")
        yield from ((_without_gaps(row), f"row {number}") for number, row in enumerate(rows))
        return
    if not isinstance(source, Iterable):
        raise ArgumentError(f"questions= is a {type(source).__name__}: give a list, a DataFrame or a path")
    yield from ((record, f"question {number}") for number, record in enumerate(source, 1))


def _without_gaps(row: Mapping[Any, Any]) -> dict[Any, Any]:
    """A DataFrame's row without the cells that hold nothing."""
    return {
        name: value.tolist() if hasattr(value, "tolist") else value
        for name, value in row.items()
        if hasattr(value, "__len__") or not (value is None or value != value)
    }


def text_of(path: Path, shown: str, largest: int) -> str:
    """The text of a file of the user's.

    Args:
        path: The file.
        shown: What errors call it.
        largest: Bytes at most.

    Raises:
        SourceError: It is larger, cannot be read, or is not UTF-8.
    """
    try:
        if path.stat().st_size > largest:
            raise SourceError(shown, f"larger than {largest >> 20} MB: split it")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SourceError(shown, f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise SourceError(shown, f"byte {error.start} is not UTF-8; save the file as UTF-8") from None


def _file(path: Path, given: object) -> Iterator[tuple[Any, str]]:
    suffix = path.suffix.lower()
    if suffix not in (".jsonl", ".ndjson", ".csv", ".yaml", ".yml"):
        asked = str(given)
        hint = "; to ask it, put it in a list" if " " in asked.strip() else ""
        raise ArgumentError(f"{asked:.80}: not a .jsonl, .csv or .yaml file of questions{hint}")
    text = text_of(path, str(given), _LARGEST_FILE)
    if suffix in (".jsonl", ".ndjson"):
        return json_lines(text, given)
    return _csv(text, given) if suffix == ".csv" else _yaml(text, given)


def json_lines(text: str, given: object) -> Iterator[tuple[Any, str]]:
    """Each record of a text of one JSON value a line, and where it stands.

    Raises:
        SourceError: A line is not JSON.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line), f"{given}, line {number}"
        except (ValueError, RecursionError) as error:
            said = getattr(error, "msg", "nested too deeply")
            raise SourceError(str(given), f"line {number} is not JSON ({said}); write one record a line") from None


def _csv(text: str, given: object) -> Iterator[tuple[Any, str]]:
    import csv
    import io

    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            where = f"{given}, line {reader.line_num}"
            if None in row:
                raise SourceError(str(given), f"line {reader.line_num} has more cells than the header: quote commas")
            yield {name: _cell(name, value) for name, value in row.items() if value not in (None, "")}, where
    except csv.Error as error:
        raise SourceError(str(given), f"line {reader.line_num} is not CSV ({error})") from None


def _cell(name: str, value: str) -> Any:
    if name in ("answers", "gold", "articles", "tags"):
        if value.lstrip().startswith(("[", "{")):
            try:
                return json.loads(value)
            except ValueError:
                return [value]
        return [part.strip() for part in value.split("|") if part.strip()]
    return value


def _yaml(text: str, given: object) -> Iterator[tuple[Any, str]]:
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"line {mark.line + 1} " if mark is not None else ""
        said = getattr(error, "problem", None) or "not YAML"
        raise SourceError(str(given), f"{at}is not YAML ({said})") from None
    except (ValueError, RecursionError) as error:
        raise SourceError(str(given), f"holds a value that YAML cannot read ({error})") from None
    if isinstance(found, dict) and list(found) == ["questions"] and node is not None:
        node, found = node.value[0][1], found["questions"]
    if not isinstance(found, list) or node is None:
        raise SourceError(str(given), "holds no list of questions; begin each with '- question: ...'")
    for record, entry in zip(found, node.value, strict=True):
        yield record, f"{given}, line {entry.start_mark.line + 1}"


def _question(record: Any, where: str, task: str) -> Question:
    if isinstance(record, Question):
        return _checked(record, where, task)
    if isinstance(record, str):
        return _checked(Question(text=record.strip()), where, task)
    if not isinstance(record, Mapping):
        raise ArgumentError(f"{where}: a {type(record).__name__}; give a text or a record with the field 'question'")
    for name in record:
        if name not in FIELDS:
            near = difflib.get_close_matches(str(name), FIELDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "remove it"
            raise ArgumentError(f"{where}: no field {name!r}; {hint} (there are {', '.join(FIELDS)})")
    reference = _text(record, "reference", where)
    gold = [_gold(one, where) for one in _listed(record.get("gold"), "gold", where)]
    made = Question(
        text=_text(record, "question", where) or "",
        id=_text(record, "id", where) or "",
        answers=_texts(record, "answers", where) + ((reference,) if reference else ()),
        answerable=_truth(record.get("answerable"), where),
        gold=tuple(one for one in gold if not isinstance(one, _Quote)),
        quotes=tuple(one.words for one in gold if isinstance(one, _Quote)),
        articles=_texts(record, "articles", where),
        tags=_texts(record, "tags", where),
    )
    return _checked(made, where, task)


def _checked(question: Question, where: str, task: str) -> Question:
    if task == "ask" and not question.text.strip():
        raise ArgumentError(f"{where}: field 'question' is missing or empty")
    if task == "ask" and question.articles:
        raise ArgumentError(
            f"{where}: field 'articles' is for task='summarize'; choose articles by search={{'ids': ...}}"
        )
    if question.answerable is False and question.answers:
        raise ArgumentError(f"{where}: has answers, and 'answerable' is false; one of them is wrong")
    return question


def _text(record: Mapping[str, Any], name: str, where: str) -> str | None:
    value = record.get(name)
    if value is None:
        return None
    if name == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ArgumentError(f"{where}: field {name!r} is {value!r:.40}; give a text")
    return value.strip()


def _listed(value: Any, name: str, where: str) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, (str, Mapping)):
        return [value]
    if isinstance(value, (list, tuple)):
        return list(value)
    raise ArgumentError(f"{where}: field {name!r} is {value!r:.40}; give a list")


def _texts(record: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    found = _listed(record.get(name), name, where)
    for one in found:
        if not isinstance(one, str) or not one.strip():
            raise ArgumentError(f"{where}: field {name!r} holds {one!r:.40}; give texts")
    return tuple(found)


def _truth(value: Any, where: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise ArgumentError(f"{where}: field 'answerable' is {value!r:.40}; give true or false")


class _Quote(NamedTuple):
    words: str


def _gold(value: Any, where: str) -> Span | str | _Quote:
    if isinstance(value, Span):
        return value
    if isinstance(value, str) and value.strip():
        return _Quote(value.strip()) if len(value.split()) > 1 else value.strip()
    if not isinstance(value, Mapping) or set(value) not in _GOLD_FORMS:
        wanted = "an article id, a quote, {'quote'}, {'article_id'} or {'article_id', 'start', 'end'}"
        raise ArgumentError(f"{where}: field 'gold' holds {value!r:.60}; give {wanted}")
    for name, kind, word in _GOLD_KINDS:
        given = value.get(name)
        if name in value and (not isinstance(given, kind) or isinstance(given, bool) or given == ""):
            raise ArgumentError(f"{where}: field 'gold': {name} is {given!r:.40}; give a {word}")
    if "quote" in value:
        return _Quote(value["quote"].strip())
    if "start" not in value:
        return str(value["article_id"])
    try:
        return Span(**value)
    except ValueError as error:
        raise ArgumentError(f"{where}: field 'gold': {error}") from None


def _with_ids(questions: list[Question]) -> tuple[Question, ...]:
    """Every question with an id; a given one must be its own."""
    taken: set[str] = set()
    done: list[Question] = []
    for question in questions:
        name = question.id
        if name in taken:
            raise ArgumentError(f"two questions have the id {name!r:.60}; give each its own")
        if not name:
            made = json.dumps([question.text, question.articles])
            base = name = hashlib.sha256(made.encode("utf-8", "surrogatepass")).hexdigest()[:10]
            if name in taken:
                raise ArgumentError(
                    f"the question {question.text!r:.60} stands there twice; ask it once, with repeats= for more"
                )
            name = base
        taken.add(name)
        done.append(question if question.id == name else replace(question, id=name))
    return tuple(done)
