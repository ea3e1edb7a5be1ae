"""Match headers to roles. Each block has the headers of one kind of tool."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.header_match import is_excluded_header, is_vague, match_role, rank_phone_header
from contact_import.columns.header_names import HEADER_NAMES
from contact_import.domain.roles import Role

_HEADERS = {
    Role.PHONE: """
        Mobile|MOBILE NUMBER|Mobile No.|mobile_phone|mobilePhone|Mobile*|Mobile #|Mob.|Ph.|Cell Phone|Tel.
        Contact No.|Contact Number|Phone 1 - Value|Primary Phone|Home Phone|Home Phone 2|Business Phone
        Billing Phone|Default Address Phone|Mobile Phone|Phone Number|SMS Phone|SMS|SMS Phone Number
        phone_number|PhoneNumber|MobileNumber|DDINumber|MobilePhone|HomePhone|Mobile Phone Number
        Addr 1 - Phone # 1|Person - Phone|Phone - Work|Attendee Mobile|WhatsApp|Whatsapp Number|msisdn
        What is your mobile number?|Phone number (mobile)|Mobile (required)
        Mobile Number (e.g. 04xx xxx xxx)|Your phone|Handy|Handynummer|Mobiltelefon|Telefon (privat)
        Telefon geschäftlich|Rufnummer|Téléphone|Téléphone mobile|Tél. portable|Téléphone (domicile)
        N° de téléphone|Teléfono|Teléfono móvil|Celular|Número de teléfono|Cellulare|Telefono|Mobiel
        Telefoonnummer|Telemóvel|No Tel|No. Telefon|☎ Contact|📱|Phone (Billing)|Customer Mobile
        Best contact number|Cell #|Daytime Number|Mobile (0400 000 000)|Mobile number e.g. 0400 000 000
        What's your mobile number? (Australian, e.g. 0400 000 000)
    """,
    Role.FIRST_NAME: """
        First Name|FIRSTNAME|first_name|firstName|Given Name|Forename|FNAME|Preferred name
        Attendee first name|Buyer First Name|Person - First name|Contact First Name|First name (required)
        What is your first name?|Vorname|Prénom|Voornaam|Nombre|Primary First Name|Name (First)|1st Name
    """,
    Role.LAST_NAME: """
        Last Name|LASTNAME|last_name|Surname|Family Name|LNAME|Co./Last Name|Billing Last Name
        Attendee Surname|Nachname|Nom de famille|Apellidos|Apellido|Cognome|Achternaam|Name (Last)
        Your surname|Booking Last Name|Invitee Last Name|CnBio_Last_Name
    """,
    Role.FULL_NAME: """
        Name|Full Name|full_name|ContactName|Display Name|Customer Name|Attendee name|Billing Name|Lead Name
        Person - Name*|Name (required)|Your name|Nom complet|Nombre completo|Vollständiger Name|Nama
        What is your name?|First & Last Name|Name (First and Last)|Name, Vorname|Applicant Name|Legal Name
    """,
    Role.EMAIL: """
        Email|E-mail|eMail|EMAIL|Email Address|EmailAddress|E-mail Address|E-mail 1 - Value|Primary Email
        Buyer Email|Your email|Person - Email (Work)|Email 2|E-Mail-Adresse|Adresse e-mail
        Adresse de messagerie|Courriel|Correo electrónico|📧|What is your email address?|Addr 1 - Email
        Secondary Email
    """,
    Role.BIRTHDAY: """
        Birthday|Birth Date|Date of Birth|DOB|D.O.B.|dateOfBirth|Bday|Born|Date of Birth (DD/MM/YYYY)
        Geburtstag|Geburtsdatum|Date de naissance|Fecha de nacimiento|When is your birthday?|Geboortedatum
        When were you born?
    """,
    Role.POSTAL_CODE: """
        Postcode|Post Code|PostalCode|Postal Code|ZIP|Zip Code|ZIP/Postal Code|P/Code|POPostalCode
        Home Postcode|Address Zip|Default Address Zip|Billing Postcode|MailingPostalCode|Address 1 - Zip
        Home ZipCode|Business Postal Code|PLZ|Postleitzahl|Code postal|Code postal (domicile)|Código postal
        What is your postcode?|Addr 1 - Postcode
    """,
    Role.ADDRESS: """
        Address|Street|Street Address|Address Line 1|Address 2|POAddressLine1|Street Address 1|MailingStreet
        Home Street|Default Address Address1|Billing Address 1|Address 1 - Street|Address 1 - Formatted
        Addr 1 - Line 1|Suburb|City|Town|Suburb/Town|Default Address City|POCity|PORegion|State|Province
        State/Province|Business City|Other State|Home Address|Default Address Province Code|Straße
        Straße privat|Ort|Ville (domicile)|Calle|Dirección|Address (Street Address)|What is your address?
        Province/State|Dép/Région (domicile)|Bundesland/Kanton privat|Which suburb do you live in?
        Street address line 1 - Home
    """,
    Role.COUNTRY: """
        Country|Country/Region|POCountry|MailingCountry|Default Address Country Code|Home Country
        Land|Pays|País
    """,
    Role.GENDER: "Gender|Sex|Geschlecht|Género|Sexe|Sex/Gender|What is your gender?",
    Role.TITLE: "Title|Salutation|Name Prefix|Anrede|Civilité",
    Role.TAGS: "Tags|tag|Labels|Group Membership|Categories|Customer Tags",
    Role.LISTS: "List|Lists|Groups|Segment",
    Role.PURCHASE: "Purchase|Last Purchase|Payment Method|Product",
    Role.BIRTH_YEAR: "Birth Year",
    Role.BIRTH_MONTH: "Birth Month",
    Role.BIRTH_DAY: "Birth Day",
    Role.CONSENT: """
        Accepts SMS Marketing|SMS Consent|SMS opt in|SMS Marketing Consent|sms_consent
        Do you agree to receive SMS?|Accepts Marketing|SMS Opt-in Status|Text message consent|Opt In|Consent
        SMS Marketing Status|SMS subscriber status|Accepted SMS marketing|Bulk SMS
    """,
    Role.OPT_OUT: """
        SMS_BLACKLISTED|Opted Out|Unsubscribed|Do Not Call|DoNotCall|Do not SMS|SMS Opt Out|Opted out of SMS
        UNSUB_TIME|Do not contact|SMS Unsubscribed
    """,
    Role.STATUS: "Status|Contact Status|Lead Status|Subscription Status|Member Rating|Inactive Reason",
}
_NOBODYS = """
    Host Email|Owner|Contact owner|Lead Owner|Sales Rep|Company|Company Name|Organisation|Organization - Name*
    Account Name|Business Name|Employer|ad_name|campaign_name|form_name|adset_name|Product Name
    File Name|User Name|Username|Screen Name|Nickname|Middle Name|Maiden Name|Contact Method
    Contact Type|Contact ID|IP|ip_address|IP Address|OPTIN_IP|Id|Customer ID|Record ID
    Number of employees|Order #|Order Number|ABN|Account Number|Membership Number|Invoice No|Fax
    Fax Number|FaxNumber|Home Fax|Business Fax|Addr 1 - Fax #|Télécopie (bureau)|Pager|Pager Number
    Spouse|Spouse Mobile|Partner's phone|Next of kin phone|Emergency contact number
    Emergency Contact Name|Emergency Contact Mobile|Assistant's Phone|Assistant's Name|Manager's Name
    Manager's Mobile|Referrer phone|Referred By|Phone Type|Phone 1 - Type|Phone 1 - Label
    E-mail 1 - Type|E-mail Display Name|EMAIL_BLACKLISTED|Email subscriber status
    Email Subscription Status|Accepts Email Marketing|Email Opt In|Email Opt Out|HasOptedOutOfEmail
    Accepts WhatsApp Marketing|WhatsApp consent|WhatsApp opt in|SMS Sent|Last SMS date
    Email notifications|Notes|Job Title Notes|Website|Phonetic First Name|Given Name Yomi|Timestamp
    Created At|Phone verified|Best time to call|How many phones do you have?
    Partner First Name|Child's date of birth|Loyalty Card Number|Total Spent|_row|_status|_reason|_phone
    0491 570 006|jane.mobile@example.com|mobile 0491 570 156
"""


def _cells(text: str) -> list[str]:
    return [cell.strip() for line in text.strip().splitlines() for cell in line.split("|") if cell.strip()]


@pytest.mark.parametrize(
    ("header", "role"), [(header, role) for role, text in _HEADERS.items() for header in _cells(text)]
)
def test_a_header_that_tools_write_names_its_role(header: str, role: Role) -> None:
    assert match_role(header) is role


@pytest.mark.parametrize("header", _cells(_NOBODYS))
def test_what_is_not_the_contacts_own_names_no_role(header: str) -> None:
    assert match_role(header) is None


@pytest.mark.parametrize(
    "header", ["Number", "No", "Contact", "SMS", "Customer Number", "Client No.", "May we phone you?", "Person"]
)
def test_a_header_that_may_mean_anything_is_vague(header: str) -> None:
    assert is_vague(header)


@pytest.mark.parametrize("header", ["Mobile", "Phone 1 - Value", "Customer Phone", "Email Address", "First Name"])
def test_a_known_spelling_is_not_vague(header: str) -> None:
    assert not is_vague(header)


def test_phones_rank_mobiles_first_and_work_last() -> None:
    headers = ["Work Phone", "Home Phone", "Phone", "WhatsApp", "Business Mobile", "Mobile"]

    assert sorted(headers, key=rank_phone_header) == headers[::-1]


@pytest.mark.parametrize("header", ["Order Number", "Customer ID", "Spouse", "Fax", "_phone", "IP", "Amount"])
def test_a_decoy_is_never_guessed_from_its_values(header: str) -> None:
    assert is_excluded_header(header)


@given(
    st.sampled_from([(spelling, role) for role, text in HEADER_NAMES.items() for spelling in text.split("|")]),
    st.sampled_from(["{}", " {}* ", "\ufeff{}", "{}:", "🔥 {}", "({})", "-- {} --"]),
    st.sampled_from([str.upper, str.lower, str.title, lambda text: text.replace(" ", "_")]),
)
def test_case_and_punctuation_do_not_matter(pair: tuple[str, Role], around: str, change: Callable[[str], str]) -> None:
    spelling, role = pair

    assert match_role(around.format(change(spelling))) is role


@given(st.text())
def test_any_header_has_an_answer(header: str) -> None:
    assert match_role(header) in {None, *Role}


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Mobile Country Code", Role.PHONE_COUNTRY),
        ("Dial Code", Role.PHONE_COUNTRY),
        ("Phone prefix", Role.PHONE_COUNTRY),
        ("Country calling code", Role.PHONE_COUNTRY),
        ("MobileAreaCode", Role.AREA_CODE),
        ("Area Code", Role.AREA_CODE),
        ("Country Code", Role.COUNTRY),
        ("Post code", Role.POSTAL_CODE),
    ],
)
def test_a_code_beside_a_number_is_no_number(header: str, role: Role) -> None:
    assert match_role(header) is role


@pytest.mark.parametrize("phone", ["Mobile", "Mobile number", "Phone", "Cell phone", "WhatsApp number"])
@pytest.mark.parametrize(
    "sentence",
    [
        "(we will text you when your order is ready)",
        "(with country code)",
        "- we only ring if you're late",
        "so that the driver can reach you about the delivery of your invoice",
        "including country code, no spaces please",
    ],
)
def test_a_header_that_begins_with_a_phone_is_one_whatever_its_sentence_says(phone: str, sentence: str) -> None:
    assert match_role(f"{phone} {sentence}") is Role.PHONE


@pytest.mark.parametrize(
    "header",
    [
        "Mobile (of your partner, if you have one)",
        "Phone of the emergency contact",
        "Mobile for your parent",
        "Mobile (so we can reach your mum)",
        "Phone of a neighbour",
        "Mobile (if we have to call your teacher)",
        "Mobile for your brother or sister",
    ],
)
def test_a_phone_of_someone_else_stays_so_in_a_sentence(header: str) -> None:
    assert match_role(header) is None


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Email ID (Email IDs)", Role.EMAIL),  # ERPNext's child tables
        ("Mobile No (Mobile Nos)", Role.PHONE),
        ("First Name (First Name)", Role.FIRST_NAME),
    ],
)
def test_a_label_repeated_in_brackets_is_one(header: str, role: Role | None) -> None:
    assert match_role(header) is role
