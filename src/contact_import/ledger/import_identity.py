"""Identify the import that a run works on: its id, its source, and the place of its results."""

from dataclasses import dataclass

from contact_import.aws.events import Upload
from contact_import.domain import object_keys


@dataclass(frozen=True, slots=True)
class ImportIdentity:
    """The parts of an import that its event alone determines, so that every run of it finds the same ledger.

    `source_kind` is `s3` for a file and `webhook` for a submission, in which the key of `upload` is the path of the
    request. `results_prefix` ends with a slash.
    """

    upload: Upload
    import_id: str
    results_prefix: str
    is_dry_run: bool = False
    source_kind: str = "s3"

    @classmethod
    def from_upload(cls, upload: Upload) -> "ImportIdentity":
        """Identify the import of an uploaded file."""
        import_id = upload.import_id
        prefix = object_keys.make_results_prefix(upload.key, import_id)
        return cls(upload, import_id, prefix, object_keys.is_dry_run(upload.key))

    @property
    def result_key(self) -> str:
        """Return the key of result.json, which is written last: an import that has it is finished."""
        return f"{self.results_prefix}result.json"
