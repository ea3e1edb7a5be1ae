"""Runs that die, or are cut off, at every single thing that they do outside of themselves.

`child` is a process that forks one run after the other, `world` what such a run finds around it and what must hold
afterwards; `python -m tests.crashes` (make faults) plays all of it and prints the table.
"""

import local  # noqa: F401  it puts src/ on the path
