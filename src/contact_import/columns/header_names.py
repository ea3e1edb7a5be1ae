"""List the spellings of headers by role, as tools and people write them. Add new ones here.

They are in lower case and separated by `|`. `header_match` ignores case, accents and signs.
"""

from contact_import.domain.roles import Role

HEADER_NAMES = {
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
        "mobiele nummer|telemóvel|no tel|no telefon|nombor telefon|ph|ph no|ph number|mob no|mob number|"
        "mobile nr|mobilnr|handynr|handy nr|telefonnr|telefon nr|tel nr|festnetz|natel|hp|h p|hp no|celphone|"
        "phone contact|contact number mobile|mobile contact|mobile contact number|tel mobile|tel portable|"
        "tel portátil|no de téléphone|n de téléphone|fixe|teléfono celular|teléfono fijo|celular teléfono|"
        "telefone|telefone celular|celular whatsapp|numero di telefono|numero de telefono|numero de celular|"
        "mobiltlf|phone number mobile|sms mobile|mobile sms|text number|best contact number|best phone|"
        "preferred phone|daytime contact number|daytime number|home|work"
    ),
    Role.FIRST_NAME: (
        "first name|firstname|first|given name|given names|givenname|forename|fname|preferred name|"
        "preferred first name|christian name|name first|first names|vorname|prénom|nombre|nombre de pila|nome|"
        "voornaam|imię|förnamn|forenames|fore name|given|prenom usuel|nombres|primer nombre|first name preferred|"
        "known as|first name s|1st name|rufname|primeiro nome"
    ),
    Role.LAST_NAME: (
        "last name|lastname|last|surname|family name|familyname|lname|name last|second name|nachname|"
        "familienname|zuname|nom de famille|apellido|apellidos|cognome|achternaam|sobrenome|co last name|"
        "efternamn|sur name|family|last names|primer apellido|apellido paterno|nom famille|last name company|"
        "surname company"
    ),
    Role.FULL_NAME: (
        "name|full name|fullname|contact name|contactname|display name|customer name|attendee name|client name|"
        "lead name|person name|member name|your name|name full|guest name|recipient name|patient name|"
        "student name|contact|guest|patient|student|member|participant|visitor|person|customer|client|attendee|"
        "nom|nom complet|nom et prénom|nombre completo|nombre y apellidos|vollständiger name|nombre y apellido|"
        "naam|nama|nome completo|file as|first and last name|first name last name|name surname|name and surname|"
        "vor und nachname|vorname nachname|nachname vorname|nombre apellidos|name first last|nom prénom|"
        "prénom et nom|prénom nom|name of client|name of customer|first last name|name first and last|"
        "name vorname|names|legal name|full legal name|preferred full name|fn"
    ),
    Role.EMAIL: (
        "email|e mail|email address|e mail address|emailaddress|mail|mail address|e mail 1 value|e mail 2 value|"
        "e mail 3 value|email 1|email 2|email 3|primary email|secondary email|email home|email work|email other|"
        "email 1 value|email 2 value|e mail 2 address|e mail 3 address|home email|work email|personal email|"
        "contact email|buyer email|email id|emails|e mail adresse|email adresse|mailadresse|adresse e mail|"
        "adresse email|courriel|adresse mail|correo|correo electrónico|correo electronico|indirizzo email|"
        "e mailadres|emailadres|mail id|email contact|mailaddress|adresse de messagerie|messagerie|correo e|"
        "e post|email addresses|pos elektronik|contact e mail"
    ),
    Role.BIRTHDAY: (
        "birthday|birth date|birthdate|date of birth|dateofbirth|dob|bday|born|d o b|geburtstag|geburtsdatum|"
        "date de naissance|anniversaire|fecha de nacimiento|cumpleaños|data di nascita|geboortedatum|"
        "what is your date of birth|birth|birthday date|date birth|born on|né le|née le|geb datum|geb|geboren|"
        "fecha nacimiento|cumple|data nascimento|data de nascimento|aniversário|f nacimiento|when were you born"
    ),
    Role.BIRTH_YEAR: ("birth year|year of birth|geburtsjahr"),
    Role.BIRTH_MONTH: ("birth month|month of birth|geburtsmonat"),
    Role.BIRTH_DAY: ("birth day|day of birth"),
    Role.POSTAL_CODE: (
        "postcode|post code|postal code|postalcode|postal|zip|zip code|zipcode|zip postal code|postal zip code|"
        "address zip|address postal code|address postcode|address zip code|addr 1 postcode|pcode|plz|"
        "postleitzahl|code postal|cp|código postal|cap|address 1 postal code|address 1 zip|billing postcode|"
        "post zip code|zip post code|home zip|postcode zip|postcode zip code|p code|postal zip|code postale|"
        "codigo postal|c p|postleitzahl ort|zip postcode|postal post code|address zip postal code|cod postal|"
        "postnummer|code postal ville"
    ),
    Role.ADDRESS: (
        "address|street|line 1|line 2|line 3|street address|address line 1|address line 2|address line 3|"
        "address 1|address 2|address 3|address1|address2|address3|address line1|address line2|address line3|"
        "addressline1|addressline2|street 2|street 3|address street|street address 1|street address 2|street 1|"
        "address street 1|address street 2|address address1|address address2|address 1 street|address 1 line 1|"
        "address 1 line 2|address 1 formatted|address full|full address|street name|postal address|addr 1 line 1|"
        "addr 1 line 2|address line|residential address|home address|home address 2|home street|home street 2|"
        "home street 3|address lines|suburb|city|town|city suburb|suburb city|locality|address city|address suburb|"
        "address town|addr 1 city|city town|town city|address 1 city|state|province|region|state province|"
        "state region|address state|address province|address region|address 1 state|address 1 region|"
        "address 1 state region|addr 1 state|province code|address province code|state code|county|adresse|"
        "straße|strasse|ort|stadt|wohnort|bundesland|rue|ville|dirección|calle|ciudad|provincia|indirizzo|città|"
        "adres|plaats|straat|street address street|street and number|street address 3|address street address|"
        "po address|postal address line 1|street no and name|straße und hausnummer|straße hausnummer|"
        "adresse postale|adresse ligne 1|adresse ligne 2|adresse 1|adresse 2|domicilio|via|woonplaats|comune|"
        "commune|localidad|estado|kanton|territory|state territory|address state province|town suburb|"
        "suburb town|suburb or town|suburb town city|city or town|city town suburb|province state|dép région|"
        "bundesland kanton|addr|anschrift|endereço"
    ),
    Role.COUNTRY: (
        "country|country code|address country|address country code|country region|address 1 country|"
        "addr 1 country|nation|land|pays|país|paese|home country|country or region|country name|pays région|"
        "land region|country of residence|country id"
    ),
    Role.GENDER: ("gender|sex|geschlecht|sexe|genre|género|sexo|genere|geslacht|gender identity|m f|male female|sesso"),
    Role.TITLE: ("salutation|title|name prefix|prefix|honorific|anrede|civilité|titre|tratamiento"),
    Role.PURCHASE: (
        "purchase|last purchase|payment method|product|last product|purchased product|product purchased|item purchased"
    ),
    Role.TAGS: (
        "tags|tag|label|labels|group membership|categories|customer tags|contact tags|tag names|étiquettes|"
        "etiquetas|schlagworte|kategorien|catégories|categorías"
    ),
    Role.LISTS: ("list|lists|list name|list names|segment|segments|groups|group|mailing list"),
    Role.CONSENT: (
        "accepts sms marketing|sms consent|sms opt in|sms optin|opt in sms|sms marketing consent|sms marketing|"
        "sms permission|text consent|accepts sms|sms subscribed|text message consent|text opt in|"
        "sms opt in status|consent to sms|receive sms|sms notifications consent|sms allowed|allow sms|"
        "sms marketing opt in|sms okay|sms ok|opted in to sms|marketing consent|accepts marketing|opt in|"
        "opted in|consent|marketing opt in|agree to sms|subscribed|marketing permission|permission to contact|"
        "consent to contact|can we text you|can we send you sms|sms opted in|consent sms|sms subscriber|send sms|"
        "allows sms|sms agreed|consent given|marketing opt in consent|accepts promotions|text marketing consent|"
        "text marketing|text messages ok|ok to sms|ok to text|can text|may we text you|sms marketing status|"
        "sms status|sms subscriber status|sms subscription status|sms consent status|consent status|consent state"
    ),
    Role.OPT_OUT: (
        "sms blacklisted|sms opt out|sms optout|sms opted out|sms unsubscribed|opted out of sms|"
        "unsubscribed from sms|do not sms|do not text|no sms|sms suppressed|opt out sms|has opted out of sms|"
        "dnd sms|opted out|opt out|optout|unsubscribed|unsubscribe|do not call|do not contact|dnc|do not disturb|"
        "dnd|unsub time|unsubscribe time|clean time|is deleted|blacklisted|suppressed|no marketing|has opted out|"
        "opted out of marketing|do not market|blocked|is blocked|do not send sms|do not message|"
        "sms do not contact|opted out sms|marketing opt out|opt out of marketing|unsubscribed at|unsubscribed on|"
        "unsubscribed date|unsubscribed time|opt out date|opted out at|opted out on|stop"
    ),
    Role.STATUS: (
        "status|contact status|member status|subscription status|subscriber status|marketing status|"
        "subscriber state|subscription state|marketing state"
    ),
}
