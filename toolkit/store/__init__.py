"""A library's place: two Lance tables, side tables, and notes on how they were made and what is being written."""

from __future__ import annotations

from toolkit.store.lance import Store
from toolkit.store.memory import Found
from toolkit.store.place import check_url, read_manifest
from toolkit.store.schema import as_passages_are, fingerprint, indexed_text

__all__ = ["Found", "Store", "as_passages_are", "check_url", "fingerprint", "indexed_text", "read_manifest"]
