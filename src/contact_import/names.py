"""A full name to a first and a last one."""

from nameparser import HumanName

_TITLES = frozenset(
    "mr mrs ms miss mx mister dr doctor prof professor sir madam lady lord rev reverend fr herr frau mme mlle monsieur "
    "madame sr sra srta dame master".split()
)
_SUFFIXES = frozenset("jr sr snr jnr esq phd ii iii iv".split())


def split(name: str) -> tuple[str, str]:
    """`Dr. Maria van der Berg` → (`Maria`, `van der Berg`); `Smith, John` → (`John`, `Smith`).

    Titles and suffixes are left out; a middle name stays with the first. What cannot be split (one word, words
    that the library cannot place) is the first name, whole.
    """
    name = name.strip(", ")
    if " " not in name and "," not in name:
        return name, ""
    parsed = HumanName(name)
    first = " ".join(part for part in (parsed.first, parsed.middle) if part)
    if not first or not parsed.last:
        if _are_two_names(words := name.split()):
            return words[0], words[1]
        return (first or parsed.last) if (parsed.title or parsed.suffix) and (first or parsed.last) else name, ""
    return first, parsed.last


def _are_two_names(words: list[str]) -> bool:
    """`Bishop Lee`, `Rae Ra`: the library knows the one as a title, the other as letters behind a name."""
    if len(words) != 2 or "," in words[0] or words[0].casefold().rstrip(".") in _TITLES:
        return False
    is_suffix = words[1].casefold().rstrip(".") in _SUFFIXES or (words[1].isupper() and not words[0].isupper())
    return not is_suffix and "." not in words[0] + words[1]
