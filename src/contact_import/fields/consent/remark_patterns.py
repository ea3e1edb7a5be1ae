"""Match the ways in which people write that a person does not want to be contacted.

The texts are words in lower case, separated by single blanks.
"""

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.relatives import FAMILY_WORDS

# As a command (`do not call`), and about a person (`does not want to be called`).
_ACTIVE = r"(?:contact|text|sms|txt|message|msg|call|phone|market|disturb|approach|communicate|solicit|spam)"
_PASSIVE = r"(?:contacted|texted|messaged|called|phoned|smsed|disturbed|approached|marketed|rung)"
_MESSAGES = (
    r"(?:sms|smses|texts?|texting|txts?|mms|messag\w+|calls?|calling|contact\w*|marketing|promo\w*|communications?)"
)
_LEFT = (
    r"(?:opted|opts|opting|opt) ?outs?|optedout|unsub(?:scribed?|scribes|s)?|do ?not ?contact|dn[cd]|"
    r"(?:black|block)listed|suppressed|suppression|not subscribed|never subscribed"
)
# Words around a refusal that do not change its meaning.
_FILLER = (
    r"(?:sms|text|texts|marketing|please|pls|thanks|all|any|global|list|lists|tag|tags|status|flag|customer|client|"
    r"member|reply|replied|keyword|from|of|by|via|since|on|at|the|our|us|has|is|was|this|person|again|ever|now|"
    r"\d+(?:st|nd|rd|th)?|jan\w*|feb\w*|mar\w{0,2}|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*)"
)
WHOLE_REFUSAL = compile_lazily(
    rf"(?:{_FILLER} )*(?:{_LEFT}|(?:do not|dont|donot|never|stop|no) (?:send |more |further )?(?:{_ACTIVE}|{_MESSAGES}|"
    rf"send|use)(?: or (?:{_ACTIVE}|{_MESSAGES}))?|(?:do not|dont) (?:send|use)|donot(?:sms|text|call|market|disturb)|"
    r"no contact|stop(?: ?all)?|(?:black|block)list|deceased|passed away|rip|r i p|"
    r"decd|died|remove(?: me)?|leave (?:me|us) alone|"
    r"keine (?:sms|werbung|anrufe)|nicht kontaktieren|abgemeldet|verstorben|ne pas contacter|pas de sms|"
    r"désabonnée?|décédée?|no contactar|no enviar sms|fallecid[oa]|non contattare|niet contacteren|geen sms|"
    r"uitgeschreven|overleden|请勿联系|勿扰|已故|拒收|退订|退訂|수신거부|사망|配信停止|連絡不可|死亡|"
    rf"not to be contacted|(?:e ?mail|post|mail|letters?|phone|calls?) only)(?: {_FILLER})*"
)
REFUSAL = compile_lazily(
    rf"\b(?:(?:do not|dont|donot|never|stop)(?: (?:please|ever|again|send|sending|any|more|further|all|these|the|me|"
    rf"her|him|them|us|email|or|and)){{0,4}} (?:{_ACTIVE}|{_MESSAGES})"
    rf"|(?:does not|doesnt|do not|dont|did not|didnt|no longer) (?:wish|want|like|agree|consent|accept|care)\w*"
    rf"(?: \w+){{0,4}}? (?:{_PASSIVE}|{_MESSAGES}|hear(?:ing)? from)"
    r"|(?:does not|doesnt|did not|didnt) (?:agree|consent)"
    rf"|not (?:to )?be {_PASSIVE}|no longer (?:to be {_PASSIVE}|subscribed|consents?)"
    rf"|no (?:further|more|future) {_MESSAGES}|no (?:sms|smses|texts?|texting|txts?|mms|marketing|promo\w*)"
    r"|no contact(?: please| from us| at all| by| via| whatsoever| ever|$)"
    rf"|(?P<left>{_LEFT})"
    r"|(?:remove|take|delete|drop) (?:me|him|her|them|us)(?: off| from| please| asap|$)"
    r"|(?:remov|delet|tak)\w*(?: \w+){0,4} (?:from|off)(?: \w+){0,3} (?:lists?|database|db|mailing|mailouts?|sms|"
    r"texts?|texting|marketing|contacts)|(?:please|pls) remove$|to be removed$"
    rf"|(?:replied|texted|sent|responded|response|said|keyword) stop"
    rf"|leave (?:me|him|her|them|us) alone|wrong number|consent (?:was )?(?:withdrawn|revoked|refused|declined|denied)"
    rf"|(?:withdrew|withdrawn|revoked|refused|refuses|declined|declines|denied)(?: \w+){{0,2}} (?:consent|{_MESSAGES})"
    r"|(?:number|mobile|phone|sim)(?: (?:is|was|has|been|now))* (?:disconnected|invalid|deactivated|out of service|"
    r"not (?:connected|in service|in use)|no longer (?:connected|in service|in use|active|valid))|invalid number"
    r"|(?:left|quit|leave|come off|came off)(?: (?:the|our|your|my|sms|text|mailing|marketing))* (?:list|database)"
    r"|(?:by|via|with) (?:phone|calls?) only|(?P<death>deceased|passed away))\b"
)
# Sentences on how to opt out. Senders add them to every message and form, and they are not about one person.
DISCLOSURE = compile_lazily(
    r"\b(?:reply|replying|text|txt|send|respond|responding)(?: with)? (?:stop|unsub\w*|opt ?out|end|quit|cancel)\b"
    r"(?: to (?:opt ?out|unsub\w*|stop|cancel|end|quit|\d+))?(?: any ?time| at any ?time)?"
    r"|\b(?:can|may|could|to|how to|right to|option to)(?: \w+)? (?:opt ?out|unsubscribe|withdraw\w*|stop)"
    r"(?: (?:of|from|your|my|these|this|the|receiving|sms|texts?|messages?|consent|emails?|marketing))*"
    r"(?: at)? any ?time\b|\b(?:opt ?out|unsubscribe|withdraw\w*)(?: \w+){0,3} (?:at )?any ?time\b"
    r"|\b(?:click|tap|link|visit)(?: \w+){0,3} (?:opt ?out|unsubscribe)\b"
    r"|\b(?:opt ?out|unsubscribe) (?:link|here|url)\b"
    r"|\bto (?:opt ?out|unsubscribe)(?: \w+){0,4} (?:reply|text|click|call|email|visit|send)(?: stop)?\b"
    r"|\b(?:can|may|could|if you (?:wish|want) to) (?:always |also )?(?:opt ?out|unsubscribe)\b"
)
NEGATING_WORDS = frozenset("not never hasnt havent isnt wasnt didnt no without if unless until before".split())
# The words before `deceased` in a remark about another person only. In `daughter called, deceased` the contact died.
OTHERS_DEATH = compile_lazily(
    r"(?:(?:my|his|her|their|our|the|clients?|customers?) )*"
    rf"(?:{'|'.join(sorted(FAMILY_WORDS))}|parents|friend|nan|pop|pet|dog|cat|horse)"
    r"(?: (?:has|had|have|is|was|been|now|just|recently|sadly|also))*"
)
SMS_CHANNELS = frozenset("sms smses text texts texted texting txt txts mms message messages messaging call".split())
OTHER_CHANNELS = frozenset("email emails mail mails newsletter newsletters post postal letters whatsapp push".split())
