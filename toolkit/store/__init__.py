"""The library's folder: two LanceDB tables and a small ``library.json`` that says how they were made."""

from __future__ import annotations

from toolkit.store.lance import Store
from toolkit.store.schema import fingerprint, indexed_text

__all__ = ["Store", "fingerprint", "indexed_text"]
