"""What can be wrong with the world. A bad row is no error: it is an `Outcome`.

ContactImportError
├── SettingsError             an environment variable has a value that cannot be used
├── BodyError                 what was posted is not what it says it is
├── EventError                what woke the function is not an event that it knows
├── FileError                 the file as a whole cannot be a list of contacts
│   └── SourceGoneError       the object is not there any more, or is another one by now
├── SecretError               the secret is missing, empty or not what it should be
│   └── SecretUnavailableError Secrets Manager does not answer: later is better
├── LedgerError               the bucket does not keep what an import must remember
├── KeyDeniedError            Cellcast does not take the key, or there is nothing at its address
├── CanaryRejectedError       Cellcast refused most of the first contacts: nothing more is sent
├── EndpointUnavailableError  Cellcast is unavailable: later is better
├── UnfinishedError           the time is up, or another run is at it: go on later
└── EventPublishError         the event bus does not take the news of an import

A message is one sentence for the person who dropped the file. It never holds a cell of the file or a key.
The state machine tells KeyDeniedError, CanaryRejectedError, EndpointUnavailableError and UnfinishedError apart by
their names.
"""


class ContactImportError(Exception):
    """Everything this package raises by itself."""


class SettingsError(ContactImportError):
    pass


class BodyError(ContactImportError):
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


class EventPublishError(ContactImportError):
    pass
