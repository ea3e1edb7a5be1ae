"""report.html: the result on one page that needs no network and runs nothing."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

MEANINGS = {
    "accepted": "Cellcast took the contact.",
    "invalid": "The row cannot be a contact. Correct it in failed.csv and drop that file.",
    "duplicate": "The same number stands in an earlier row of this file. Nothing to do.",
    "opted_out": "The person does not want SMS. Leave it so.",
    "refused": "Cellcast said no, in the words beside it.",
    "unsent": "Nobody answered; the contact is not in. Drop failed.csv again later.",
    "unknown": "The answer never came or made no sense: it may be in. Look there before you drop it again.",
}

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 2rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #8886; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.error { border-left: .3rem solid #c33; padding-left: .8rem; }
"""


def render(result: Mapping[str, Any]) -> str:
    """The page for a result.json's content. Every text in it is escaped."""
    title = f"Import of {result['source']['key']}"
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>",
            f"<h1>{escape(title)}</h1>",
            f"<p>{escape(verdict(result))}</p>",
            f'<p class="error">{escape(result["error"])}</p>' if result["error"] else "",
            _statuses(result["rows"]),
            _table(
                "Reasons",
                ("Status", "Reason", "Rows"),
                _cells(result["reasons"], "status", "reason", "count"),
            ),
            _table(
                "Went in, but",
                ("Field", "What", "Rows", "First row"),
                _cells(result["warnings"], "field", "reason", "count", "first_row"),
            ),
            _table("Words of Cellcast", ("Message",), ((message,) for message in result["messages"])),
            _table("Columns", ("In the file", "Became"), _columns(result["columns"])),
            "</main></body></html>\n",
        )
    )


def verdict(result: Mapping[str, Any]) -> str:
    rows = result["rows"]
    went = "would go in" if result["dry_run"] else "went in"
    return f"{rows['accepted']:,} of {rows['read']:,} contacts {went}."


def _statuses(rows: Mapping[str, int]) -> str:
    shown = ((status, rows[status], meaning) for status, meaning in MEANINGS.items() if rows[status])
    return _table("Rows", ("Status", "Rows", "What it means"), shown)


def _columns(columns: Iterable[Mapping[str, Any]]) -> Iterable[tuple[object, ...]]:
    return ((column["header"], column["field"] or "left out") for column in columns)


def _cells(items: Iterable[Mapping[str, Any]], *names: str) -> Iterable[tuple[object, ...]]:
    return (tuple(item[name] for name in names) for item in items)


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    if not body:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    return f"<h2>{escape(caption)}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f'<td class="number">{value:,}</td>'
    return f"<td>{escape(str(value))}</td>"
