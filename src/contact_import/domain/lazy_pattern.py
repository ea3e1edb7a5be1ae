"""Compile regular expressions at their first use: most imports need few of them, and a cold start waits for none."""

import re
from typing import Any, cast


class _LazyPattern:
    def __init__(self, pattern: str, flags: int) -> None:
        self._source = pattern, flags

    def __getattr__(self, name: str) -> Any:
        # Python calls this only for attributes that are missing. The stored method makes the next call as quick as
        # that of a compiled pattern; `re` caches the pattern itself.
        value = getattr(re.compile(*self._source), name)
        setattr(self, name, value)
        return value


def compile_lazily(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return an object with the methods of a compiled pattern, which compiles itself at its first use."""
    return cast("re.Pattern[str]", _LazyPattern(pattern, flags))
