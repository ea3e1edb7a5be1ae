"""Build the links of a mail to the files of an import."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote


class ResultLinks(NamedTuple):
    """The links of one import: signed ones with `make_link`, else those of the AWS console.

    `page_address` is the address of the import page, "" for none.
    """

    result: Mapping[str, Any]
    region: str
    make_link: Callable[[str, str], str] | None = None
    link_days: int = 0
    page_address: str = ""

    @property
    def page(self) -> str:
        """Return the link to this import on the import page, which asks for a token; "" without an address."""
        return build_page_link(self.page_address, self.result["import_id"])

    @property
    def note(self) -> str:
        """Return a sentence that says who can open the links."""
        if self.make_link:
            days = f"{self.link_days} {'day' if self.link_days == 1 else 'days'}"
            return f"The links open without a login for {days}. Forward them only to people who may see the contacts."
        return "The links need a login to your AWS account."

    def build(self, key: str) -> str:
        """Return the link to a file with this key in the bucket."""
        if self.make_link:
            return self.make_link(self.result["import_id"], key.rpartition("/")[2])
        return build_console_link(self.result["source"]["bucket"], key, self.region)


def build_page_link(page_address: str, import_id: str) -> str:
    """Return the link to an import on the import page, which asks for a token; "" without an address."""
    base_url = page_address.rstrip("/")
    return f"{base_url}/#import={import_id}" if base_url else ""


def build_console_link(bucket: str, key: str, region: str) -> str:
    """Return the URL of an object in the AWS console, for people with access to the AWS account."""
    base_url = f"https://{region}.console.aws.amazon.com/s3/object/{bucket}"
    return f"{base_url}?region={region}&prefix={quote(key, safe='')}"
