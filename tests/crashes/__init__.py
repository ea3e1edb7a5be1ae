"""Imports that are killed, or lose their connection, at each of their external effects.

`runner` is a process that forks one run after the other. `environment` holds the services that a run calls, and checks
the laws afterwards. `python -m tests.crashes` (make faults) plays all of it and prints the table.
"""

import local  # noqa: F401  it puts src/ on the path
