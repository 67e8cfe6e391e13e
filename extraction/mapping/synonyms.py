"""What business papers call things, by general concept and in several languages.

`names` are what callers call a property; `labels` are what stands on paper beside the value.
Concepts nobody asks for are here too: a longer label that means something else
("order date") must not be taken for a shorter one ("date").
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    kind: str
    names: tuple[str, ...]
    labels: tuple[str, ...]


def _concept(kind: str, names: str, *labels: str) -> Concept:
    return Concept(kind, _split(names), tuple(label for group in labels for label in _split(group)))


def _split(phrases: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in phrases.split("|") if phrase.strip())


CONCEPTS: dict[str, Concept] = {
    # documents and their numbers
    "invoice_number": _concept(
        "id",
        "invoice number|invoice no|invoice id|invoice num|bill number|invoice "
        "reference|rechnungsnummer",
        "invoice number|invoice no|invoice nr|invoice num|invoice id|invoice #|invoice|inv no|inv "
        "number|inv #|bill no|bill number|bill #|document no|document number|tax invoice no",
        "rechnungsnummer|rechnungs nr|rechnung nr|rechnung|rechnungsnr|re nr|beleg nr|belegnummer|"
        "handelsrechnung|gutschrift|rg nr",
        "numero de facture|facture numero|facture n|facture no|n facture|n de facture|no facture|facture",
        "numero de factura|factura numero|factura n|factura no|n factura|n de factura|factura",
        "numero fattura|fattura numero|fattura n|fattura nr|n fattura|fattura",
        "factuurnummer|factuur nr|factuurnr|facturnummer|発票番号|請求書番号|发票号码",
    ),
    "receipt_number": _concept(
        "id",
        "receipt number|receipt no|receipt id|transaction id|transaction number|ticket number|check number",
        "receipt number|receipt no|receipt #|receipt|rcpt no|transaction id|transaction no|trans no|"
        "trans|ticket no|check no|chk|bill no|bill #|slip no|invoice no|inv no",
        "bon nr|kassenbon nr|belegnummer|ticket n|ticket|recibo n|ricevuta n|scontrino n|bonnummer",
    ),
    "order_number": _concept(
        "id",
        "order number|order no|order id|purchase order|po number|purchase order number",
        "order number|order no|order id|order #|order|po number|po no|po #|purchase order|purchase "
        "order no|your order",
        "bestell nr|bestellnummer|auftrag nr|auftragsnummer|auftrag nr lief|bestellung|ihre bestellung",
        "numero de commande|commande n|commande|bon de commande|numero de pedido|pedido n|pedido|"
        "ordine n|numero ordine|ordernummer|bestelnummer",
    ),
    "customer_number": _concept(
        "id",
        "customer number|customer id|customer no|client number|account number|account id|member id|"
        "membership number",
        "customer number|customer no|customer id|customer #|client no|client id|account no|account "
        "number|account id|account|member no|member id|debtor no",
        "kundennummer|kunden nr|kundennr|numero client|n client|code client|numero de cliente|n "
        "cliente|codice cliente|klantnummer|klantnr|debiteurnummer",
    ),
    "delivery_note": _concept(
        "id", "delivery note|delivery note number", "delivery note|delivery note no|lieferschein nr|"
        "lieferschein|lieferscheinnummer|bon de livraison|albaran|ddt|pakbon"
    ),
    "contract_number": _concept(
        "id", "contract number|policy number|case number|file number",
        "contract no|policy no|policy number|case no|vertrags nr|vertragsnummer|numero de dossier|"
        "numero de contrat|dossiernummer"
    ),
    "reference": _concept(
        "id", "reference|reference number|ref|payment reference",
        "reference|reference no|reference number|ref no|ref|your ref|our ref|payment reference|"
        "verwendungszweck|referenz|aktenzeichen|riferimento|referencia|kenmerk"
    ),
    "document_number": _concept(
        "id", "document number|id number|passport number|card number|licence number|license number|"
        "identity number|personal number|document no",
        "document no|document number|id no|id number|passport no|passport number|card no|licence no|"
        "license no|licence number|identity card no|dl no",
        "ausweisnummer|dokumentnummer|numero de document|no du passeport|numero de documento|numero "
        "documento|documentnummer|idnr",
    ),
    "vat_id": _concept(
        "vat", "vat id|vat number|vat no|tax id|tax number|vat|tax identification number|vat "
        "registration number|gst number|gst no|gst id|gstin|tin|ein|abn|tax registration number|siret",
        "vat id|vat no|vat number|vat reg no|vat reg|vat registration no|vat registration number|tax "
        "id|tax id no|tax no|tax number|gst reg no|gst reg|gst no|gst id|gst registration no|gst "
        "registration number|gst number|gstin|gstin uin|vat tin|tin|ein|abn|sst no|sst id|service tax",
        "ust id nr|ust idnr|ust id|ustid|ust idnr|umsatzsteuer id|umsatzsteuer identifikationsnummer|"
        "uid nr|uid|mwst nr|steuernummer|steuer nr|st nr",
        "n tva|tva intracommunautaire|n tva intracommunautaire|numero de tva|tva intracom|siret|nif|"
        "cif|partita iva|p iva|piva|codice fiscale|btw nummer|btw nr|btw id|btw",
    ),
    "registration_number": _concept(
        "id", "registration number|company number|company registration number|trade register number",
        "company no|company reg no|company registration no|co no|co reg no|reg no|registration no|roc "
        "no|hrb nr|hrb|handelsregisternummer|rcs|rsc|kvk|kvk nr|rea|cin",
    ),
    # dates and times
    "issue_date": _concept(
        "date", "issue date|invoice date|date|receipt date|bill date|document date|date of issue|"
        "transaction date|purchase date|issued|issued on|issued at|invoice issue date|date issued|"
        "created",
        "invoice date|date of invoice|issue date|issued on|issued|date of issue|bill date|receipt "
        "date|transaction date|date|dated|tax invoice date|date time|inv date|doc date|document date",
        "rechnungsdatum|datum|belegdatum|beleg datum|ausstellungsdatum|vom|rechnung vom|date de "
        "facture|date facture|date de la facture|date d emission|date|le|du",
        "fecha|fecha de factura|fecha de emision|fecha factura|data|data fattura|data di emissione|"
        "factuurdatum|datum factuur|日付|発行日|日期|开票日期|날짜",
    ),
    "due_date": _concept(
        "date", "due date|payment due date|payment due|due|pay by|due on|date due|payment deadline|deadline",
        "due date|payment due|payment due date|due by|due on|pay by|payable by|date due|due|please "
        "pay by|zahlbar bis|fallig am|fallig|falligkeit|falligkeitsdatum|zahlungsziel|bis zum",
        "date d echeance|echeance|a payer avant le|date limite de paiement|fecha de vencimiento|"
        "vencimiento|data di scadenza|scadenza|vervaldatum|te betalen voor|uiterste betaaldatum|支払期限",
    ),
    "order_date": _concept(
        "date", "order date|purchase order date", "order date|date of order|po date|bestelldatum|"
        "bestell datum|auftragsdatum|auftrag datum|auftrag datum lief|vertrags datum|date de commande|"
        "fecha de pedido|data ordine|orderdatum"
    ),
    "delivery_date": _concept(
        "date", "delivery date|ship date|shipping date|service date|supply date",
        "delivery date|ship date|shipping date|date of supply|service date|lieferdatum|liefer datum|"
        "leistungsdatum|leistungs datum|leistungszeitraum|liefer und leistungsdatum|lieferschein "
        "datum|liefer leistungszeitraum|date de livraison|fecha de entrega|data di consegna|"
        "leverdatum|abrechnungszeitraum|training date",
    ),
    "datetime": _concept("datetime", "datetime"),
    "birth_date": _concept(
        "date", "birth date|date of birth|dob|born|birthday|birthdate",
        "date of birth|birth date|dob|born|geburtsdatum|geburtstag|geb am|geboren|date de naissance|"
        "ne le|nee le|fecha de nacimiento|data di nascita|geboortedatum|生年月日",
    ),
    "expiry_date": _concept(
        "date", "expiry date|expiration date|expires|expires on|valid until|date of expiry|valid to|expiry",
        "date of expiry|expiry date|expiration date|expires|exp|valid until|valid thru|expires on|"
        "gultig bis|gueltig bis|ablaufdatum|date d expiration|valable jusqu au|fecha de caducidad|"
        "valido hasta|scadenza|data di scadenza|geldig tot|有効期限",
    ),
    "time": _concept(
        "time",
        "time|receipt time|transaction time|hour|purchase time",
        "time|uhrzeit|zeit|heure|hora|ora|tijd|時刻",
    ),
    # money named on paper is judged word by word (amount_words.py); here only what callers call it
    "total": _concept("money", "total|total amount|grand total|amount total|total price|total gross|"
    "gross total|invoice total|total sum|amount|sum|total paid|final total|gross amount|total due "
    "amount|total incl tax|total including tax|gesamtbetrag|montant total|importe total|importo "
    "totale|totaal"),
    "amount_due": _concept("money", "amount due|balance due|total due|payable|amount payable|"
    "outstanding|balance|amount to pay|zahlbetrag|open amount"),
    "subtotal": _concept("money", "subtotal|sub total|net total|net amount|total net|total excluding "
    "tax|net|total before tax|amount before tax|tax base|taxable amount|total excl tax|nettobetrag"),
    "tax": _concept("money", "tax|tax total|total tax|tax amount|vat amount|vat total|total vat|gst|"
    "gst amount|sales tax|vat tax|mwst|tva|iva|steuerbetrag|service tax amount"),
    "discount": _concept("money", "discount|discount amount|total discount|rebate|savings|rabatt"),
    "cash": _concept("money", "cash|cash paid|amount paid|amount tendered|tendered|cash received|paid|"
    "paid amount|cash amount"),
    "change": _concept("money", "change|change due|change given|cash change"),
    "rounding": _concept("money", "rounding|rounding adjustment|rounding amount"),
    "tip": _concept("money", "tip|gratuity|tip amount"),
    "service_charge": _concept("money", "service charge|service fee|service"),
    "shipping": _concept("money", "shipping|shipping cost|delivery charge|delivery fee|freight|"
    "postage|versandkosten"),
    "tax_rate": _concept(
        "percent", "tax rate|vat rate|tax percent|vat percent|tax percentage|gst rate",
        "tax rate|vat rate|vat %|tax %|gst %|ust|ust satz|steuersatz|mwst satz|mwst %|mwst|taux tva|"
        "tva %|taux|aliquota|iva %|tipo iva|btw %"
    ),
    "discount_rate": _concept("percent", "discount rate", "discount rate|discount %|rabatt %|remise %"),
    "item_count": _concept("count", "item count", "number of items|no of items|item count|items sold|total items|total "
    "qty|total quantity|items|anzahl artikel|artikelanzahl|nombre d articles|numero de articulos|numero articoli"),
    "table_number": _concept("id", "table number", "table no|table number|table|tbl|tisch nr|tisch|mesa|tavolo|tafel"),
    "cashier": _concept("person", "cashier", "cashier|server|waiter|waitress|served by|operator|clerk|sales person|"
    "salesperson|kassierer|bediener|es bediente sie|caissier|serveur|cajero|camarero|cassiere|cameriere|kassier"),
    "currency": _concept("currency", "currency|currency code|ccy|waehrung|devise",
    "currency|wahrung|rechnungswahrung|devise|moneda|divisa|valuta|munt"),
    "payment_method": _concept(
        "choice_text", "payment method|payment type|method of payment|payment mode|paid by|paid with|"
        "payment|tender type",
        "payment method|payment type|payment mode|method of payment|paid by|paid with|pay by|payment|"
        "tender|zahlungsart|zahlungsmittel|zahlung|bezahlt mit|mode de paiement|mode de reglement|"
        "moyen de paiement|reglement|forma de pago|metodo de pago|metodo di pagamento|pagamento|"
        "betaalwijze|betaalmethode",
    ),
    "payment_terms": _concept("text", "payment terms|terms",
    "payment terms|terms|terms of payment|zahlungsbedingungen|conditions de paiement|condiciones de "
    "pago|termini di pagamento|betalingsvoorwaarden"),
    "account_holder": _concept("party", "account holder|account name",
    "account holder|account name|beneficiary|kontoinhaber|kontoname|titulaire du compte|titular|"
    "intestatario|rekeninghouder|ten name van"),
    "iban": _concept(
        "iban",
        "iban|bank account|account iban|bank account number",
        "iban|iban no|bank account|konto nr|kontonummer|rib",
    ),
    "bic": _concept("bic", "bic|swift|swift code|bic swift", "bic|swift|bic swift|swift code"),
    # parties and how to reach them
    "company": _concept("party", "company|company name|organization|organisation|organization name|"
    "business name|firm|employer|firma|entreprise|empresa|azienda|bedrijf",
    "company|company name|organisation|organization|firma|unternehmen|societe|entreprise|empresa|"
    "azienda|ditta|bedrijf|会社名"),
    "merchant": _concept("party", "merchant|merchant name|store|store name|shop|shop name|issuer|"
    "restaurant|outlet", "merchant|store|shop|outlet"),
    "person": _concept("person", "name|full name|person|person name|contact name|contact|customer "
    "name|holder|holder name|employee name|caller|caller name|contact person|attention",
    "name|full name|contact|contact person|attn|attention|ansprechpartner|name vorname|nom|nom et "
    "prenom|nombre|nome|naam|customer name|氏名|姓名|이름"),
    "given_name": _concept("person", "given name|first name|given names|forename|forenames|vorname|prenom",
    "given name|given names|first name|forename|vorname|vornamen|prenom|prenoms|nombre|nombres|nome|"
    "voornaam"),
    "surname": _concept("person", "surname|last name|family name|nachname",
    "surname|last name|family name|nachname|familienname|nom|nom de famille|apellido|apellidos|"
    "cognome|achternaam"),
    "job_title": _concept("job", "title|job title|position|role|occupation|function",
    "title|job title|position|funktion|fonction|cargo|ruolo|functie"),
    "address": _concept("address", "address|full address|postal address|street address|mailing "
    "address|location|store address|adresse|anschrift|direccion|indirizzo|adres",
    "address|registered address|office address|warehouse address|anschrift|adresse|direccion|"
    "domicilio|indirizzo|adres|住所|地址"),
    "street": _concept(
        "street",
        "street|street name|address line 1|street line|line1|strasse|rue",
        "street|strasse|rue|calle|via|straat",
    ),
    "postcode": _concept("postcode", "postcode|postal code|zip|zip code|post code|plz",
    "postcode|postal code|zip|zip code|plz|code postal|codigo postal|cap"),
    "city": _concept(
        "city",
        "city|town|locality|ort|stadt|ville",
        "city|town|ort|stadt|ville|ciudad|citta|plaats|woonplaats",
    ),
    "house_number": _concept("house", "house number", "house no|hausnummer|huisnummer"),
    "state": _concept("state", "state", "state|province|bundesland|provincia"),
    "country": _concept("country", "country|country code|nation|land|pays", "country|land|pays|pais|paese"),
    "phone": _concept("phone", "phone|telephone|phone number|tel|mobile|mobile number|cell|telephone "
    "number|callback phone|callback number|contact number|contact phone|telefon",
    "phone|phone no|phone number|tel|tel no|telephone|telephone no|mobile|mobile no|cell|hp|h p|call|"
    "hotline|customer care|telefon|telefonnummer|tel nr|mobil|handy|telephone|portable|telefono|tel "
    "fono|movil|cellulare|telefoon|mobiel|電話|电话|전화"),
    "fax": _concept("phone", "fax|fax number|telefax", "fax|fax no|telefax|telecopie"),
    "email": _concept("email", "email|e mail|email address|mail|contact email",
    "email|e mail|email address|mail|courriel|correo|correo electronico|posta elettronica"),
    "website": _concept("url", "website|url|web|homepage|web site|web address|internet",
    "website|web|url|homepage|internet|web site|site web|sito|sitio web"),
    "nationality": _concept("text", "nationality|citizenship",
    "nationality|citizenship|staatsangehorigkeit|nationalite|nacionalidad|nazionalita|cittadinanza|"
    "nationaliteit"),
    "sex": _concept("text", "sex|gender", "sex|gender|geschlecht|sexe|sexo|sesso|geslacht"),
    "birth_place": _concept("text", "place of birth|birth place|birthplace",
    "place of birth|geburtsort|lieu de naissance|lugar de nacimiento|luogo di nascita|geboorteplaats"),
    "issuing_authority": _concept("text", "issuing authority|authority|issued by",
    "issuing authority|authority|issued by|behorde|ausstellende behorde|autorite|autoridad|autorita"),
    # table columns
    "line_items": _concept("rows", "items|line items|lines|products|positions|rows|entries|articles|"
    "goods|services|purchases|positionen|artikel|lignes"),
    "position": _concept("number", "position|pos|line number|line no|index|row number",
    "pos|position|line|no|nr|n|#|sl no|s no|sr no|item no|lfd nr|ligne"),
    "article_number": _concept("id", "article number|sku|item code|product code|item number|article "
    "no|part number|code|product id|item id|barcode|gtin|ean|upc|asin",
    "article no|article number|art no|art nr|item code|item no|product code|sku|code|part no|gtin|ean|"
    "upc|artikelnummer|art nr lieferant|art nr kunde|art nr lief|artikel nr|reference article|ref|"
    "codigo|codice|artikelnr|b code|asin|fsn|hsn|hsn sac"),
    "description": _concept("text", "description|name|item|item name|product|product name|title|"
    "article|service|item description|label|designation|detail|details|desc",
    "description|item|items|product|product name|product description|article|particulars|details|"
    "title|service|item description|code desc|desc|beschreibung|bezeichnung|artikelbezeichnung|"
    "artikel|leistung|produkt|position text|designation|libelle|article|description des articles|"
    "descripcion|concepto|articulo|descrizione|prodotto|articolo|omschrijving|product omschrijving|品名|"
    "品目|商品|内容"),
    "quantity": _concept("number", "quantity|qty|count|units|number of units|amount ordered|menge|"
    "anzahl|quantite|cantidad|quantita|aantal",
    "quantity|qty|qnty|qty icu|quant|units|hours|hrs|menge|anzahl|stk|stuck|anz|quantite|qte|nombre|"
    "cantidad|cant|unidades|quantita|qta|aantal|hoeveelheid|数量|수량"),
    "unit": _concept("text", "unit|unit of measure|uom|einheit", "unit|uom|einheit|unite|unidad|unita|eenheid"),
    "unit_price": _concept("money", "unit price|price|price per unit|rate|unit cost|price each|item "
    "price|einzelpreis|prix unitaire|precio unitario|prezzo unitario",
    "unit price|u price|uprice|u p|unit cost|price|rate|rsp|price per unit|cost|each|price each|"
    "einzelpreis|e preis|ep|preis|nettopreis|stuckpreis|einzel|prix unitaire|prix|p u|p u ht|pu ht|pu|"
    "precio unitario|precio|p unit|prezzo unitario|prezzo|prijs per stuk|prijs|stuksprijs|単価|单价"),
    "line_total": _concept("money", "line total|amount|total|line amount|total price|item total|"
    "subtotal|extended price|price total|net amount|sum|gesamtpreis|montant|importe|importo",
    "amount|amt|line total|total|total price|subtotal|sub total|ext price|extended|net amount|net|"
    "value|betrag|gesamt|gesamtpreis|nettowert|nettobetrag|positionsbetrag|positions betrag|summe|"
    "warenwert|montant|montant ht|total ht|total|importe|importo|totale|totaal|prijs incl btw|prijs "
    "excl btw|bedrag|total tax|amount rm|amt rm|total rm|rm|rm tax|金額|小計"),
    "line_tax": _concept(
        "money",
        "tax|vat|tax amount|gst",
        "tax|vat|gst|sst|mwst betrag|tva|iva|btw|igst|cgst",
    ),
    "line_discount": _concept(
        "money",
        "discount|rebate",
        "discount|disc|rabatt|remise|descuento|sconto|korting",
    ),
    "line_tax_rate": _concept("percent", "tax rate|vat rate|tax percent",
    "tax %|vat %|mwst %|mwst|ust|steuersatz|tva %|iva %|btw|tax rate|vat rate|gst"),
    "line_date": _concept("date", "date|service date|training date|transaction date",
    "date|datum|training date|service date|fecha|data|value date"),
    # said or written at length
    "summary": _concept("whole", "summary|text|transcript|transcription|full text|content|message|"
    "body|notes text|abstract"),
    "notes": _concept("text", "notes|note|remarks|comment|comments|memo|bemerkungen",
    "notes|note|remarks|comments|bemerkungen|hinweis|remarque|observaciones|note|opmerkingen"),
    "subject": _concept("subject", "subject|topic|purpose|reason|title|about|regarding|matter",
    "subject|re|regarding|betreff|betr|objet|asunto|oggetto|onderwerp"),
    "action_items": _concept("actions", "action items|actions|tasks|todos|to dos|next steps|follow "
    "ups|todo|action points",
    "action items|actions|tasks|to do|todo|next steps|follow ups|action points|aufgaben|nachste schritte|"
    "actions a mener|tareas|azioni|actiepunten"),
    "participants": _concept("text", "participants", "participants|attendees|present|in attendance|those present|"
    "teilnehmer|teilnehmende|anwesend|anwesende|presents|asistentes|partecipanti|deelnemers|aanwezig"),
    "decisions": _concept("text", "decisions", "decisions|decisions made|decided|resolutions|agreed|beschlusse|"
    "entscheidungen|decisiones|decisioni|besluiten"),
    "document_type": _concept("doctype", "document type|type|doc type|kind"),
}  # fmt: skip

# Concepts that mean something only as the column of a table, and those that name the money of a whole paper.
COLUMNS = (
    "position", "article_number", "description", "quantity", "unit", "unit_price", "line_total",
    "line_tax", "line_discount", "line_tax_rate", "line_date",
)  # fmt: skip
PARTIES: dict[str, tuple[str, ...]] = {
    "seller": _split(
        "seller|vendor|supplier|merchant|issuer|from|sold by|sold from|shipped by|billed by|invoice "
        "from|bill from|provider|biller|payee"
        "|verkaufer|lieferant|rechnungssteller|leistungserbringer|absender|vendeur|fournisseur|"
        "emetteur|vendedor|proveedor|emisor"
        "|venditore|fornitore|cedente|verkoper|leverancier|afzender"
    ),
    "buyer": _split(
        "buyer|customer|client|bill to|billed to|billing address|invoice to|sold to|purchaser|to|"
        "recipient|payer|bill to address|customer details"
        "|kaufer|kunde|rechnungsempfanger|leistungsempfanger|kaufer leistungsempfanger|auftraggeber|"
        "rechnungsadresse|rechnungsanschrift|rechnung an"
        "|acheteur|client|destinataire|factura a|facture a|adresse de facturation|comprador|cliente|"
        "facturar a|destinatario|acquirente|cessionario|intestatario fattura"
        "|koper|klant|factuuradres|ontvanger|aan"
    ),
    "ship_to": _split(
        "ship to|shipping address|deliver to|delivery address|delivered to|warenempfanger|"
        "abweichender warenempfanger|lieferadresse|lieferanschrift"
        "|adresse de livraison|livrer a|livre a|direccion de envio|enviar a|indirizzo di consegna|"
        "destinazione|afleveradres|bezorgadres"
    ),
    "payee": _split("abweichender zahlungsempfanger|zahlungsempfanger|remit to|remittance address|pay to"),
}
