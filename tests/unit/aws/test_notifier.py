import boto3
import pytest
from botocore.stub import Stubber

from contact_import.aws.notifier import Notifier
from contact_import.errors import EventPublishError


def test_an_event_that_the_bus_does_not_take_is_no_success() -> None:
    bus = boto3.client("events")
    with Stubber(bus) as stub:
        stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]})

        with pytest.raises(EventPublishError):
            Notifier(bus, boto3.client("sns"), "").publish_event({})
