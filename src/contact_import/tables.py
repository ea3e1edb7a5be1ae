"""A file as a table: what was understood of it, and its rows of data."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import BinaryIO

from contact_import.archives import unpack
from contact_import.cells import is_ours, unprotect
from contact_import.columns import Columns, understand
from contact_import.errors import FileError
from contact_import.rows import Dialect, Row, read_rows, sniff
from contact_import.text import Text, read_text

_SAMPLE_LINES = 1000
_SAMPLE_ROWS = 200
