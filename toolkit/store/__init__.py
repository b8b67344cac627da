"""A library on its disk: a table of articles, one of passages, side tables, and notes on what is being written.

:class:`Store` (:mod:`toolkit.store.store`) writes, and its base (:mod:`toolkit.store.reading`) reads; only
:mod:`toolkit.store.engine` uses Lance. What columns mean is in :mod:`~toolkit.store.schema`, what is kept beside the
tables in :mod:`~toolkit.store.notes` and :mod:`~toolkit.store.manifest`, when indexes are built and merged in
:mod:`~toolkit.store.upkeep`. What is known beside articles is declared in :mod:`~toolkit.store.sides`: earlier texts,
the ledger of files, the visits of pages, and the groups of copies.
"""

from __future__ import annotations

from toolkit.store.manifest import is_vacant
from toolkit.store.memory import FoundPassage
from toolkit.store.place import located, read_manifest
from toolkit.store.schema import as_passages_are, fingerprint, indexed_text
from toolkit.store.store import Store

__all__ = [
    "FoundPassage",
    "Store",
    "as_passages_are",
    "fingerprint",
    "indexed_text",
    "is_vacant",
    "located",
    "read_manifest",
]
