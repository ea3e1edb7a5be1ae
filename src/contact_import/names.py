"""A full name to a first and a last one."""

from nameparser import HumanName


def split(name: str) -> tuple[str, str]:
    """`Dr. Maria van der Berg` → (`Maria`, `van der Berg`); `Smith, John` → (`John`, `Smith`).

    Titles and suffixes are left out; a middle name stays with the first. What cannot be split (one word, words
    that the library cannot place) is the first name, whole.
    """
    if " " not in name and "," not in name:
        return name, ""
    parsed = HumanName(name)
    first = " ".join(part for part in (parsed.first, parsed.middle) if part)
    if not first or not parsed.last:
        return (first or parsed.last) if (parsed.title or parsed.suffix) and (first or parsed.last) else name, ""
    return first, parsed.last
