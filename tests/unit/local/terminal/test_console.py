"""Text from a file or from Cellcast cannot steer the terminal."""

import io

from local.terminal.console import Console, escape_for_terminal


def test_markup_and_control_characters_are_printed_as_text() -> None:
    screen = io.StringIO()

    Console(file=screen, force_terminal=True, highlight=False, width=80).print(
        escape_for_terminal("[bold]Ann[/] \x1b[2J")
    )

    assert "[bold]Ann[/]" in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()
