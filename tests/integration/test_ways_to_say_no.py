"""Ways to say no to SMS, yes or nothing, as columns of a file: header and value."""

import pytest

from contact_import.contacts.validate import Contact
from tests.unit.contacts.row_validation import validate_rows_of

_ENDINGS = ("006", "156", "157", "158", "159", "110")


def _split(text: str) -> list[tuple[str, str]]:
    pairs = (pair.strip().partition(": ") for line in text.strip().splitlines() for pair in line.split("|"))
    return [(header, value) for header, _, value in pairs]


def _is_sent(header: str, value: str) -> bool:
    """Return whether a person is sent with this value, among others who say nothing."""
    first, other = validate_rows_of(
        ("First name", "Last name", "Mobile", "Email", header),
        ("Ann", "Moss", "0491570006", "ann@example.com", value),
        ("Bo", "Lee", "0491570156", "bo@example.com", ""),
    )
    assert isinstance(other, Contact)
    return isinstance(first, Contact)


@pytest.mark.parametrize(
    ("header", "value"),
    _split("""
        Privacy: Do not contact|Notes: Do not contact|Consent level: None|Consent level: 0|Consent level: Nil
        SMS reminders ok?: no|Text reminders: Off|SMS notifications: FALSE|SMS reminder: 0
        Notes: Customer asked us to remove her from the list|Notes: opted out 3/2/2025|Comments: please don't text
        Remarks: STOP|Remarks: Deceased|Comment: Unsubscribed from SMS|Notes: DNC
        Special instructions: do not call or text|Tags: Do Not Contact|Tags: vip, sms-optout|Tags: unsubscribed
        Labels: DNC|Groups: Unsubscribed|Contact type: Do not contact|Category: Opted out|Segment: Suppressed
        List: Unsubscribed|SMS_OPT_OUT: TRUE|marketing: 0|Marketing: No|Channel: email only|Do Not SMS: 1
        Communication preference: none|Communication preferences: None|opt_out_at: 2025-03-01T08:00:00Z
        Subscriber status: inactive subscriber|Subscriber state: inactive|Email/SMS status: cleaned
        Status: bounced|Status: complained|SMS status: STOPPED|Status: suppressed|Status: Stopped|SMS: ✗|SMS: N
        SMS marketing: ✗|Text: No|Texts?: no|OK to text: ☐|SMS allowed?: Nope|Marketing SMS: Opted-Out
        smsOptIn: false|sms_opt_in: f|Opt in: withdrawn|Opted In: No thanks|Consent: Refused
        Consent: Withdrawn 2025-01-01|Consent to SMS: declined|Marketing Permissions: (none)|Permission: No SMS
        SMS consent: not given|SMS consent: No - email only|Preferred channel: Email only
        Preferred contact method: Do not contact|Contact preference: No contact|Contact preferences: Post only
        How may we contact you?: Email|How would you like to hear from us?: Not at all
        Can we text you?: I'd rather not|May we contact you by SMS?: Absolutely not
        Would you like to receive texts?: Not interested|Do you agree to SMS marketing?: I disagree
        Stay in touch?: No|Keep me updated by SMS: no|I want to receive SMS offers: 0
        Receive promotional texts: never|Subscribed: n|Is subscribed: 0|Active subscriber: No|Newsletter & SMS: No
        Unsubscribed: x|Unsubscribe: Y|Unsubscribe date: 01/03/2025|Date unsubscribed: 1 Mar 2025
        Opt-out timestamp: 1740816000|Opted out on: 20250301|Unsub reason: too many messages|Removed: Yes
        Date removed: 2025-02-02|Blocked: true|Blacklist: 1|DNC flag: Y|DND: ON|Do not disturb: All
        Do Not Contact: ✓|Do not market: checked|No marketing: Yes|No SMS: 1|Exclude from marketing: Yes
        Exclude from SMS: TRUE|Suppress: Y|Suppression reason: STOP keyword|Suppressed at: 2025-01-01 10:00
        Quarantined: yes|Deceased: Yes|Date of death: 2024-05-01|Deceased date: 01/05/2024|Is deceased: 1
        Archived: yes|Is Archived: TRUE|Deleted: 1|deleted_at: 2025-03-01T00:00:00Z|Global opt out: 1
        Marketing opt-out: yes|SMS blocked: true|SMS Undeliverable / opted out: opted out|GDPR consent: No
        Privacy consent: no|Spam Act consent: No|Consent (SMS): 0|Express consent: No|Inferred consent: No
        marketing_consent.sms: denied|smsMarketingConsent.marketingState: NOT_SUBSCRIBED
        SMS Marketing Consent State: redacted|Accepts SMS: no|acceptsSmsMarketing: FALSE
        SMS Subscriber Status: Never subscribed|Subscription: unsubscribed|Membership: Cancelled - do not contact
        Contact allowed: No|Contactable: No|Contactable by SMS: No|Allow contact: 0|Can contact: false
        OK to contact: No|Mobile opt in: no|Mobile consent: N|Mobile marketing: off|Phone marketing consent: No
        Allow texting: No|Text message opt-in: OptedOut|Messaging consent: revoked|Message opt in: No
        messaging_opt_out: 1|Optout: SMS;Email|Opted out channels: SMS|Unsubscribed channels: sms, email
        Unsubscribed from: All|Opt status: OUT|Opt In/Out: Out|Opt-in / Opt-out: Opt-out
        Subscribe/Unsubscribe: Unsubscribe|SMS (Y/N): N|SMS Y/N: n|SMS?: no|Text OK (Y/N): N|SMS Promotions: No
        Marketing SMS: 0|Einwilligung SMS: Nein|Werbung: nein|Consentement SMS: Non|Abgemeldet: ja
        Newsletter/SMS: nein|Toestemming: Nee|Accepte SMS: non|Acepta SMS: no|Sends SMS: no|Receives SMS: No
        Wants SMS: No|Wants texts: no|Likes SMS: no|Reminder SMS: No|Notify by SMS: No|Notify via text: false
        sms_enabled: false|smsEnabled: 0|enable_sms: no|Send SMS reminders: No|Contact via SMS: No
        Contact by text: No|By SMS: No|Via SMS: No|SMS contact: No|SMS preference: None
        SMS preferences: Do not send|Marketing preference: None|Marketing preferences: No marketing
        Marketing preferences: Unsubscribed from all|Customer flag: Do Not Market|Alert: DO NOT CONTACT - legal
        Warning: Do not call!|Account note: Wants no contact|Internal comments: No SMS please
        Description: Deceased 2023|Info: has unsubscribed|Other: leave me alone|Feedback: Take me off your list
        Message: please remove me from your database|Notes: Stop texting me|Notes: NO TEXTS
        Notes: Does not want to be contacted|Notes: Doesn't want SMS|Notes: no longer wishes to receive messages
        Notes: wrong number|Notes: Do not contact before 9am|Notes: Not to be contacted
        Notes: Requested no further contact|Notes: On do not call register|Notes: d.n.c.|Notes: unsubscribe pls
        Notes: OPT OUT|Notes: opt-out via reply 2/3/25
        Text messages?: No thanks|List: Opt Outs|Segment: Unsubscribes|Newsletter: Unsubscribed|Subscription: Cancelled
        Mailing list: Removed|Mailing List: Bounced|On mailing list?: No|List: Removed|Tags: VIP;Removed
        Subscription status: suspended|Subscriber status: lapsed|List status: inactive|Member rating: removed
        Marketing status: unknown|Status: Unconfirmed|Status: transactional|Subscription: Suspended
        Consent expiry: 2024-01-01|Consent valid until: 31/12/2020|Opt-in expires: Mar 1, 2021|Consent expired: Yes
        SMS consent expiry date: soon|consent_expires_at: 2021-03-01T08:00:00Z|Permission end date: 45000
        phone_status: blocked|Phone status: invalid|Mobile status: disconnected|Number status: landline
        phone_status: do not call|SMS status: invalid|Phone valid: No|Valid mobile: FALSE|Cell status: unknown
        Wrong number: yes|Invalid number: x|SMS undeliverable: 1|Bounced: yes|Mobile bounced: 2024-03-01
        Mailing list member: No|DNCR: Yes|STOP received: TRUE|SMS delivery status: failed|Last SMS status: undelivered
        SMS: no thanks|Staff notes: Do Not SMS (see email)|Notes: no longer wants to hear from us|Opt outs: sms
        Mobile active: No|phone_active: 0|Number connected: no|is_mobile_bad: TRUE|Status: Deleted|HLR: dead
        Mobile Subscribed: No|Mobile subscriber status: Suspended|Consent state: lapsed|Opt-out expires: 2099-01-01
        SMS list: Removed|Text club: No|Loyalty SMS: No|SMS error: Landline|SMS error code: 30003|Can't text: yes
        SMS not delivered: yes|SMS incapable: TRUE|Textable: No|Can be texted: No|Mobile contactable: No|Mobile OK: No
        SMS bounced: soft|Lifecycle: Opted-Out|SMS consent: N/A|SMS Bounce: hard|Tags: VIP;Unsubscribed
        Consent level: 0 - none
        Left list on: 3/4/2025|On list: No|Still on list?: N|List membership: Removed|List membership: Opted off
        SMS club: Left|Club status: lapsed|Club status: Resigned|Membership Status: Expired|Member status: Left
        Member until: 30/06/2024|Membership expires: 2020-01-01|Membership renewal due: 2024-01-01
        Date left club: 2024-02-02|Former member: Yes|SMS list left: 2024-06-01|Taken off list: 2 May 2025
        Phone state: disconnected|Lookup status: invalid|Number check: failed|Line status: inactive|Undelivered: Yes
        Carrier check: No such number|Validation result: Unreachable|Reachability: absent|is_reachable: false
        Valid: No|HLR Status: Absent Subscriber|Number health: bad|Phone quality: Bad|validation_errors: TOO_SHORT
        Number deactivated: Yes|Number reassigned: x|Mobile no longer in use: Yes|Status: Undelivered
        Number of SMS failed: 7|SMS failures: 3|Undelivered messages: 5|Failed texts: 12
        SMS subscriber until: 2024-01-01|SMS hard bounces: 4|Membership status: Not renewed
        Phone note: belongs to wife|Whose mobile?: Mum|Mobile belongs to: Daughter|Phone note: disconnected
        Notes: Number disconnected|Notes: Mobile no longer in service|Notes: Left the SMS list 3/3/25
        Consent renewal due: 2024-01-01|Re-consent by: 1 March 2024|Consent valid until: 05/12/2026
        Consent valid until: 23/11/2026|Permission refresh due: 2024-03-01
        Active member: No|Current member?: No|Number works?: No|Mobile current: No|Is mobile correct?: No
        SMS returned: Yes|Not reachable: Yes|Last message failed: Yes|SMS delivery failed: Yes|Opt-in valid: No
        Bounce reason: Unknown subscriber|Phone relationship: Mother|Statut SMS: Désabonné|Estado SMS: dado de baja
        Bemerkung: keine SMS|Remarques: ne pas contacter|Notas: no contactar|Note: non contattare|备注: 请勿联系
        备注: 已故|Tags: 退订|Étiquettes: désabonné|Schlagworte: abgemeldet|비고: 수신거부|Opmerking: niet contacteren
        Notes: RIP|Notes: R.I.P.|Remarks: rip 2023|Comments: Dec'd|Tags: VIP;RIP|Notes: died 3 May
        DOD: 2024-03-03|Status: RIP|Marketing Exclusion: Y|Opt in channel: Email|Record status: Deleted
        Dispoziție SMS: Nu|SMS同意: 否|SMS同意: 不同意|SMS受信: 希望しない|SMS 수신동의: 미동의|Zgoda SMS: Nie
        Werbeeinwilligung: nicht erteilt|Consenso SMS: forse|Do not send list: Yes
    """),
)
def test_a_no_in_any_words_is_held_back(header: str, value: str) -> None:
    assert not _is_sent(header, value)


@pytest.mark.parametrize(
    ("header", "value"),
    _split("""
        Notes: likes no sugar|Notes: Please call before delivery|Notes: no nuts|Notes: Do not ring doorbell
        Notes: Bus stop opposite|Notes: stopped smoking|Comments: No comment|Email status: unsubscribed
        Email opt out: yes|Email marketing: No|Email Opted Out: 1|Newsletter: No|Do not email: yes|Do not mail: 1
        Do not post: 1|Push notifications: off|Receives email reminders: No|WhatsApp opt in: no|Call consent: No
        Consent level: Full|Consent source: Web form
        Consent text: You can opt out at any time. Reply STOP to unsubscribe.|Disclaimer: Reply STOP to opt out
        Last message: Sale now on! Reply STOP to opt out|Unsubscribed: No|Opted out: false|DND: Email
        Do not contact: 0|Status: Active|Status: Customer|Status: Open|SMS: Yes|SMS opt in: ✓|Opt in: 1
        Subscribed: TRUE|Member: No|VIP: No|Smoker: No|Loyalty: none|Allergies: None|Company: Stop Motion Pty Ltd
        Company: The Deceased Estate Lawyers|Occupation: Blacklist analyst|SMS sent: 0|SMS count: 0|Last SMS: none
        SMS credits: 0|SMS delivered: no|Text colour: none|Alt text: no|Spouse status: deceased|Father: Deceased
        Emergency contact: do not contact husband|Lead status: None|Lead status: Lost|Ticket status: Blocked
        Order status: Cancelled|Payment status: declined|Carpet: cleaned|Hard bounces: 0|Unsubscribes: 0
        Deceased: No|Archived: No|Deleted: 0|Blocked: No|Is deleted: false|Notes: never opted out
        Notes: Unsubscribed: no|Notes: has not unsubscribed|Notes: Do not use peanuts|Notes: No email
        Notes: no longer vegan|Notes: text when ready|Notes: Moved from 12 Stop St
        Delivery notes: do not leave at door|Terms accepted: No|Media consent: No|Photo consent: No
        Marketing source: None|Source: None|Campaign: STOP the clock|Course: Text editing: no prior
        Tags: vip, non-smoker|Tags: email-unsubscribed|Groups: Stop Hunger Now|Gender: N|Text: Hello
        SMS opt out: No|Do Not Call: No|Subscribed at: 2025-03-01|Consent date: 2025-03-01
        opt_in_at: 2025-03-01T08:00:00Z|Reminder sent: No|Email reminder: No|Account status: Suspended
        Contact type: None|Category: None|Mailing list: Newsletter|Mailing list: Yes|On mailing list?: Yes
        Subscription status: active|Subscription status: trialing|List status: Subscribed (double opt-in)
        Member rating: 3|Subscription: Gold|Consent expiry: 2099-01-01|Consent valid until: never
        Opt-in expires: 31/12/9999|Consent expired: No|Email consent expiry: 2020-01-01
        phone_status: valid|Phone status: Active|Mobile status: mobile|Number status: OK|SMS status: verified
        Phone valid: Yes|Valid mobile: TRUE|Phone verified: No|Phone type: landline|Home phone status: disconnected
        Mobile active: Yes|is_mobile_bad: FALSE|SMS errors: 0|SMS list: Autumn|Bad debt: Yes|Invalid address: Yes
        Card expiry: 01/2020|Photo consent expiry: 2020-01-01|Offer valid until: 2020-01-01|Guest list: No
        Undeliverable mail: yes|Marketing contact status: Marketing contact|Textable: Yes|Away until: 2020-01-01
        SMS delivery status: delivered|Parcel delivery status: failed|Staff notes: no sugar|SMS: yes please
        Active member: Yes|Number works?: Yes|Mobile current: Yes|SMS returned: No|Not reachable: |Opt-in valid: Yes
        SMS Status: aktiv|Estado SMS: activo|Statut SMS: Abonné|Phone relationship: Self|Withdrawn on: 2024-01-01
        Bemerkung: keine Nüsse|Remarques: ne pas sonner|备注: 老客户|Notes: late payer|Notes: estate agent
        Left list on: 0000-00-00|On list: Yes|List membership: Current|SMS club: Joined|Club status: Current
        Membership Status: Gold|Membership Status: None|Member until: 2099-06-30|Member until: |Club: Left Bank Rowing
        Waiting list: No|Wish list: Removed|Price list: Retail|Membership: Gold|Joined list on: 1/2/2024
        Phone state: connected|Lookup status: 0|Lookup status: valid|Number check: ok|Number check: passed
        Line status: OK|Undelivered: No|HLR Status: DELIVRD|Validation result: reachable|Valid: TRUE
        Reachability: reachable|Line 1 status: Cancelled|Card check: failed|ID check: Expired|Check: failed
        Email validation result: undeliverable|Carrier status: Failed|Check number: 1234|Result: Lost
        Number of SMS failed: 0|SMS failures: 2|Undelivered messages: 0|Failed payments: 7|Failed texts: 1
        Phone note: after 5pm|Whose mobile?: Own|Mobile belongs to: Self|Pet status: Deceased
        Consent renewal due: 2099-01-01|Consent valid until: 25/12/2026|Last consent review: 2020-01-01
        Notes: Likes Rip Curl|Notes: Trip to Bali|Company: RIP|Tags: Rip Curl|Notes: Phone charger died, replaced
        Consent to track: No|SMS provider: No|Dispoziție SMS: 5|SMS同意: 是|SMS同意: 同意する|Consenso SMS: Sì
        Lookup: B-12|Validation: Pending|SMS history: No|SMS replied: No|SMS soft bounces: 0|DNC register: Not listed
        Membership status: Pending renewal|Membership status: On hold|OK to text?: 👍
        SMS subscription type: MARKETING|Notes: Left the lights on|Passed: No
        Order number status: invalid|Wrong number: no|SMS bounced: 0|Bounced: No|Invalid number: 0
    """),
)
def test_a_yes_or_a_word_about_anything_else_is_sent(header: str, value: str) -> None:
    assert _is_sent(header, value)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        # (value, whether the person is sent)
        ("Status", {"Subscribed": 1, "Unsubscribed": 0, "Cleaned": 0, "Inactive": 0, "Transactional": 0, "": 1}),
        ("Status", {"Customer": 1, "Unsubscribed": 0, "Inactive": 1, "Lead": 1}),
        ("Mailing list", {"Active": 1, "Removed": 0, "Bounced": 0, "No": 0, "": 1}),
        ("Mailing list", {"Autumn news": 1, "Removed": 0, "VIP": 1}),
        ("SMS", {"No thanks": 0, "Yes": 1, "": 1}),
    ],
)
def test_a_column_is_read_as_its_values_say(header: str, values: dict[str, int]) -> None:
    people = [("Ann", "Moss", f"0491570{number}", value) for number, value in zip(_ENDINGS, values, strict=False)]

    for ordered in (people, people[::-1]):
        results = validate_rows_of(("First name", "Last name", "Mobile", header), *ordered)
        assert [isinstance(one, Contact) for one in results] == [bool(values[row[3]]) for row in ordered]


@pytest.mark.parametrize(("phone", "is_sent"), [("To", False), ("Destination Number", False), ("Mobile", True)])
def test_the_status_of_a_log_of_messages_is_that_of_the_number(phone: str, is_sent: bool) -> None:
    results = validate_rows_of(
        (phone, "First name", "Delivery Status"),
        ("0491570006", "Ann", "Delivered"),
        ("0491570156", "Bo", "Failed"),
    )

    assert [isinstance(one, Contact) for one in results] == [True, is_sent]


def test_a_mailing_tools_status_counts_beside_a_column_about_sms() -> None:
    results = validate_rows_of(
        ("First name", "Mobile", "SMS consent", "Status"),
        ("Ann", "0491570006", "Yes", "Subscribed"),
        ("Bo", "0491570156", "Yes", "Unsubscribed"),
        ("Cy", "0491570157", "Yes", "Inactive"),
        ("Di", "0491570158", "No", "Subscribed"),
    )

    assert [isinstance(one, Contact) for one in results] == [True, False, False, False]


def test_the_end_of_a_membership_does_not_outrank_a_yes_to_sms() -> None:
    results = validate_rows_of(
        ("First name", "Mobile", "SMS consent", "Membership status", "Member until"),
        ("Ann", "0491570006", "Yes", "Expired", "2024-01-01"),
        ("Bo", "0491570156", "No", "Active", "2099-01-01"),
        ("Cy", "0491570157", "", "Expired", ""),
        ("Di", "0491570158", "", "Active", "2024-01-01"),
    )

    assert [isinstance(one, Contact) for one in results] == [True, False, False, False]


@pytest.mark.parametrize(
    "header", ["Member until", "Consent valid until", "Opt-in expires", "Club status", "Phone note"]
)
def test_a_yes_settles_what_is_unclear(header: str) -> None:
    assert _is_sent(header, "Yes")


def test_a_date_of_withdrawing_beside_a_consent_is_its_end() -> None:
    results = validate_rows_of(
        ("First name", "Mobile", "Consent given", "Withdrawn on"),
        ("Ann", "0491570006", "Yes", ""),
        ("Bo", "0491570156", "Yes", "2025-01-01"),
    )

    assert [isinstance(one, Contact) for one in results] == [True, False]


@pytest.mark.parametrize(
    ("first", "last", "is_sent"),
    [
        ("Ann", "Moss (dec'd)", False),
        ("Bo", "Lee RIP", False),
        ("Estate of Ann", "Moss", False),
        ("Cy", "Rip", True),
        ("CY", "RIP", True),
        ("Di", "Late", True),
    ],
)
def test_a_name_may_say_that_the_person_died(first: str, last: str, *, is_sent: bool) -> None:
    (result,) = validate_rows_of(("First name", "Last name", "Mobile"), (first, last, "0491570006"))

    assert isinstance(result, Contact) is is_sent


def test_a_refused_reminder_does_not_outrank_a_yes_to_marketing() -> None:
    header = ("First name", "Mobile", "SMS Marketing Consent", "SMS Reminder Consent")

    results = validate_rows_of(header, ("Ann", "0491570006", "TRUE", "FALSE"), ("Bo", "0491570156", "", "FALSE"))

    assert [isinstance(one, Contact) for one in results] == [True, False]


def test_gravity_forms_texts_around_a_checkbox_are_no_answers() -> None:
    results = validate_rows_of(
        ("First name", "Mobile", "Offers by SMS (Consent)", "Offers by SMS (Text)", "Offers by SMS (Description)"),
        ("Ann", "0491570006", "Checked", "I agree to get offers by SMS.", "4"),
        ("Bo", "0491570156", "Not Checked", "I agree to get offers by SMS.", "4"),
    )

    assert [isinstance(one, Contact) for one in results] == [True, False]
