"""Runs that die, or are cut off, at every single thing that they do outside of themselves.

`runner` is a process that forks one run after the other. `environment` is what such a run works in, and checks what
must hold afterwards. `python -m tests.crashes` (make faults) plays all of it and prints the table.
"""

import local  # noqa: F401  it puts src/ on the path
