"""Tags and lists: names that Cellcast puts on every contact of one request."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Labels:
    """Each name once, in the order in which it was first given. `+` joins two sets of labels."""

    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    def __add__(self, other: "Labels") -> "Labels":
        return Labels(_once(self.tags + other.tags), _once(self.lists + other.lists))


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
