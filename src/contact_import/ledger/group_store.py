"""Describe what the ledger needs of the store that holds the states of its commit groups."""

from typing import Protocol


class GroupStore(Protocol):
    """A store with conditional writes: `aws.s3.Bucket`, and `aws.dynamodb.Table` for small deliveries."""

    def read_with_etag(self, key: str, /) -> tuple[bytes, str] | None:
        """Return the body that is stored under a key and the ETag for `put_if_match`, None if there is none.

        The read is consistent: it returns what the last successful write stored.
        """

    def put_if_match(self, key: str, body: bytes, etag: str, /) -> str:
        """Store a body only if the stored one has this ETag ("": if there is none). Return the new ETag.

        Return "" when another body is stored, and also when the outcome of the write is unknown.
        """
