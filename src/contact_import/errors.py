"""Define the errors that stop an import, a function or a request. A row that cannot be imported is an `Outcome`.

ContactImportError
├── SettingsError               an environment variable has a value that cannot be used
├── BodyError                   the body of an HTTP request cannot be parsed
│   └── BodyContentError        it can be parsed, but the route does not accept its content
├── EventError                  a Lambda event has none of the shapes that the function knows
├── FileError                   the file as a whole cannot be read, or is not a list of contacts
│   └── SourceGoneError         the object was deleted or replaced since its event
├── SecretError                 a secret is missing, empty or has the wrong form
│   └── SecretUnavailableError  Secrets Manager is unavailable: retry later
├── LedgerError                 the bucket or the table does not store what an import must remember
├── KeyDeniedError              Cellcast rejects the API key, or there is no API at its address
├── CanaryRejectedError         Cellcast rejected most of the canary batch: nothing more is sent
├── EndpointUnavailableError    Cellcast is unavailable: retry later
├── UnfinishedError             the time is up, or another run holds the import: retry later
├── StoreUnavailableError       DynamoDB does not answer: the rate limiter continues without it
└── EventPublishError           EventBridge did not take the event of a finished import

A message is one sentence for the person who uploaded the file. It never contains a cell of the file or a key.
The state machine (statemachine/large_file.asl.yaml) matches EndpointUnavailableError, UnfinishedError, KeyDeniedError
and `CanaryRejectedError` by name: rename them there, too.
"""


class ContactImportError(Exception):
    """The base class of all errors that this package raises on purpose. Any other exception is a bug."""


class SettingsError(ContactImportError):
    pass


class BodyError(ContactImportError):
    pass


class BodyContentError(BodyError):
    pass


class EventError(ContactImportError):
    pass


class FileError(ContactImportError):
    pass


class SourceGoneError(FileError):
    pass


class SecretError(ContactImportError):
    pass


class SecretUnavailableError(SecretError):
    pass


class LedgerError(ContactImportError):
    pass


class KeyDeniedError(ContactImportError):
    pass


class CanaryRejectedError(ContactImportError):
    pass


class EndpointUnavailableError(ContactImportError):
    pass


class UnfinishedError(ContactImportError):
    pass


class StoreUnavailableError(ContactImportError):
    pass


class EventPublishError(ContactImportError):
    pass
