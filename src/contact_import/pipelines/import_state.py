"""Keep the state of an import within one run: what the run knows so far, and will report."""

from dataclasses import dataclass, field
from datetime import datetime

from contact_import.aws.events import Upload
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.account import Account
from contact_import.checks.arrival import VerificationResult
from contact_import.columns.detect import Columns
from contact_import.domain.consent_tally import ConsentTally
from contact_import.domain.labels import Labels
from contact_import.fields.birthday import DateOrder
from contact_import.files.table import ReadSummary
from contact_import.ledger.import_config import ImportConfig
from contact_import.ledger.import_identity import ImportIdentity

_NO_ROWS = "The file has a header and no rows below it. Add the contacts, and upload the file again."


@dataclass(slots=True)
class ImportState:
    """The knowledge of one run about its import, which `results.write_results` reports.

    - `error` is why the import failed as a whole, `stop_reason` why nothing more was sent from some point on.
    - `consent` counts the values of the consent columns, None without one; `consent_origin` is the sender and the time
      of a delivery, "" for a file.
    - `is_sandbox` says that the contacts are sent to a simulated Cellcast.
    - `started_by` is the name of the token that started the import, "" for none.
    - `page_address` is the address of the import page, "" for none.
    - `messages` are sentences for the report.
    - `reading` is None until the file has been read.
    """

    identity: ImportIdentity
    started_at: datetime
    labels: Labels = Labels()
    mapping_source: str = ""
    phone_region: str = ""
    mobile_only: bool = True
    date_order: DateOrder = DateOrder.UNKNOWN
    reading: ReadSummary | None = None
    account: Account | None = None
    verification: VerificationResult | None = None
    columns: Columns | None = None
    consent: ConsentTally | None = None
    is_consent_required: bool = False
    consent_origin: str = ""
    is_sandbox: bool = False
    started_by: str = ""
    page_address: str = ""
    messages: list[str] = field(default_factory=list)
    error: str = ""
    stop_reason: str = ""

    @classmethod
    def from_upload(
        cls, upload: Upload, started_at: datetime, *, is_sandbox: bool = False, page_address: str = ""
    ) -> "ImportState":
        """Return the state of a file's import before anything is known but the upload."""
        identity = ImportIdentity.from_upload(upload)
        return cls(identity, started_at, is_sandbox=is_sandbox, page_address=page_address)

    @property
    def header(self) -> tuple[str, ...]:
        """Return the headers of the file's columns, () before the file has been read."""
        return tuple(column.header for column in self.reading.columns) if self.reading else ()

    def apply_config(self, config: ImportConfig) -> None:
        """Set everything that the first run of the import decided."""
        self.labels, self.started_at, self.mapping_source = config.labels, config.started_at, config.mapping_source
        self.phone_region, self.mobile_only = config.phone_region, config.mobile_only
        self.columns, self.date_order = config.layout.columns, config.date_order
        self.consent, self.is_consent_required = config.consent, config.require_consent
        self.started_by = config.started_by
        self.messages.extend(config.messages)

    def set_account(self, account: Account | QueryFailed | None) -> None:
        """Set the account of the API key, or add a message why it is unknown. None means that it was not queried."""
        if isinstance(account, Account):
            self.account = account
        elif account:
            self.messages.append(f"The account could not be read: {account.reason}.")

    def set_verification(self, verification: VerificationResult) -> None:
        """Set the counts of the contacts that arrived."""
        self.verification = verification
        self.messages.extend(verification.messages)

    def set_stop_reason(self, reason: str, *, is_failure: bool) -> None:
        """Set why nothing more was sent. With `is_failure` it is also why the import failed."""
        self.stop_reason = reason
        if is_failure:
            self.error = self.error or reason

    def find_error(self, *, has_rows: bool, has_accepted_rows: bool) -> str:
        """Return why the import failed, "" if it did not.

        An import that stopped fails if no row was accepted. A file without rows fails. A delivery without people does
        not, because a sender's test has none.
        """
        reading_error = self.reading.error if self.reading else ""
        no_rows_error = "" if has_rows or self.identity.source_kind != "s3" else _NO_ROWS
        return self.error or reading_error or ("" if has_accepted_rows else self.stop_reason or no_rows_error)
