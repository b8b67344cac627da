"""``python -m toolkit``: the verbs from a shell; ask, summarize, timeline, compare and prompts are here."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from toolkit import __version__, commands
from toolkit.errors import ArgumentError, ToolkitError

if TYPE_CHECKING:
    from toolkit.types import Answer, Summary, Timeline
    from toolkit.types.comparison import Comparison
    from toolkit.types.preview import Preview


def _started_as() -> str:
    """What was typed to start this, for the help: ``python -m toolkit``, or the command that pip installs."""
    return "python -m toolkit" if os.path.basename(sys.argv[0]) == "__main__.py" else "citebook"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_started_as(),
        description="Cited answers and summaries from your own articles.",
        epilog='Example: %(prog)s ask "Which countries might send troops?" articles/',
    )
    parser.add_argument("--version", action="version", version=f"citebook {__version__}")
    shown = "ask|summarize|timeline|compare|add|sync|watch|changes|briefing|prompts"
    verbs = parser.add_subparsers(dest="verb", required=True, metavar=shown)
    ask = verbs.add_parser("ask", help="answer a question from articles, with citations")
    ask.add_argument("question")
    ask.add_argument("--prompt", default="ask/plain", help="prompt name or .prompty file (default: %(default)s)")
    ask.add_argument("-k", type=int, default=8, help="passages to answer from (default: %(default)s)")
    summarize = verbs.add_parser("summarize", help="sum up articles, with citations")
    summarize.add_argument("--query", help="what about; everything when not given")
    summarize.add_argument(
        "--style",
        default="brief",
        help="brief, bullets, executive, headline, or another prompt summarize/STYLE (default: %(default)s)",
    )
    summarize.add_argument("--length", help="sentences, or words as in '120 words' (default: the style's own)")
    summarize.add_argument("--sentences", type=int, help="another name for --length in sentences")
    timeline = verbs.add_parser("timeline", help="what happened when, with citations")
    timeline.add_argument("--query", help="what about; everything when not given")
    timeline.add_argument("--since", metavar="DAY", help="first day of the events, YYYY-MM-DD")
    timeline.add_argument("--until", metavar="DAY", help="their last day")
    timeline.add_argument("--most", type=int, default=12, help="events at most (default: %(default)s)")
    compare = verbs.add_parser("compare", help="who says what: positions, agreements, contradictions")
    compare.add_argument("query", help="what about")
    compare.add_argument("--by", choices=("publisher", "actor", "article"), default="publisher", help="grouped by")
    compare.add_argument(
        "--prompt", default="compare/position", help="prompt name or .prompty file (default: %(default)s)"
    )
    for verb in (ask, summarize, timeline, compare):
        verb.add_argument("sources", nargs="*", metavar="SOURCE", help="files, folders, globs, URLs, - (stdin)")
        verb.add_argument(
            "--library", metavar="DIR", help="keep the articles in this folder; later calls need no SOURCE"
        )
        commands.add_listings(verb)
        verb.add_argument("--json", action="store_true", help="print the answer as JSON")
        if verb is timeline:  # no model is asked
            verb.set_defaults(llm="none", prompts=None, dry_run=False)
            continue
        verb.add_argument("--llm", help="model name, server URL, .gguf file, or none (default: CITEBOOK_LLM)")
        verb.add_argument("--prompts", metavar="DIR", help="a folder of prompts of your own")
        verb.add_argument(
            "--dry-run", action="store_true", help="send nothing; show what would be sent and what it may cost"
        )
    commands.add_parsers(verbs)
    prompts = verbs.add_parser("prompts", help="list, show or check prompt files")
    prompts.add_argument(
        "action", nargs="?", choices=("list", "show", "check"), default="list", help="what to do (default: %(default)s)"
    )
    prompts.add_argument("names", nargs="*", metavar="PROMPT", help="names such as ask/plain, or .prompty files")
    prompts.add_argument("--prompts", metavar="DIR", help="a folder of prompts of your own")
    return parser


def _prompts(arguments: argparse.Namespace) -> str:
    """List, show or check prompts; what is malformed is told at the end, when the others have been printed."""
    from toolkit import prompts

    folder = arguments.prompts
    names = arguments.names or ([] if arguments.action == "show" else prompts.names(folder))
    if not names:
        raise ArgumentError("say which prompt to show, as in: python -m toolkit prompts show ask/plain")
    failures: list[ToolkitError] = []
    for name in names:
        try:
            found = prompts.check(name, folder)
        except ToolkitError as error:
            failures.append(error)
            continue
        title = f"{found.name}  version {found.version}, {found.hash}"
        if arguments.action == "show":
            print(f"{title}, {found.path}\n\n{found.path.read_text('utf-8-sig')}")
        elif arguments.action == "check":
            print(f"ok  {title}, inputs: {', '.join(found.inputs) or 'none'}")
        else:
            print(
                "\n".join(
                    [title, *textwrap.wrap(found.description, 88, initial_indent="    ", subsequent_indent="    ")]
                )
            )
    for failure in failures[1:]:
        print(f"citebook: {' '.join(str(failure).split())}", file=sys.stderr)
    if failures:
        raise failures[0]
    return ""


def _run(arguments: argparse.Namespace) -> str:
    from toolkit.library import Library
    from toolkit.store.loading import without_pandas

    listings = commands.listings_of(arguments)
    if not arguments.sources and not listings and not arguments.library:
        raise ArgumentError("nothing to read: give files or folders, or --library DIR")
    without_pandas()
    llm: dict[str, Any] = {}
    if arguments.llm is not None:
        llm["llm"] = None if arguments.llm.lower() == "none" else arguments.llm
    with Library(arguments.library, prompts=arguments.prompts, **llm) as news:
        if arguments.verb in ("add", "sync"):
            return commands.fill(news, arguments)
        if arguments.sources or listings:
            report = news.add(*commands.opened(arguments.sources), **listings)
            for failure in report.failed:
                print(f"citebook: left out {failure.source}: {failure.reason}", file=sys.stderr)
        elif not len(news):
            raise ArgumentError(f"{arguments.library}: no library there, or an empty one; give files or folders to add")
        if arguments.verb in commands.VERBS:
            return commands.run(news, arguments)
        options: dict[str, Any] = {"dry_run": True} if arguments.dry_run else {}
        written: Answer | Summary | Preview | Timeline | Comparison
        if arguments.verb == "timeline":
            days = {"since": arguments.since, "until": arguments.until}
            written = news.timeline(arguments.query, most=arguments.most, **days)
        elif arguments.verb == "compare":
            written = news.compare(arguments.query, by=arguments.by, prompt=arguments.prompt, **options)
        elif arguments.verb == "ask":
            written = news.ask(arguments.question, k=arguments.k, prompt=arguments.prompt, **options)
        else:
            options |= {"style": arguments.style, "length": arguments.length, "sentences": arguments.sentences}
            written = news.summarize(arguments.query, **options)
        return written.to_json() if arguments.json else str(written)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit code: 0 also when there is no answer in the articles; 2, with one line on stderr, for errors.
    """
    parsed = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    os.environ.setdefault("LANCE_LOG", "error")  # the store's engine warns about data that is merely unusual
    try:
        said = _prompts(parsed) if parsed.verb == "prompts" else _run(parsed)
        print(said, end="\n" if said else "", flush=True)
    except ToolkitError as error:
        print("citebook: " + " ".join(str(error).split()), file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"citebook: cannot write or read: {error.strerror or error}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except KeyboardInterrupt:
        print("citebook: interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
