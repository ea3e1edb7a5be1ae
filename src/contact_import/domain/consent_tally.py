"""Count what the consent columns of an import say, for result.json, the report and `inspect`."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contact_import.domain.consent import Consent, ConsentEvidence

OTHER_VALUES = "(other values)"
# A column of answers has few different values, a column of remarks or dates a different one in each row.
_MAX_VALUES = 50
_MAX_CHARS = 60


@dataclass(slots=True)
class ConsentTally:
    """Counts of rows by verdict, of unclear values, and of each column's values with their verdicts, by header.

    Values after the first 50 of a column are counted together as `OTHER_VALUES`, so that the tally does not grow with
    the file.
    """

    verdicts: Counter[Consent] = field(default_factory=Counter)
    unclear: Counter[str] = field(default_factory=Counter)
    columns: dict[str, Counter[tuple[str, Consent]]] = field(default_factory=dict)

    def add_rows(self, evidence: Iterable[ConsentEvidence]) -> None:
        """Count rows, each by its evidence."""
        for one, count in Counter(evidence).items():
            self.verdicts[one.verdict] += count
            if one.verdict is Consent.UNCLEAR:
                value = f"{one.value} / {one.counter_value}" if one.counter_label else one.value
                _add(self.unclear, value[:_MAX_CHARS], OTHER_VALUES, count)

    def add_value(self, header: str, value: str, verdict: Consent, count: int) -> None:
        """Count a value that `count` cells of a column have."""
        _add(self.columns.setdefault(header, Counter()), (value[:_MAX_CHARS], verdict), (OTHER_VALUES, verdict), count)

    def to_json(self) -> dict[str, Any]:
        """Return the tally in the form of import.json."""
        return {
            "verdicts": dict(self.verdicts),
            "unclear": dict(self.unclear),
            "columns": {
                header: [(value, verdict, count) for (value, verdict), count in values.items()]
                for header, values in self.columns.items()
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ConsentTally":
        """Parse what `to_json` returned."""
        return cls(
            Counter({Consent(verdict): count for verdict, count in value["verdicts"].items()}),
            Counter(value["unclear"]),
            {
                header: Counter({(text, Consent(verdict)): count for text, verdict, count in values})
                for header, values in value["columns"].items()
            },
        )


def _add[K](counter: Counter[K], key: K, other: K, count: int) -> None:
    counter[key if key in counter or len(counter) < _MAX_VALUES else other] += count
