"""Salesforce's outbound messages: SOAP, up to 100 notifications in one."""

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.webhooks.provider import EventId, Provider

_NAMESPACE = b"http://soap.sforce.com/2005/09/outbound"
_ACKNOWLEDGEMENT = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)


def acknowledge(request: HttpRequest) -> HttpResponse | None:
    """Return the envelope without which Salesforce sends a message again for 24 hours."""
    if _NAMESPACE not in request.body:
        return None
    return HttpResponse(200, {"content-type": "text/xml; charset=utf-8"}, _ACKNOWLEDGEMENT)


PROVIDER = Provider(
    "Salesforce",
    event_ids=(
        EventId(
            paths=("Envelope.Body.notifications.Notification.*.Id",),
            required=("Envelope.Body.notifications.Notification",),
        ),
    ),
    secret_names=("session_?id",),
    acknowledge=acknowledge,
)
