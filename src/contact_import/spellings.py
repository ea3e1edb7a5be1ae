"""How people's tools write the headers of a column: a table to add to."""

from enum import StrEnum


class Role(StrEnum):
    """What a column can hold. The names of Cellcast's fields, and the pieces that they are made from."""

    PHONE = "phone_number"
    PHONE_TYPE = "phone_type"  # "Mobile", "Work Fax" beside a number: Google's `Phone 1 - Type`
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    EMAIL = "email"
    BIRTHDAY = "birthday"
    BIRTH_YEAR = "birth_year"
    BIRTH_MONTH = "birth_month"
    BIRTH_DAY = "birth_day"
    POSTAL_CODE = "postal_code"
    ADDRESS = "address"  # a part of it: the parts are joined in the order of `places`
    COUNTRY = "country"  # also a part of the address: it stands under both
    GENDER = "gender"
    TITLE = "title"  # Mr, Ms: a hint at the gender when there is no column of its own
    PURCHASE = "purchase"
    TAGS = "tags"
    LISTS = "list"
    CONSENT = "consent"  # yes: may be contacted by SMS
    OPT_OUT = "opt_out"  # yes: may not
    STATUS = "subscription_status"  # words: subscribed, unsubscribed, cleaned


SPELLINGS = {
    Role.PHONE: (
        "mobile|mobile number|mobile phone|mobile phone number|mobile no|mob|mobile tel|mobile telephone|"
        "mobile phone 1|cell|cell phone|cell number|cell phone number|cellphone|cellular|phone|phone number|"
        "phone no|phone num|phones|telephone|telephone number|tel|tel no|tel number|contact number|contact no|"
        "contact phone|contact phone number|contact mobile|msisdn|sms|sms phone|sms number|sms phone number|"
        "whatsapp|whatsapp number|whatsapp phone|number|phone 1|phone 2|phone 3|phone 1 value|phone 2 value|"
        "phone 3 value|phone 4 value|phone 5 value|phone 6 value|phone 7 value|primary phone|billing phone|"
        "address phone|addr 1 phone 1|addr 1 phone 2|addr 1 phone 3|phone home|phone mobile|phone work|"
        "home phone|home phone 2|home mobile|home telephone|home number|work phone|work mobile|work number|"
        "business phone|business phone 2|business mobile|company phone|other phone|car phone|daytime phone|"
        "day phone|evening phone|after hours phone|phone ah|phone bh|phone w|phone h|phone m|ddi number|"
        "direct phone|whats app|phone or mobile|mobile or phone|phone mobile number|email phone|phone email|"
        "phonenumber|mobilenumber|mobilephone|homephone|workphone|phone e164|e164|mmerge phone|lead phone|"
        "téléphone|telephone portable|téléphone portable|portable|mobile privé|numéro de téléphone|numéro|tél|"
        "gsm|téléphone mobile|handy|handynummer|mobiltelefon|mobilnummer|mobil|mobilfunk|telefon|telefonnummer|"
        "telefon privat|telefon mobil|telefon geschäftlich|rufnummer|rufnummer mobil|teléfono|teléfono móvil|"
        "móvil|celular|número de teléfono|cellulare|telefono|telefono cellulare|telefoon|telefoonnummer|mobiel|"
        "mobiele nummer|telemóvel|no tel|no telefon|nombor telefon"
    ),
    Role.FIRST_NAME: (
        "first name|firstname|first|given name|given names|givenname|forename|fname|preferred name|"
        "preferred first name|christian name|name first|first names|vorname|prénom|nombre|nombre de pila|nome|"
        "voornaam|imię|förnamn"
    ),
    Role.LAST_NAME: (
        "last name|lastname|last|surname|family name|familyname|lname|name last|second name|nachname|"
        "familienname|zuname|nom de famille|apellido|apellidos|cognome|achternaam|sobrenome|co last name|"
        "efternamn"
    ),
    Role.FULL_NAME: (
        "name|full name|fullname|contact name|contactname|display name|customer name|attendee name|client name|"
        "lead name|person name|member name|your name|name full|guest name|recipient name|patient name|"
        "student name|contact|person|customer|client|attendee|nom|nom complet|nom et prénom|nombre completo|"
        "nombre y apellidos|vollständiger name|nombre y apellido|naam|nama|nome completo|file as"
    ),
    Role.EMAIL: (
        "email|e mail|email address|e mail address|emailaddress|mail|mail address|e mail 1 value|e mail 2 value|"
        "e mail 3 value|email 1|email 2|email 3|primary email|secondary email|email home|email work|email other|"
        "email 1 value|email 2 value|e mail 2 address|e mail 3 address|home email|work email|personal email|"
        "contact email|buyer email|email id|emails|e mail adresse|email adresse|mailadresse|adresse e mail|"
        "adresse email|courriel|adresse mail|correo|correo electrónico|correo electronico|indirizzo email|"
        "e mailadres|emailadres"
    ),
    Role.BIRTHDAY: (
        "birthday|birth date|birthdate|date of birth|dateofbirth|dob|bday|born|d o b|geburtstag|geburtsdatum|"
        "date de naissance|anniversaire|fecha de nacimiento|cumpleaños|data di nascita|geboortedatum|"
        "what is your date of birth"
    ),
    Role.BIRTH_YEAR: ("birth year|year of birth|geburtsjahr"),
    Role.BIRTH_MONTH: ("birth month|month of birth|geburtsmonat"),
    Role.BIRTH_DAY: ("birth day|day of birth"),
    Role.POSTAL_CODE: (
        "postcode|post code|postal code|postalcode|postal|zip|zip code|zipcode|zip postal code|postal zip code|"
        "address zip|address postal code|address postcode|address zip code|addr 1 postcode|pcode|plz|"
        "postleitzahl|code postal|cp|código postal|cap|address 1 postal code|address 1 zip|billing postcode|"
        "post zip code|zip post code|home zip|postcode zip|postcode zip code"
    ),
    Role.ADDRESS: (
        "address|street|street address|address line 1|address line 2|address line 3|address 1|address 2|"
        "address 3|address1|address2|address3|address line1|address line2|address line3|addressline1|"
        "addressline2|street 2|street 3|address street|street address 1|street address 2|street 1|"
        "address street 1|address street 2|address address1|address address2|address 1 street|address 1 line 1|"
        "address 1 line 2|address 1 formatted|address full|full address|street name|postal address|addr 1 line 1|"
        "addr 1 line 2|address line|residential address|home address|home address 2|home street|home street 2|"
        "home street 3|suburb|city|town|city suburb|suburb city|locality|address city|address suburb|"
        "address town|addr 1 city|city town|town city|address 1 city|state|province|region|state province|"
        "state region|address state|address province|address region|address 1 state|address 1 region|"
        "address 1 state region|addr 1 state|province code|address province code|state code|county|adresse|"
        "straße|strasse|ort|stadt|wohnort|bundesland|rue|ville|dirección|calle|ciudad|provincia|indirizzo|città|"
        "adres|plaats|straat"
    ),
    Role.COUNTRY: (
        "country|country code|address country|address country code|country region|address 1 country|"
        "addr 1 country|nation|land|pays|país|paese|home country|country or region"
    ),
    Role.GENDER: ("gender|sex|geschlecht|sexe|genre|género|sexo|genere|geslacht"),
    Role.TITLE: ("salutation|title|name prefix|prefix|honorific|anrede|civilité|titre|tratamiento"),
    Role.PURCHASE: (
        "purchase|last purchase|payment method|product|last product|purchased product|product purchased|item purchased"
    ),
    Role.TAGS: ("tags|tag|label|labels|group membership|categories|customer tags|contact tags"),
    Role.LISTS: ("list|lists|list name|list names|segment|segments|groups|group|mailing list"),
    Role.CONSENT: (
        "accepts sms marketing|sms consent|sms opt in|sms optin|opt in sms|sms marketing consent|sms marketing|"
        "sms permission|text consent|accepts sms|sms subscribed|text message consent|text opt in|"
        "sms opt in status|consent to sms|receive sms|sms notifications consent|sms allowed|allow sms|"
        "sms marketing opt in|sms okay|sms ok|opted in to sms|marketing consent|accepts marketing|opt in|"
        "opted in|consent|marketing opt in|agree to sms|subscribed|marketing permission|permission to contact|"
        "consent to contact|can we text you|can we send you sms"
    ),
    Role.OPT_OUT: (
        "sms blacklisted|sms opt out|sms optout|sms opted out|sms unsubscribed|opted out of sms|"
        "unsubscribed from sms|do not sms|do not text|no sms|sms suppressed|opt out sms|has opted out of sms|"
        "dnd sms|opted out|opt out|optout|unsubscribed|unsubscribe|do not call|do not contact|dnc|do not disturb|"
        "dnd|unsub time|unsubscribe time|is deleted|blacklisted|suppressed|no marketing|has opted out|"
        "opted out of marketing|do not market"
    ),
    Role.STATUS: (
        "sms marketing status|sms status|sms subscriber status|sms subscription status|sms consent status|"
        "subscription status|subscriber status|marketing status|status|contact status|member status|"
        "consent status"
    ),
}
