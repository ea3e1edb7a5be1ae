"""Where the answers for people are printed."""

import rich.console


class Console(rich.console.Console):
    """One whose reader may leave: behind `| head -1` it raises BrokenPipeError, as print does."""

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704  rich calls this while it handles the BrokenPipeError, and would end with 1
