"""Measures how fast imports are: `make bench`. Nothing in here is ever deployed."""

import sys
from pathlib import Path

# The functions' code is no installed package: it is what `sam build` copies out of src/.
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
