"""Read the parts of a workbook: XML files in a ZIP. Anyone may have written them, so each size is limited."""

import lzma
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from contact_import.errors import FileError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_PART_BYTES = 4 * 1024**3  # a full sheet (1,048,576 rows) of 30 columns has 1.3 GB of XML
_MAX_SMALL_PART_BYTES = 16 * 1024**2  # of the list of sheets and the formats of cells, which are read as a tree
_BLOCK_BYTES = 64 * 1024
_MAX_TAG_BYTES = 8 * 1024**2  # expat keeps an unfinished tag in memory
DAMAGED = "The workbook is damaged; open it in Excel, save it as Excel Workbook (.xlsx) again and upload that."
TOO_LARGE = "The workbook is too large; save the sheet as CSV UTF-8 and upload that."
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, KeyError)


class Parts:
    """The parts of one workbook. It owns the spooled upload (`resources`), which `close` or the collector removes."""

    def __init__(self, archive: zipfile.ZipFile, resources: ExitStack) -> None:
        self._archive = archive
        self.names = frozenset(archive.namelist())
        self.close = weakref.finalize(self, resources.close)

    def measure_position(self, name: str, bytes_read: int) -> int:
        """Return the bytes of the upload that correspond to `bytes_read` of a part: for the progress, approximately."""
        share = bytes_read / max(self._archive.getinfo(name).file_size, 1)
        return int(min(share, 1) * sum(one.compress_size for one in self._archive.infolist()))

    def read_blocks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a part. Raise FileError for one that is missing, damaged or too large."""
        size = 0
        with _explain_damage(), self._archive.open(name) as part:
            while block := part.read(_BLOCK_BYTES):
                size += len(block)
                if size > MAX_PART_BYTES:
                    raise FileError(TOO_LARGE)
                yield block

    def parse_small(self, name: str) -> "Element":
        """Return the root element of a small part. Its tags have no namespaces. Raise FileError as `read_blocks`."""
        from xml.etree.ElementTree import TreeBuilder  # noqa: PLC0415  most uploads are not workbooks

        builder = TreeBuilder()
        reader = MarkupReader(self.read_blocks(name), start=builder.start, end=builder.end, text=builder.data)
        while reader.parse_block():
            if reader.bytes_read > _MAX_SMALL_PART_BYTES:
                raise FileError(TOO_LARGE)
        return builder.close()


@contextmanager
def _explain_damage() -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise FileError(DAMAGED) from error


class MarkupReader:
    """A parser of one part, block by block. It calls its handlers with tags without namespace and prefix.

    It uses expat itself, because a tree of a million rows does not fit into memory. Expat reads no external entities.
    A document type, which is the place where entities are declared, is refused: so no entity expands without limit
    (owasp.org, "XML External Entity Prevention").
    """

    def __init__(
        self,
        blocks: Iterator[bytes],
        *,
        start: Callable[[str, dict[str, str]], object],
        end: Callable[[str], object],
        text: Callable[[str], object],
    ) -> None:
        self._blocks = blocks
        self.bytes_read = 0
        self._is_finished = False
        # Workbooks use two namespaces (ECMA-376 transitional and strict) and any prefix. Each name is cut only once.
        self._local_names: dict[str, str] = {}
        from xml.parsers import expat  # noqa: PLC0415

        self._markup_error = expat.ExpatError
        parser: Any = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, attributes: start(self._strip_namespace(name), attributes)
        parser.EndElementHandler = lambda name: end(self._strip_namespace(name))
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _refuse_document_type
        self._parser = parser

    def parse_block(self) -> bool:
        """Parse the next block and call the handlers. Return False at the end. Raise FileError for damaged XML."""
        if self._is_finished:
            return False
        block = next(self._blocks, b"")
        self._is_finished = not block
        self.bytes_read += len(block)
        try:
            self._parser.Parse(block, not block)
        except (self._markup_error, ValueError) as error:
            raise FileError(DAMAGED) from error
        if self.bytes_read - self._parser.CurrentByteIndex > _MAX_TAG_BYTES:
            raise FileError(DAMAGED)
        return bool(block)

    def _strip_namespace(self, name: str) -> str:
        if (local := self._local_names.get(name)) is None:
            local = name.rpartition(" ")[2]
            if len(self._local_names) < 1000:
                self._local_names[name] = local
        return local


def _refuse_document_type(*_declaration: object) -> None:
    raise FileError(DAMAGED)
