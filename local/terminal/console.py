"""Where the answers for people are printed."""

import rich.console
from rich.markup import escape

from contact_import.reports.masking import escape_control_chars


class Console(rich.console.Console):
    """One whose reader may leave: behind `| head -1` it raises BrokenPipeError, as print does."""

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704  rich calls this while it handles the BrokenPipeError, and would end with 1


def escape_for_terminal(text: str) -> str:
    """Text of a file or of Cellcast for `print`: no markup, and nothing that steers the terminal."""
    return escape(escape_control_chars(text))
