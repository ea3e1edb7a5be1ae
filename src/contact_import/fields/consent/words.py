"""List the words of headers and labels about consent, folded by `columns.header_match.split_words`."""

SMS_WORDS = frozenset("sms text texts texting txt txts mms".split())
OTHER_CHANNEL_WORDS = frozenset(
    "email emails mail mails e whatsapp whats post postal letter letters call calls calling push fax faxes messenger "
    "web social rcs".split()
)
PHONE_WORDS = frozenset("mobile phone cell cellphone handy msisdn phones mobiles".split())
MARKETING_WORDS = frozenset(
    "marketing market promotional promotions promotion promos promo offers bulk werbung".split()
)
ALERT_WORDS = frozenset("alert alerts news newsletter newsletters updates comms".split())
# One of these words is enough, whatever else the header says.
STRONG_REFUSAL_WORDS = frozenset(
    "unsubscribed unsubscribe unsubscribes unsubscription unsub unsubs blacklisted blacklist blocklisted blocklist "
    "suppressed suppression suppressions optout optouts optedout dnd dnc dncr deceased abgemeldet desinscrit".split()
)
# These are refusals only alone or beside a word for SMS, contact or consent: not `Bus stop`, nor a `Block` of flats.
REFUSAL_WORDS = STRONG_REFUSAL_WORDS | frozenset(
    "blocked block suppress stop stopped excluded exclude declined decline revoked withdrawn refused remove removed "
    "cleaned clean exclusion dod abmeldung gesperrt desinscription desabonne baja complained complaint death died "
    "deleted archived quarantined".split()
)
STRONG_AGREEMENT_WORDS = frozenset(
    "consent consents consented optin optins optedin subscribed subscribe subscription permission permissions "
    "einwilligung consentement consentimiento toestemming".split()
)
AGREEMENT_WORDS = STRONG_AGREEMENT_WORDS | frozenset(
    "accept accepts accepted acceptance agree agrees agreed permitted receive receives allow allows allowed ok okay "
    "happy want wants enabled granted given subscriptions like love contactable join permit opting opt".split()
)
NEGATIONS = frozenset("not dont never non nicht cannot cant".split())
# Between a negation and what it negates: `Do not allow bulk text messages`, `no longer subscribed`.
BETWEEN_WORDS = frozenset(
    "to be been allow send receive wish want currently yet bulk any longer more wants marketing please the me us "
    "via by through further our accept have has".split()
)
REFUSABLE_WORDS = frozenset(
    "contact contacted message messages messaging disturb market sms text texts texting txt phone call use solicit "
    "communication communications communicate approach promo promos promotions offers approached disturbed "
    "marketing".split()
)
CONTACT_WORDS = REFUSABLE_WORDS - {"use"}
# Words of headers about single messages, the wording and origin of a consent, and topics other than marketing.
UNRELATED_WORDS = frozenset(
    "sent count credits last delivery delivered code coupon discount gateway cost ip link url token id ids guid "
    "version language wording description expiry expires expire expiration rate total updated modified changed clicked "
    "opened photo photos media medical treatment cookie cookies terms template segment body content track tracking "
    "colour color".split()
)
# Words for messages that are not marketing, and for consents to something else than contact.
OTHER_PURPOSE_WORDS = frozenset("reminder reminders notification notifications privacy".split())
NUMBER_WORDS = frozenset("number numbers no nr num".split())
HOME_AND_WORK_WORDS = frozenset("home work business company office daytime evening landline fax".split())
# `SMS consent source` is the origin of a consent, not an answer. `Unsubscribe reason` is filled if the person left.
ORIGIN_WORDS = frozenset(
    "source method mode reason campaign comment comments note notes form page wording by user level title type".split()
)
SUBJECT_WORDS = frozenset(
    "is has was been are contact contacts customer client member subscriber recipient person lead patient guest list "
    "user i you we your my c cf hs custom field fields flag the of to from all date given for a an in out us if "
    "boolean bool value status state option choice double single preference preferences gdpr "
    "express explicit inferred implied spam act".split()
)
MOMENT_WORDS = frozenset("at on date datetime time timestamp since when day datum utc am um".split())
# Further words in the header of a date: `consent_recorded_at` dates `consent`.
CHANGE_WORDS = frozenset("collected recorded".split())
STATUS_SUBJECTS = frozenset(
    "contact contacts customer client subscriber lead person list marketing subscription audience "
    "profile recipient user supporter donor patient record".split()
)
REASON_SUBJECTS = frozenset("status inactive inactivity block blocked".split())
# Whole headers of states.
STATUS_HEADERS = frozenset({("status",)})
# Values below `Communication preferences` and `Preferred contact method` name channels, or refuse. A `Marketing
# channel` is where a person was found.
PREFERENCE_WORDS = frozenset("preference preferences comms communications communication marketing werbung".split())
PREFERRED_WORDS = frozenset("contact channel channels communication communications method".split())
PREFERENCE_FILLERS = STATUS_SUBJECTS | frozenset(
    "of for the your my settings setting option options choice choices status sms text preferred".split()
)
# What senders write about SMS that is not an answer of the person.
SMS_THING_WORDS = frozenset(
    "gateway provider tool platform service vendor carrier network keyword group groups tag tags language sender "
    "recipient name names first last number no id address subject note notes comment cost price plan package balance "
    "engagement score revenue clicks length type format campaign flow journey history log activity thread inbox "
    "replied".split()
)
