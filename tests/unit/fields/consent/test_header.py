"""Recognise consent headers. An overlooked one is a message to a person who refused it."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.header_match import split_words
from contact_import.fields.consent.header import classify_consent_header, is_negated, split_joined_word
from contact_import.fields.consent.kinds import ConsentKind


def _headers(text: str) -> list[str]:
    return [header for line in text.strip().splitlines() for header in line.strip().split("|")]


@pytest.mark.parametrize(
    "header",
    _headers("""
        Accepted SMS marketing|Promotional Texts|Bulk SMS|Marketing: SMS|Marketing (SMS)|Receive Marketing SMS
        mobile_opt_in|Mobile marketing|Phone marketing consent|Permission to market|Receive promotions|can_text
        Consents to SMS|SMS Enabled|SMS status|Text subscription status|Happy to receive texts?|$consent_timestamp
        Consent to marketing by|subscribed_at|OPTIN_TIME|smsoptin|SMSOptIn__c|Can we text you?|Opt-in date
    """),
)
def test_a_header_that_asks_for_consent(header: str) -> None:
    assert classify_consent_header(split_words(header)) is ConsentKind.CONSENT


@pytest.mark.parametrize(
    "header",
    _headers("""
        SMS Opt Out|Do not allow Text Messages|No Text Messages|SMS Suppression|Decline SMS|Remove from SMS list
        Don't text|Don't contact|Is Unsubscribed|Exclude from marketing|Opted out of marketing|HasOptedOutOfSMS
        Do Not Phone|donotphone|Not subscribed|No longer subscribed|et4ae5__HasOptedOutOfMobile__c|phone_blacklisted
        et4ae5__hasoptedoutofmobile__c|Member opt out date|Do not contact since|unsubscribed_at|Unsubscribed Mode
        UNSUB_REASON|Deceased|Deceased Date|Consent withdrawn|sms_blocklisted|Contact: SMS Opt Out|donotsms
    """),
)
def test_a_header_under_which_yes_is_a_no(header: str) -> None:
    assert classify_consent_header(split_words(header)) is ConsentKind.OPT_OUT


@pytest.mark.parametrize(
    "header",
    _headers("Status|Customer status|Lead Status|Contact status|Record status|Inactive Reason|Status Reason"),
)
def test_a_header_of_a_state(header: str) -> None:
    assert classify_consent_header(split_words(header)) is ConsentKind.STATUS


@pytest.mark.parametrize(
    "header",
    _headers("""
        SMS reminders ok?|Text reminders|sms_notifications|Reminder SMS|Notify via text|By SMS|SMS consent source|Texts?
        Text messages?|Subscription
        Consent level|Opt-in method|Privacy consent|Parental consent|Consent text|Keep me updated by SMS
        Stay in touch?|Mailing list
        How may we contact you?|Communication preferences|Preferred contact method|Marketing|On mailing list?
        How would you like to hear from us?|SMS reminder preferences|Member rating|Join our mailing list
    """),
)
def test_a_header_of_which_only_the_no_counts(header: str) -> None:
    assert classify_consent_header(split_words(header)) is ConsentKind.PREFERENCE


@pytest.mark.parametrize(
    "header",
    _headers("""
        Subscription status|Subscriber status|Active subscriber|Marketing status|List status|Mailing list status
        Audience status|subscriptionState|phone_status|Mobile status|Number status|Phone 2 status|Cell phone status
        Phone valid|Is mobile valid?|phone_is_valid|Valid mobile|Phone validation result|hlr_status|Mobile deliverable
        Phone state|Lookup status|Number check|Line status|Carrier check|Validation result|Reachability|is_reachable
        Number health|Valid
    """),
)
def test_a_header_of_the_state_of_a_subscription_or_number(header: str) -> None:
    assert classify_consent_header(split_words(header)) in (ConsentKind.STATE, ConsentKind.LOOKUP)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        *((header, ConsentKind.MEMBERSHIP) for header in _headers("Club status|Membership Status|Member status")),
        *(
            (header, ConsentKind.FAULT_COUNT)
            for header in _headers("Number of SMS failed|SMS failures|Failed messages")
        ),
        *((header, ConsentKind.NUMBER_NOTE) for header in _headers("Phone note|Whose mobile?|Mobile belongs to")),
        *((header, ConsentKind.HINT) for header in _headers("Dispoziție SMS|SMS prezentare")),
    ],
)
def test_a_header_of_a_membership_a_count_a_note_or_a_hint(header: str, kind: ConsentKind) -> None:
    assert classify_consent_header(split_words(header)) is kind


@pytest.mark.parametrize(
    "header",
    _headers("""
        Consent expiry|Consent valid until|Consent valid to|Opt-in expires|SMS consent expiry date|consent_expires_at
        Consent expired|smsConsentExpiresAt|Permission end date|Marketing consent expiration|Opted in until
        SMS subscription ends|Consent lapses on|Consent renewal due|Re-consent by|Opt-in renew by|Consent review date
        Member until|Membership expires|Membership End Date
    """),
)
def test_a_header_of_the_end_of_a_consent(header: str) -> None:
    assert classify_consent_header(split_words(header)) is ConsentKind.EXPIRY


@pytest.mark.parametrize(
    "header",
    _headers("""
        SMS bounced|Mobile bounced|phone_bounced|Bounced|Undeliverable|SMS undeliverable|Invalid number|Wrong number
        Invalid mobile|number_disconnected|SMS bounce reason|Bad phone?|Mobile bounce date|Undelivered|Unreachable
        Number deactivated|Mobile no longer in use|Number not in service|validation_errors
    """),
)
def test_a_header_of_an_unusable_number(header: str) -> None:
    assert classify_consent_header(split_words(header)) is ConsentKind.OPT_OUT


@pytest.mark.parametrize(
    "header",
    _headers("""
        Phone type|Home phone status|Order number status|Ticket number status|Phone verified|Subscription end date
        Email consent expiry|Token expiry|Email bounced|Phone call status|Mobile app status
        Mobile|Contact No|Notes|Accepts Email Marketing|Email opt out|WhatsApp consent|SMS gateway
        Last SMS date|SMS sent|Marketing source|Bus stop|Withdrawn|(Do Not Modify) Contact|Non-member
        Do Not Email|Do not allow Bulk Emails|Unsubscribe link|OPTIN_IP|Photo consent|SMS delivered|Button text|Context
        How did you hear about us?|Mobile for SMS reminders|Email reminders|Text colour|Membership level|Source level
        Line 1 status|Check number|Waiting list|Guest list|Price list|Carrier status|Email validation result|Check
        Card check|ID check|SMS provider|Field 7|Last consent review|Parcel undelivered reason code
        HasOptedOutOfEmail|Email hard bounce reason|Payment status|Order status|No. of SMS sent
    """),
)
def test_a_header_that_says_nothing_about_sms(header: str) -> None:
    assert classify_consent_header(split_words(header)) is None


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        *(
            (header, ConsentKind.CONSENT)
            for header in _headers(
                "SMS同意|同意接收短信|营销同意|簡訊同意|SMS配信同意|SMS受信|"
                "SMS 수신동의|마케팅 수신 동의|문자 수신 동의 여부|"
                "Đồng ý nhận SMS|Đồng ý nhận tin nhắn|SMS-Einwilligung|Zustimmung SMS|SMS erlaubt|Werbeeinwilligung|"
                "Werbeerlaubnis|Accepte de recevoir des SMS|Autorisation SMS|Acepta recibir SMS|Acepta publicidad|"
                "Consenso SMS|Consenso marketing|Accetta SMS|SMS toestemming|Akkoord SMS|Aceita receber SMS|Zgoda SMS|"
                "Zgoda marketingowa|Согласие на SMS|SMS-samtycke|SMS izni|Setuju menerima SMS|SMS सहमति|ยินยอมรับ SMS"
            )
        ),
        *(
            (header, ConsentKind.OPT_OUT)
            for header in _headers(
                "退订|配信停止|수신거부|Hủy đăng ký|"
                "Keine Werbung|Abgemeldet am|Verstorben|Werbesperre|Widerspruch Werbung|"
                "Désabonné|Refuse les SMS|Opposition prospection|Ne pas contacter|No contactar|Fecha de baja|"
                "Disiscritto|Non contattare|Uitgeschreven|Afgemeld op|Niet contacteren"
            )
        ),
        *(
            (header, None)
            for header in _headers(
                "Refuse collection day|Bus stop opposite|Pedido cancelado|"
                "メール配信同意|邮件营销同意|Planta baja|Kontakt|住所|Zustimmung E-Mail"
            )
        ),
    ],
)
def test_a_header_in_another_language(header: str, kind: ConsentKind | None) -> None:
    assert classify_consent_header(split_words(header)) is kind


_PREFIXES = st.sampled_from(["", "cf_", "hs_", "et4ae5__", "Contact: ", "Member ", "custom field "])
_SUFFIXES = st.sampled_from(["", "__c", " (Custom)", " flag", "?", " date", "_at"])
_REFUSALS = st.sampled_from(
    [
        ("sms", "opt", "out"),
        ("opted", "out", "of", "sms"),
        ("do", "not", "sms"),
        ("do", "not", "text"),
        ("sms", "unsubscribed"),
        ("sms", "blocklisted"),
        ("has", "opted", "out", "of", "mobile"),
        ("do", "not", "contact"),
    ]
)
_AGREEMENTS = st.sampled_from(
    [
        ("sms", "opt", "in"),
        ("accepts", "sms", "marketing"),
        ("sms", "consent"),
        ("can", "receive", "sms"),
        ("allow", "sms"),
        ("text", "permission"),
        ("sms", "subscribed"),
        ("opted", "in", "to", "sms"),
    ]
)
_STYLES: dict[str, Callable[[Sequence[str]], str]] = {
    "words": " ".join,
    "snake": "_".join,
    "joined": "".join,
    "upper": lambda words: " ".join(words).upper(),
    "title": lambda words: " ".join(words).title(),
    "camel": lambda words: "".join(word.title() for word in words),
    "constant": lambda words: "_".join(words).upper(),
}


@given(_PREFIXES, _REFUSALS, _SUFFIXES, st.sampled_from(sorted(_STYLES)))
def test_a_refusal_in_any_dress(prefix: str, words: tuple[str, ...], suffix: str, style: str) -> None:
    header = f"{prefix}{_STYLES[style](words)}{suffix}"

    assert classify_consent_header(split_words(header)) is ConsentKind.OPT_OUT


@given(_PREFIXES, _AGREEMENTS, _SUFFIXES, st.sampled_from(sorted(_STYLES)))
def test_an_agreement_in_any_dress(prefix: str, words: tuple[str, ...], suffix: str, style: str) -> None:
    header = f"{prefix}{_STYLES[style](words)}{suffix}"

    assert classify_consent_header(split_words(header)) is ConsentKind.CONSENT


@given(
    st.sampled_from(["modify", "edit", "delete", "trade", "email", "fax"]),
    st.sampled_from("Contact Phone Name".split()),
)
def test_a_negation_never_means_the_thing_negated(verb: str, thing: str) -> None:
    words = split_words(f"(Do Not {verb.title()}) {thing}")

    assert is_negated(words)
    assert classify_consent_header(words) is None


def test_a_joined_word_is_split_only_where_all_of_it_is_known() -> None:
    assert split_joined_word("donotsms") == ("do", "not", "sms")
    assert split_joined_word("smsnumber") == ("smsnumber",)
    assert split_joined_word("context") == ("context",)
