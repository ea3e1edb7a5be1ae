"""List the words of headers and keys that name the owner of a record, folded by `header_match.split_words`.

Only words for people who may be the contact are listed. Any other owner is another person, known or not: an SMS that is
not sent does less harm than one to the wrong person.
"""

from contact_import.columns.header_words import (
    FILLER_WORDS,
    HOME_WORDS,
    PHONE_WORDS,
    QUALIFIERS,
    QUESTION_WORDS,
    WORK_WORDS,
)

# The person whom a list, form or event is about.
SUBJECT_WORDS = frozenset(
    "contact contacts customer customers client clients person people lead leads subscriber subscribers member members "
    "attendee attendees guest guests patient patients student students participant participants visitor visitors "
    "applicant applicants resident residents tenant tenants registrant registrants delegate delegates invitee invitees "
    "volunteer volunteers passenger passengers player players camper campers enquirer inquirer requester requestor "
    "submitter respondent prospect prospects caller enrolee candidate candidates shopper ticketholder traveller "
    "traveler learner pupil athlete swimmer dancer consumer kunde kunden cliente clienti klant".split()
)
# The person who pays is the contact, unless the list is about another person.
PAYER_WORDS = frozenset(
    "buyer buyers purchaser purchasers payer payor payers donor donors billing bill invoice booker cardholder".split()
)
# People who are responsible for another person, often a child. They are the contact if that person has no phone.
RESPONSIBLE_WORDS = frozenset(
    "parent parents guardian guardians mother mothers father fathers mum mums mom moms dad dads carer carers caregiver "
    "caregivers holder p1 p2 nominee".split()
)
# Whoever gets a parcel or a present.
RECIPIENT_WORDS = frozenset("recipient shipping delivery delivered deliver ship shipto sa post receiver".split())
# Owners that are other people only if they have a name: `Billing phone` alone is the contact's.
UNNAMED_OWNERS = frozenset("billing bill invoice account accounts".split())
USER_WORDS = frozenset("user users".split())
# Words between or after the owners above: `Parent or Guardian 1`, `Customer's`, `Ship to`, `Customer details`.
LINK_WORDS = frozenset("s or and the a an of for to legal account details detail info information data".split())
# Words that distinguish several values of one person, or describe their notation: they are not owners.
OWN_WORDS = (
    QUALIFIERS
    | QUESTION_WORDS
    | FILLER_WORDS
    | HOME_WORDS
    | WORK_WORDS
    | PHONE_WORDS
    | frozenset(
        "primary main default my our own first last given family middle full legal display known as sur fore name "
        "number numbers num nr contactable international national local formatted raw clean cleaned e164 valid "
        "verified confirmed australian aus au new updated active inactive day daytime evening night weekend after "
        "hours before during time times emailable text texting message messages messaging enabled capable sms mms "
        "landline fixed line direct address addresses mail email e street postal mailing residential date of birth "
        "birthday value type label id key field fields entry form input answer question column code country area "
        "prefix calling dial seu sua tu votre ihr ihre dein deine je jouw no also additional extra second third "
        "third 2nd 3rd 1st one two three four phone1 phone2 best easiest usual correct real actual reachable "
        "reach call back callback".split()
    )
)
# Keys of objects that contain a person's fields but are not owners: the frame of an event, and its things.
FRAME_WORDS = frozenset(
    "data payload object body event events eventdata record records resource entry entries item items value values "
    "result results response responses submission submissions form answers answer fields field properties attributes "
    "attribute content contents details detail info information private public profile profiles traits merges merge "
    "custom customer_fields metadata meta params parameters variables inputs inputs embedded nested current new after "
    "output context analysis call order orders booking bookings reservation appointment registration enrolment "
    "enrollment enquiry inquiry ticket tickets job quote invoice payment donation transaction checkout session cart "
    "subscription message messages conversation notification notifications lead page sobject "
    "envelope document row rows node edges edge core basic personal general standard all main root request query "
    "rawrequest pretty raw json xml webhook hook contactinfo phones phone emails email mobile mobiles telephones "
    "numbers addresses address home work default primary auth identity identities identifiers identifier "
    "communications channels channel preferences consent consents tags lists purchase sale deal opportunity case visit "
    "stay application referral survey quiz poll signup optin optout newsletter update created updated changes change "
    "batch list set collection".split()
)
# Further labels of address books for a person's own numbers.
OWN_PHONE_LABELS = frozenset(
    "custom iphone apple watch google voice grandcentral obscure pref preferred cellular android private school "
    "temporary temp my myself self me trabajo domicilio trabalho maison perso personnel prive privat beruflich dienst "
    "travail principal principale haupt hauptnummer lavoro casa".split()
)
