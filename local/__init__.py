"""The whole stack on one machine. Nothing in here is ever deployed."""

import sys
from pathlib import Path

# The functions' code is not an installed package: `sam build` copies it from src/.
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
