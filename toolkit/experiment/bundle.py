"""Replay bundles: an experiment in one zip of readable JSON, written here and read from anywhere.

    manifest.json    format, schema, task, baseline, versions, and the SHA-256 of each other file
    questions.jsonl  one question a line
    cells.json       the settings
    prompts.json     the text of each prompt, by its hash
    articles.jsonl   the articles that were retrieved or cited, with the SHA-256 of each text
    rows.jsonl       one row a line: status, error, reply, answer with verdicts, citations and passages by offset
    scores.json      the measures, and the score of each row

A bundle from elsewhere is data and nothing else. Nothing is written to disk, executed, unpickled, rendered as a prompt
or fetched. Its size is bounded while it is read, whatever its header says; a file that does not belong there, a wrong
hash, or a quote that does not stand in its article refuses the whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from toolkit.errors import ArgumentError, SourceError, ToolkitError
from toolkit.experiment.grid import Task
from toolkit.experiment.measures import BUILT_IN, Kind, Measure, measure
from toolkit.experiment.records import (
    Record,
    article_from,
    article_record,
    articles_of,
    cell_from,
    cell_record,
    finite,
    question_from,
    question_record,
    row_from,
    row_record,
)
from toolkit.experiment.results import Named, Results
from toolkit.experiment.summary import check_names
from toolkit.files import write_whole
from toolkit.types import Article, Row

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = "citebook experiment"
SCHEMA = 1
FILES = ("questions.jsonl", "cells.json", "prompts.json", "articles.jsonl", "rows.jsonl", "scores.json")
MOST_BYTES = 512 * 2**20
"""Bytes that a bundle may come to when it is unpacked: chosen to fit into the memory of a small machine."""

MOST_MANIFEST = 2**20
"""Bytes of the manifest, which has a few hundred."""

_BLOCK = 2**20  # bytes that are unpacked at once, before their number is looked at
_SMALLEST = 9  # the level at which zlib takes its time
_TOLD = 200  # characters of an error's own words
_DATE = (1980, 1, 1, 0, 0, 0)  # the same results make the same file
_KINDS = frozenset(get_args(Kind))


# Writing --------------------------------------------------------------------------------------------------------------


def save(results: Results, path: str | os.PathLike[str]) -> Path:
    """Write a bundle; see :meth:`toolkit.experiment.Results.save`."""
    place = Path(path).expanduser()
    place = place if place.suffix else place.with_suffix(".zip")
    files = {name: text.encode("utf-8", "surrogatepass") for name, text in _contents(results).items()}
    manifest = {
        "format": FORMAT,
        "schema": SCHEMA,
        "task": results.task,
        "baseline": results.baseline,
        "environment": dict(results.environment),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"manifest.json": _json(manifest).encode(), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED, _SMALLEST)
    try:
        write_whole(place, packed.getvalue())
    except OSError as error:
        raise SourceError(str(path), f"cannot be written ({error.strerror})") from None
    return place


def _contents(results: Results) -> dict[str, str]:
    articles: dict[str, Article] = {}
    for row in results.rows:
        if row.output is not None:
            articles |= articles_of(row.output)
    names = {cell.prompt.hash: cell.prompt.name for cell in results.cells}
    prompts = [
        {"hash": key, "name": names.get(key, ""), "text": text} for key, text in results.prompts.items() if key in names
    ]
    scores = [
        {
            **_measure_record(one),
            "scores": results.scores(one.name),
            "errors": {str(number): _homeless(error) for number, error in results.raised(one.name).items()},
        }
        for one in results.measures
    ]
    return {
        "questions.jsonl": _lines(map(question_record, results.questions)),
        "cells.json": _json([cell_record(cell) for cell in results.cells]),
        "prompts.json": _json(prompts),
        "articles.jsonl": _lines(map(article_record, articles.values())),
        "rows.jsonl": _lines(map(_without_home, map(row_record, results.rows))),
        "scores.json": _json(scores),
    }


def _measure_record(one: Measure) -> Record:
    names = ("name", "kind", "higher_is_better", "doc", "source", "unit", "pooled", "double")
    return {name: getattr(one, name) for name in names}


def _without_home(record: Record) -> Record:
    """An error may name a file of the user's: not where his home is."""
    error = record["error"]
    return record if error is None else {**record, "error": _homeless(error)}


def _homeless(error: str) -> str:
    return error.replace(str(Path.home()), "~")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _lines(records: Iterable[Record]) -> str:
    # Characters that some readers take for the end of a line are escaped by ensure_ascii alone.
    return "".join(json.dumps(one, ensure_ascii=True, allow_nan=False) + "\n" for one in records)


# Reading --------------------------------------------------------------------------------------------------------------


def load(path: str | os.PathLike[str]) -> Results:
    """Read a bundle; see :meth:`toolkit.Experiment.load`."""
    given = os.fspath(path)
    try:
        with zipfile.ZipFile(Path(given).expanduser()) as archive:
            files = _unpacked(archive, str(given))
    except OSError as error:
        raise SourceError(str(given), f"cannot be read ({error.strerror or error})") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, _zlib_error()) as error:
        raise SourceError(str(given), f"is not a whole zip file ({error}); get it again") from None
    try:
        return _results(files, str(given))
    except ArgumentError as error:
        raise SourceError(str(given), f"cannot be used ({error})") from None
    except ToolkitError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:_TOLD]
        raise SourceError(str(given), f"holds what no bundle holds ({said})") from None


def _zlib_error() -> type[Exception]:
    import zlib

    return zlib.error


def _unpacked(archive: zipfile.ZipFile, given: str) -> dict[str, bytes]:
    """The files of a bundle, each with the hash that the manifest says."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if strange := sorted(set(names) - {*FILES, "manifest.json"}):
        raise SourceError(given, f"is no replay bundle: it holds {strange[0]!r:.80}")
    if missing := sorted({*FILES, "manifest.json"} - set(names)):
        raise SourceError(given, f"is no replay bundle: it holds no {missing[0]}")
    if len(names) != len(set(names)):
        raise SourceError(given, "is no replay bundle: it holds a file twice")
    content = _read(archive, "manifest.json", MOST_MANIFEST, given)
    manifest = _parsed(content, "manifest.json", given)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise SourceError(given, "is no replay bundle: its manifest says something else")
    if manifest.get("schema") != SCHEMA:
        said = manifest.get("schema")
        raise SourceError(given, f"has the schema {said!r:.20}, and this version reads {SCHEMA}; use another version")
    hashes = manifest.get("files")
    files = {"manifest.json": content}
    left = MOST_BYTES
    for name in FILES:
        files[name] = _read(archive, name, left, given)
        left -= len(files[name])
        said = hashes.get(name) if isinstance(hashes, dict) else None
        if hashlib.sha256(files[name]).hexdigest() != said:
            raise SourceError(given, f"{name} is not what it was when the bundle was made: its hash is another")
    return files


def _read(archive: zipfile.ZipFile, name: str, most: int, given: str) -> bytes:
    """One file, read no further than it may be long: what its header says counts for nothing."""
    content = bytearray()
    with archive.open(name) as file:
        while block := file.read(_BLOCK):
            content += block
            if len(content) > most:
                raise SourceError(given, f"{name} is larger than a bundle's files may be ({most >> 20} MB are left)")
    return bytes(content)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _parsed(content: bytes, name: str, given: str) -> Any:
    try:
        return json.loads(content.decode("utf-8", "surrogatepass"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise SourceError(given, f"{name} is not JSON ({type(error).__name__})") from None


def _each(files: Mapping[str, bytes], name: str, make: Callable[[Any], Any], given: str) -> list[Any]:
    """What each line of a file makes."""
    made = []
    for number, line in enumerate(files[name].splitlines(), 1):
        record = _parsed(line, f"{name}, line {number}", given)
        try:
            made.append(make(record))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())[:_TOLD]
            raise SourceError(given, f"{name}, line {number} cannot be used ({said})") from None
    return made


def _results(files: Mapping[str, bytes], given: str) -> Results:
    manifest = _parsed(files["manifest.json"], "manifest.json", given)
    if manifest["task"] not in get_args(Task):
        raise SourceError(given, f"has the task {manifest['task']!r:.40}, which this version does not know")
    questions = {one.id: one for one in _each(files, "questions.jsonl", question_from, given)}
    cells = {one.name: one for one in map(cell_from, _parsed(files["cells.json"], "cells.json", given))}
    articles = {one.id: one for one in _each(files, "articles.jsonl", article_from, given)}
    prompts = dict(_prompt(one, given) for one in _parsed(files["prompts.json"], "prompts.json", given))

    def row(record: Any) -> Row:
        return row_from(record, questions[record["question"]], cells[record["cell"]], articles.__getitem__)

    rows = tuple(_each(files, "rows.jsonl", row, given))
    scored = [_scored(one, len(rows)) for one in _parsed(files["scores.json"], "scores.json", given)]
    check_names([one for one, _, _ in scored])
    baseline = manifest["baseline"]
    asked = {(r.question.id, r.repeat) for r in rows}
    places = {(r.cell.name, r.question.id, r.repeat) for r in rows}
    if not rows or baseline not in cells or not len(rows) == len(places) == len(cells) * len(asked):
        raise SourceError(
            given, "is not whole: not every cell has one row for each question, or the baseline is none of the cells"
        )
    environment = {str(name)[:60]: str(version)[:60] for name, version in manifest["environment"].items()}
    return Results(
        task=manifest["task"],
        rows=rows,
        measures=tuple(one for one, _, _ in scored),
        prompts=prompts,
        baseline=baseline,
        environment=environment,
        scores={one.name: scores for one, scores, _ in scored},
        errors={(number, one.name): error for one, _, errors in scored for number, error in errors.items()},
    )


def _prompt(record: Mapping[str, Any], given: str) -> tuple[str, str]:
    """A prompt's text, which stays text, with the hash that answers carry."""
    text, said = record["text"], record["hash"]
    content = text.encode("utf-8", "surrogatepass")
    if said not in (hashlib.sha256(one).hexdigest()[:12] for one in (content, b"\xef\xbb\xbf" + content)):
        raise SourceError(
            given, f"the text of the prompt {record['name']!r:.60} is not the one with the hash {said!r:.20}"
        )
    return said, text


def _scored(record: Mapping[str, Any], rows: int) -> tuple[Measure, list[float | None], dict[int, str]]:
    """A measure with its scores, and where it raised. One of ours gets its function back, another stays a name."""
    scores = record["scores"]
    if len(scores) != rows:
        raise ValueError("scores are one number or null for each row")
    scores = [None if score is None else finite(score) for score in scores]
    texts = {name: record[name] for name in ("name", "kind", "doc", "source", "unit")}
    truths = {name: record[name] for name in ("higher_is_better", "pooled", "double")}
    if (
        not all(isinstance(one, str) for one in texts.values())
        or texts["kind"] not in _KINDS
        or len(texts["name"]) > 200
    ):
        raise TypeError("a measure has a name and a kind")
    if not all(isinstance(one, bool) for one in truths.values()):
        raise TypeError("a measure's signs are true or false")
    if texts["kind"] == "rate" and any(score not in (None, 0, 1) for score in scores):
        raise ValueError("the scores of a rate are 0 and 1")
    if truths["double"] and texts["kind"] not in ("rate", "share"):
        raise ValueError("only scores from 0 to 1 can weigh twice")
    if texts["kind"] == "share" and any(score is not None and not 0 <= score <= 1 for score in scores):
        raise ValueError("the scores of a share lie between 0 and 1")
    errors = {int(number): error[:500] for number, error in record.get("errors", {}).items()}
    if any(number not in range(rows) or scores[number] is not None for number in errors):
        raise ValueError("a measure raised where it has a score, or on no row")
    made = replace(_by_name(texts["name"]), **texts, **truths)
    return made, scores, errors


def _by_name(name: str) -> Measure:
    try:
        return BUILT_IN.get(name) or measure(name)
    except ToolkitError:
        return Measure(name=name, function=Named(name))
