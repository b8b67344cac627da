"""The language models of a library: on one meter, with one cache of replies. Each is made when it is first asked."""

from __future__ import annotations

import os
import re
import threading
from typing import TYPE_CHECKING, Any

from toolkit import settings
from toolkit.settings import FROM_ENVIRONMENT, SAME
from toolkit.types import Usage

if TYPE_CHECKING:
    from toolkit.models import Cache, Meter, Model


class Writers:
    """The language models of a library: all on one meter, their replies in one cache.

    Args:
        llm: As given to the Library.
        api_key: For the model's server.
        cache: The cache's file, or None.
        budget_usd: US dollars in all, or None.
        max_calls: Calls in all, or None.
    """

    def __init__(
        self,
        llm: object,
        api_key: str | None,
        cache: str | os.PathLike[str] | None,
        budget_usd: float | None,
        max_calls: int | None,
    ) -> None:
        self._llm: object = settings.setting("CITEBOOK_LLM") if llm is FROM_ENVIRONMENT else llm
        self._api_key = None if api_key is None else settings.Secret(api_key)
        self._cache_file = cache
        self._limits: dict[str, Any] = {"budget_usd": budget_usd, "max_calls": max_calls}
        self._cache: Cache | None = None
        self._meter: Meter | None = None
        self._model: Model | None = None
        self._lock = threading.RLock()

    @property
    def usage(self) -> Usage:
        """Tokens and cost so far."""
        return Usage() if self._meter is None else self._meter.usage

    @property
    def named(self) -> str | None:
        """What the library's own model is called, as far as that is known without asking anybody; None for none."""
        if self._model is not None or self._llm is None:
            return None if self._model is None else self._model.name
        if not isinstance(self._llm, str | os.PathLike):
            return str(getattr(self._llm, "model", None) or type(self._llm).__name__)
        # What stands before a host, or after a question mark, may be a key.
        return re.sub(r"(?<=://)[^/@]*@|[?#].*", "", os.fspath(self._llm))

    def model(self, llm: object = SAME) -> Model | None:
        """The library's own model, or the one that a call names; None for none."""
        with self._lock:
            if llm is not SAME:
                return None if llm is None else self._resolved(llm)
            if self._model is None and self._llm is not None:
                self._model = self._resolved(self._llm)
            return self._model

    def _resolved(self, llm: object) -> Model | None:
        from toolkit.models import Cache, Meter, resolve

        if self._meter is None:
            self._meter = Meter(**self._limits)
        if self._cache is None and self._cache_file is not None:
            self._cache = Cache(self._cache_file)
        key = None if self._api_key is None else self._api_key.reveal()
        return resolve(llm, api_key=key, meter=self._meter, cache=self._cache)

    def close(self) -> None:
        """Close the model's connections and the cache."""
        if self._model is not None:
            self._model.close()
            self._model = None
        if self._cache is not None:
            self._cache.close()
            self._cache = None
