"""What papers call people and companies, and how to reach them."""

from __future__ import annotations

from extraction.mapping.concept import Concept, concept, split

PARTY_CONCEPTS: dict[str, Concept] = {
    "company": concept("party", "company|company name|organization|organisation|organization name|"
    "business name|firm|employer|firma|entreprise|empresa|azienda|bedrijf",
    "company|company name|organisation|organization|firma|unternehmen|societe|entreprise|empresa|"
    "azienda|ditta|bedrijf|会社名"),
    "merchant": concept("party", "merchant|merchant name|store|store name|shop|shop name|issuer|"
    "restaurant|outlet", "merchant|store|shop|outlet"),
    "person": concept("person", "name|full name|person|person name|contact name|contact|customer "
    "name|holder|holder name|employee name|caller|caller name|contact person|attention",
    "name|full name|contact|contact person|attn|attention|ansprechpartner|name vorname|nom|nom et "
    "prenom|nombre|nome|naam|customer name|氏名|姓名|이름"),
    "given_name": concept("person", "given name|first name|given names|forename|forenames|vorname|prenom",
    "given name|given names|first name|forename|vorname|vornamen|prenom|prenoms|nombre|nombres|nome|"
    "voornaam"),
    "surname": concept("person", "surname|last name|family name|nachname",
    "surname|last name|family name|nachname|familienname|nom|nom de famille|apellido|apellidos|"
    "cognome|achternaam"),
    "job_title": concept("job", "title|job title|position|role|occupation|function",
    "title|job title|position|funktion|fonction|cargo|ruolo|functie"),
    "address": concept("address", "address|full address|postal address|street address|mailing "
    "address|location|store address|adresse|anschrift|direccion|indirizzo|adres",
    "address|registered address|office address|warehouse address|anschrift|adresse|direccion|"
    "domicilio|indirizzo|adres|住所|地址"),
    "street": concept(
        "street",
        "street|street name|address line 1|street line|line1|strasse|rue",
        "street|strasse|rue|calle|via|straat",
    ),
    "postcode": concept("postcode", "postcode|postal code|zip|zip code|post code|plz",
    "postcode|postal code|zip|zip code|plz|code postal|codigo postal|cap"),
    "city": concept(
        "city",
        "city|town|locality|ort|stadt|ville",
        "city|town|ort|stadt|ville|ciudad|citta|plaats|woonplaats",
    ),
    "house_number": concept("house", "house number", "house no|hausnummer|huisnummer"),
    "state": concept("state", "state", "state|province|bundesland|provincia"),
    "country": concept("country", "country|country code|nation|land|pays", "country|land|pays|pais|paese"),
    "phone": concept("phone", "phone|telephone|phone number|tel|mobile|mobile number|cell|telephone "
    "number|callback phone|callback number|contact number|contact phone|telefon",
    "phone|phone no|phone number|tel|tel no|telephone|telephone no|mobile|mobile no|cell|hp|h p|call|"
    "hotline|customer care|telefon|telefonnummer|tel nr|mobil|handy|telephone|portable|telefono|tel "
    "fono|movil|cellulare|telefoon|mobiel|電話|电话|전화"),
    "fax": concept("phone", "fax|fax number|telefax", "fax|fax no|telefax|telecopie"),
    "email": concept("email", "email|e mail|email address|mail|contact email",
    "email|e mail|email address|mail|courriel|correo|correo electronico|posta elettronica"),
    "website": concept("url", "website|url|web|homepage|web site|web address|internet",
    "website|web|url|homepage|internet|web site|site web|sito|sitio web"),
    "nationality": concept("text", "nationality|citizenship",
    "nationality|citizenship|staatsangehorigkeit|nationalite|nacionalidad|nazionalita|cittadinanza|"
    "nationaliteit"),
    "sex": concept("text", "sex|gender", "sex|gender|geschlecht|sexe|sexo|sesso|geslacht"),
    "birth_place": concept("text", "place of birth|birth place|birthplace",
    "place of birth|geburtsort|lieu de naissance|lugar de nacimiento|luogo di nascita|geboorteplaats"),
    "issuing_authority": concept("text", "issuing authority|authority|issued by",
    "issuing authority|authority|issued by|behorde|ausstellende behorde|autorite|autoridad|autorita"),
}  # fmt: skip

PARTIES: dict[str, tuple[str, ...]] = {
    "seller": split(
        "seller|vendor|supplier|merchant|issuer|from|sold by|sold from|shipped by|billed by|invoice "
        "from|bill from|provider|biller|payee"
        "|verkaufer|lieferant|rechnungssteller|leistungserbringer|absender|vendeur|fournisseur|"
        "emetteur|vendedor|proveedor|emisor"
        "|venditore|fornitore|cedente|verkoper|leverancier|afzender"
    ),
    "buyer": split(
        "buyer|customer|client|bill to|billed to|billing address|invoice to|sold to|purchaser|to|"
        "recipient|payer|bill to address|customer details"
        "|kaufer|kunde|rechnungsempfanger|leistungsempfanger|kaufer leistungsempfanger|auftraggeber|"
        "rechnungsadresse|rechnungsanschrift|rechnung an"
        "|acheteur|client|destinataire|factura a|facture a|adresse de facturation|comprador|cliente|"
        "facturar a|destinatario|acquirente|cessionario|intestatario fattura"
        "|koper|klant|factuuradres|ontvanger|aan"
    ),
    "ship_to": split(
        "ship to|shipping address|deliver to|delivery address|delivered to|warenempfanger|"
        "abweichender warenempfanger|lieferadresse|lieferanschrift"
        "|adresse de livraison|livrer a|livre a|direccion de envio|enviar a|indirizzo di consegna|"
        "destinazione|afleveradres|bezorgadres"
    ),
    "payee": split("abweichender zahlungsempfanger|zahlungsempfanger|remit to|remittance address|pay to"),
}
