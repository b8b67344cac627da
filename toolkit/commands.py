"""The verbs of ``python -m toolkit`` that change a library or make documents: add, sync, watch, changes, briefing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from toolkit.errors import ArgumentError

if TYPE_CHECKING:
    from toolkit.library import Library

VERBS = ("add", "sync", "watch", "changes", "briefing")


class _Part(argparse.Action):
    """Parts of a briefing, in the order in which they are named."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, value: Any, option: str | None = None) -> None:
        parts = [*(getattr(namespace, self.dest) or []), ((option or "").lstrip("-"), value)]
        setattr(namespace, self.dest, parts)


def add_parsers(verbs: Any) -> None:
    """Add the verbs of this module to the subparsers of the command line."""
    add = verbs.add_parser("add", help="put articles into a library")
    sync = verbs.add_parser("sync", help="keep a library in step with folders: add what is new, take out what is gone")
    sync.add_argument("--allow-empty", action="store_true", help="also when a folder has no file left")
    for verb, what in ((add, "files, folders, globs, URLs, - (stdin)"), (sync, "folders or globs")):
        verb.add_argument("sources", nargs="*" if verb is add else "+", metavar="SOURCE", help=what)
        verb.add_argument("--library", metavar="DIR", required=True, help="the folder of the articles")
        verb.add_argument("--workers", type=int, metavar="N", help="processes that read (default: when it pays)")
        verb.set_defaults(llm="none", prompts=None, json=False)
    add_listings(add)
    watch = verbs.add_parser("watch", help="watch a question in a library, or list what is watched")
    watch.add_argument("question", nargs="?", help="in plain words; left out: what is watched is listed")
    watch.add_argument("--off", action="store_true", help="watch it no more")
    watch.set_defaults(sources=[])
    changes = verbs.add_parser("changes", help="add articles, and tell what has become of watched questions")
    changes.add_argument("--since", metavar="DAY", help="compare with what was accepted then, YYYY-MM-DD")
    changes.add_argument("--accept", action="store_true", help="later calls compare with what is shown now")
    briefing = verbs.add_parser("briefing", help="one document, with one list of sources, ready to share")
    for name, metavar in (("ask", "QUESTION"), ("summarize", "QUERY"), ("timeline", "QUERY"), ("compare", "QUERY")):
        briefing.add_argument(f"--{name}", dest="parts", metavar=metavar, action=_Part, help="a part; may be repeated")
    briefing.add_argument("--changes", dest="parts", nargs=0, action=_Part, help="what has become of watched questions")
    briefing.add_argument("--text", dest="parts", metavar="TEXT", action=_Part, help="a paragraph, or '# heading'")
    briefing.add_argument("--title", default="Briefing", help="of the document (default: %(default)s)")
    briefing.add_argument("--out", metavar="FILE", help=".html, .md, .txt or .json; left out: Markdown is printed")
    for verb in (changes, briefing):
        verb.add_argument("sources", nargs="*", metavar="SOURCE", help="files, folders, globs, URLs, - (stdin)")
        add_listings(verb)
    for verb in (watch, changes, briefing):
        verb.add_argument("--library", metavar="DIR", help="the folder of the articles")
        verb.add_argument("--llm", help="model name, server URL, .gguf file, or none (default: CITEBOOK_LLM)")
        verb.add_argument("--prompts", metavar="DIR", help="a folder of prompts of your own")
        verb.add_argument("--json", action="store_true", help="print JSON")


def add_listings(verb: argparse.ArgumentParser) -> None:
    """Add the options that name what lists pages."""
    verb.add_argument("--feed", metavar="URL", action="append", help="add the articles of a feed; may be repeated")
    verb.add_argument("--sitemap", metavar="URL", action="append", help="add the pages of a sitemap or site, the same")
    verb.add_argument("--urls", metavar="FILE", help="add the pages of a file with an address a line")
    verb.add_argument("--limit", type=int, metavar="N", help="pages of one feed or sitemap (default: 1,000)")


def listings_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the command line names by those options, for ``Library.add``; empty when it names nothing."""
    named = {name: value for name in ("feed", "sitemap", "urls") if (value := getattr(arguments, name, None))}
    return named | {"limit": arguments.limit} if named else {}


def opened(sources: Sequence[str]) -> list[Any]:
    """The sources that a command line names; ``-`` is standard input, once."""
    if sources.count("-") > 1:
        raise ArgumentError("- (standard input) can be read once only")
    from toolkit.articles.piped import read_piped

    return [read_piped(sys.stdin.buffer) if source == "-" else source for source in sources]


def fill(news: Library, arguments: argparse.Namespace) -> str:
    """Carry out ``add`` or ``sync``; returns what to print."""
    if arguments.verb == "sync":
        return str(news.sync(*arguments.sources, allow_empty=arguments.allow_empty, workers=arguments.workers))
    return str(news.add(*opened(arguments.sources), workers=arguments.workers, **listings_of(arguments)))


def run(news: Library, arguments: argparse.Namespace) -> str:
    """Carry out one of the verbs; returns what to print."""
    if arguments.verb == "briefing":
        return _briefing(news, arguments)
    if not arguments.library:
        raise ArgumentError("a watched question is kept in a library: give --library DIR")
    if arguments.verb == "watch":
        return _watch(news, arguments)
    found = news.changes(since=arguments.since)
    if arguments.accept:
        news.accept(found)
    return found.to_json() if arguments.json else str(found)


def _watch(news: Library, arguments: argparse.Namespace) -> str:
    import json

    if arguments.off:
        if not arguments.question:
            raise ArgumentError("--off: say which question to watch no more")
        count = news.unwatch(arguments.question)
        return f"{count} {'watch' if count == 1 else 'watches'} removed."
    shown = news.watches() if arguments.question is None else (news.watch(arguments.question),)
    if arguments.json:
        return json.dumps([watch.to_dict() for watch in shown], ensure_ascii=False, indent=2)
    return "\n\n".join(map(str, shown)) or "No question is watched."


def _briefing(news: Library, arguments: argparse.Namespace) -> str:
    from toolkit.briefings import briefing, check_name

    if arguments.out:
        check_name(arguments.out)  # before a model is asked
    if not arguments.library and any(kind == "changes" for kind, _ in arguments.parts or ()):
        raise ArgumentError("--changes: a watched question is kept in a library: give --library DIR")
    made = []
    for kind, value in arguments.parts or [("summarize", None)]:
        made.append(value if kind == "text" else news.changes() if kind == "changes" else getattr(news, kind)(value))
    document = briefing(*made, title=arguments.title)
    if arguments.out:
        return f"Saved: {document.save(arguments.out)}"
    return document.to_json() if arguments.json else document.to_markdown().rstrip("\n")
