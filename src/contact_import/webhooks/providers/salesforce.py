"""Describe the outbound messages of Salesforce: SOAP with up to 100 notifications in one.

https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging_notifications.htm
"""

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
    # A session id in a message opens the organisation's API: it must not be stored.
    secret_names=("session_?id",),
    acknowledge=acknowledge,
)
