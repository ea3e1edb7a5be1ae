"""List the words of answers about SMS: yes, no, leaving, channels, and those beside them."""

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.consent.words import OTHER_CHANNEL_WORDS, SMS_WORDS

# Words of cells in lower case, with their accents.
YES_WORDS = frozenset(
    "yes y true t 1 on x checked ticked ja oui si sí sim da да tak はい 是 active granted accepted accepts accept "
    "allow agreed agree confirmed consented consent enabled yep yeah ok okay sure allowed given explicit express "
    "subscribed subscribe optin optedin permitted wahr vrai verdadero aktiv activo actif attivo actief aktywny "
    "abonné angemeldet suscrito iscritto "
    "ingeschreven aangemeld erteilt sì ναι evet ya có oo 是的 "  # noqa: RUF001
    "已同意 同意 同意する 同意します 希望する 接收 예 네 동의 동의함 수신동의 نعم ใช่ हाँ ✓ ✔ ✅ ☑ 👍".split()
)
NO_WORDS = frozenset(
    "no n false f 0 off nein non nee não nao nej nei nie нет いいえ 否 never declined denied rejected disabled none "
    "inactive nope nil falsch faux falso refused disagree unchecked unticked nunca jamais όχι hayır tidak không "  # noqa: RUF001
    "hindi nu ne 不 不同意 未同意 拒绝 拒絕 不接收 同意しない 希望しない 拒否 아니오 아니요 미동의 거부 수신거부 لا "
    "ไม่ नहीं ✗ ✘ ❌ ☐ 👎".split()
)
NEGATIONS = frozenset(
    "not dont doesnt didnt wont never cannot cant non nicht refuse refuses decline declines without rather".split()
)
# Words for leaving. In a status they count wherever they are.
LEAVING_WORDS = frozenset(
    "unsubscribed unsubscribe unsubscribes unsub optout optedout cleaned dnc dnd blacklisted blacklist blocklisted "
    "blocklist blocked suppressed suppression revoked withdrawn stop stopped complained complaint spam deceased dead "
    "died bounced bounce archived redacted abgemeldet désinscrit désabonné disiscritto uitgeschreven afgemeld "
    "wypisany 退订 退訂 已退订 수신거부 配信停止 baja nonsubscribed notsubscribed neversubscribed rip decd "
    "donotcontact donotsms donotcall donottext donotsend donotdisturb donotuse dontcontact donttext".split()
)
# In a status, `spam`, `complaint` and `bounce` may be about something else: `Complaint resolved`.
STATUS_LEAVING_WORDS = LEAVING_WORDS - {"spam", "complaint", "bounce"} | {"removed", "deleted", "unsubscription"}
REFUSABLE_WORDS = frozenset(
    "contact sms text texts use send disturb market marketing message messages call phone approach consent subscribed "
    "subscribe optin optedin agree agreed accept want interested allow allowed consented".split()
)
# The person has not decided, or someone has to check: beside a yes they make it unclear.
UNSURE_WORDS = frozenset(
    "pending unknown tbc tba tbd maybe perhaps unsure ask check sent set expired invalid partial implied".split()
)
# Words beside a yes that do not change it. Any other word makes it unclear: `Yes to calls`.
FILLER_WORDS = frozenset(
    "i a an we to the by via in on at of for from with and is was has have been please thanks thank you me us my do "
    "verbal verbally phone phoned online website web form store signed written paper double single confirmed opt opted "
    "receive receiving sms text texts texting message messages messaging marketing promotional offers would like happy "
    "contact contacted news updates status am pm t z".split()
)
UNCONFIRMED_WORDS = frozenset(
    "pending unconfirmed awaiting cancelled canceled removed suspended expired lapsed paused ended invalid "
    "undeliverable".split()
)
# The first word of a value about the end of a membership: `Left`, but not `Gold, left wing`.
ENDED_WORDS = frozenset("left resigned departed quit exited terminated former ex past dropped gone".split())
MEMBERSHIP_END_WORDS = frozenset("cancelled canceled removed suspended expired lapsed ended not inactive".split())
NUMBER_FAULT_WORDS = frozenset(
    "invalid wrong bad disconnected dead unreachable undeliverable undelivered failed incorrect deactivated changed "
    "reassigned barred unallocated".split()
)
# In a status these are of mailing lists only: people who confirmed nothing, or get receipts only.
STATUS_UNSURE_WORDS = frozenset("unconfirmed transactional undelivered undeliverable".split())
# Below `SMS status` these are about the number, and neither a yes nor a no.
NUMBER_STATES = frozenset("valid validated verified deliverable".split())
NOT_APPLICABLE = frozenset("n/a na #n/a".split())  # filled in, so not silent
MONTH = compile_lazily(r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*")
SMS_VALUES = SMS_WORDS | frozenset("mobile all any everything message messages textmessage textmessages".split())
# `phone` may mean calls or SMS: it is neither a consent to SMS nor an opt-out from it.
OTHER_VALUES = OTHER_CHANNEL_WORDS | frozenset(
    "phone phones telephone newsletter newsletters website direct mailing".split()
)
CHANNEL_FILLERS = frozenset("and by via or the address marketing".split())
EMPTY_VALUES = frozenset(
    "- -- \u2013 \u2014 . n/a #n/a na null [null] (null) <null> <na> \\n undefined nan (blank) [] {}".split()
)
# States that do not say that anything is wrong. Words beside them must be listed too: `Active, in arrears` is unclear.
GOOD_STATES = frozenset(
    "active subscribed subscriber optin optedin yes y true t 1 on ok okay valid validated verified confirmed sent "
    "received read success successful deliverable delivered reachable working connected live good correct current "
    "enabled accepted granted approved clean mobile cell cellular primary main default preferred trial trialing paid "
    "renewed pass passed delivrd marketing contact customer member single double explicit express consent consented "
    "and to is still currently fully".split()
)
SUBSCRIBED_STATES = frozenset("subscribed optin optedin".split())
