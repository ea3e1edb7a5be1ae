"""Regular expressions that are compiled when they are first used: most files need few of them."""

import re
from typing import Any, cast


class _LazyPattern:
    def __init__(self, pattern: str, flags: int) -> None:
        self._source = pattern, flags

    def __getattr__(self, name: str) -> Any:
        # Kept here, so that each method costs this call once. `re` itself keeps the pattern.
        value = getattr(re.compile(*self._source), name)
        setattr(self, name, value)
        return value


def compile_lazily(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that is compiled at its first use."""
    return cast("re.Pattern[str]", _LazyPattern(pattern, flags))
