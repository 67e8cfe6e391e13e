"""What papers call their numbers, dates, sums and payments."""

from __future__ import annotations

from extraction.mapping.concept import Concept, concept

DOCUMENT_CONCEPTS: dict[str, Concept] = {
    # documents and their numbers
    "invoice_number": concept(
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
    "receipt_number": concept(
        "id",
        "receipt number|receipt no|receipt id|transaction id|transaction number|ticket number|check number",
        "receipt number|receipt no|receipt #|receipt|rcpt no|transaction id|transaction no|trans no|"
        "trans|ticket no|check no|chk|bill no|bill #|slip no|invoice no|inv no",
        "bon nr|kassenbon nr|belegnummer|ticket n|ticket|recibo n|ricevuta n|scontrino n|bonnummer",
    ),
    "order_number": concept(
        "id",
        "order number|order no|order id|purchase order|po number|purchase order number",
        "order number|order no|order id|order #|order|po number|po no|po #|purchase order|purchase "
        "order no|your order",
        "bestell nr|bestellnummer|auftrag nr|auftragsnummer|auftrag nr lief|bestellung|ihre bestellung",
        "numero de commande|commande n|commande|bon de commande|numero de pedido|pedido n|pedido|"
        "ordine n|numero ordine|ordernummer|bestelnummer",
    ),
    "customer_number": concept(
        "id",
        "customer number|customer id|customer no|client number|account number|account id|member id|"
        "membership number",
        "customer number|customer no|customer id|customer #|client no|client id|account no|account "
        "number|account id|account|member no|member id|debtor no",
        "kundennummer|kunden nr|kundennr|numero client|n client|code client|numero de cliente|n "
        "cliente|codice cliente|klantnummer|klantnr|debiteurnummer",
    ),
    "delivery_note": concept(
        "id", "delivery note|delivery note number", "delivery note|delivery note no|lieferschein nr|"
        "lieferschein|lieferscheinnummer|bon de livraison|albaran|ddt|pakbon"
    ),
    "contract_number": concept(
        "id", "contract number|policy number|case number|file number",
        "contract no|policy no|policy number|case no|vertrags nr|vertragsnummer|numero de dossier|"
        "numero de contrat|dossiernummer"
    ),
    "reference": concept(
        "id", "reference|reference number|ref|payment reference",
        "reference|reference no|reference number|ref no|ref|your ref|our ref|payment reference|"
        "verwendungszweck|referenz|aktenzeichen|riferimento|referencia|kenmerk"
    ),
    "document_number": concept(
        "id", "document number|id number|passport number|card number|licence number|license number|"
        "identity number|personal number|document no",
        "document no|document number|id no|id number|passport no|passport number|card no|licence no|"
        "license no|licence number|identity card no|dl no",
        "ausweisnummer|dokumentnummer|numero de document|no du passeport|numero de documento|numero "
        "documento|documentnummer|idnr",
    ),
    "vat_id": concept(
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
    "registration_number": concept(
        "id", "registration number|company number|company registration number|trade register number",
        "company no|company reg no|company registration no|co no|co reg no|reg no|registration no|roc "
        "no|hrb nr|hrb|handelsregisternummer|rcs|rsc|kvk|kvk nr|rea|cin",
    ),
    # dates and times
    "issue_date": concept(
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
    "due_date": concept(
        "date", "due date|payment due date|payment due|due|pay by|due on|date due|payment deadline|deadline",
        "due date|payment due|payment due date|due by|due on|pay by|payable by|date due|due|please "
        "pay by|zahlbar bis|fallig am|fallig|falligkeit|falligkeitsdatum|zahlungsziel|bis zum",
        "date d echeance|echeance|a payer avant le|date limite de paiement|fecha de vencimiento|"
        "vencimiento|data di scadenza|scadenza|vervaldatum|te betalen voor|uiterste betaaldatum|支払期限",
    ),
    "order_date": concept(
        "date", "order date|purchase order date", "order date|date of order|po date|bestelldatum|"
        "bestell datum|auftragsdatum|auftrag datum|auftrag datum lief|vertrags datum|date de commande|"
        "fecha de pedido|data ordine|orderdatum"
    ),
    "delivery_date": concept(
        "date", "delivery date|ship date|shipping date|service date|supply date",
        "delivery date|ship date|shipping date|date of supply|service date|lieferdatum|liefer datum|"
        "leistungsdatum|leistungs datum|leistungszeitraum|liefer und leistungsdatum|lieferschein "
        "datum|liefer leistungszeitraum|date de livraison|fecha de entrega|data di consegna|"
        "leverdatum|abrechnungszeitraum|training date",
    ),
    "datetime": concept("datetime", "datetime"),
    "birth_date": concept(
        "date", "birth date|date of birth|dob|born|birthday|birthdate",
        "date of birth|birth date|dob|born|geburtsdatum|geburtstag|geb am|geboren|date de naissance|"
        "ne le|nee le|fecha de nacimiento|data di nascita|geboortedatum|生年月日",
    ),
    "expiry_date": concept(
        "date", "expiry date|expiration date|expires|expires on|valid until|date of expiry|valid to|expiry",
        "date of expiry|expiry date|expiration date|expires|exp|valid until|valid thru|expires on|"
        "gultig bis|gueltig bis|ablaufdatum|date d expiration|valable jusqu au|fecha de caducidad|"
        "valido hasta|scadenza|data di scadenza|geldig tot|有効期限",
    ),
    "time": concept(
        "time",
        "time|receipt time|transaction time|hour|purchase time",
        "time|uhrzeit|zeit|heure|hora|ora|tijd|時刻",
    ),
    # money named on paper is judged word by word (amount_words.py); here only what callers call it
    "total": concept("money", "total|total amount|grand total|amount total|total price|total gross|"
    "gross total|invoice total|total sum|amount|sum|total paid|final total|gross amount|total due "
    "amount|total incl tax|total including tax|gesamtbetrag|montant total|importe total|importo "
    "totale|totaal"),
    "amount_due": concept("money", "amount due|balance due|total due|payable|amount payable|"
    "outstanding|balance|amount to pay|zahlbetrag|open amount"),
    "subtotal": concept("money", "subtotal|sub total|net total|net amount|total net|total excluding "
    "tax|net|total before tax|amount before tax|tax base|taxable amount|total excl tax|nettobetrag"),
    "tax": concept("money", "tax|tax total|total tax|tax amount|vat amount|vat total|total vat|gst|"
    "gst amount|sales tax|vat tax|mwst|tva|iva|steuerbetrag|service tax amount"),
    "discount": concept("money", "discount|discount amount|total discount|rebate|savings|rabatt"),
    "cash": concept("money", "cash|cash paid|amount paid|amount tendered|tendered|cash received|paid|"
    "paid amount|cash amount"),
    "change": concept("money", "change|change due|change given|cash change"),
    "rounding": concept("money", "rounding|rounding adjustment|rounding amount"),
    "tip": concept("money", "tip|gratuity|tip amount"),
    "service_charge": concept("money", "service charge|service fee|service"),
    "shipping": concept("money", "shipping|shipping cost|delivery charge|delivery fee|freight|"
    "postage|versandkosten"),
    "tax_rate": concept(
        "percent", "tax rate|vat rate|tax percent|vat percent|tax percentage|gst rate",
        "tax rate|vat rate|vat %|tax %|gst %|ust|ust satz|steuersatz|mwst satz|mwst %|mwst|taux tva|"
        "tva %|taux|aliquota|iva %|tipo iva|btw %"
    ),
    "discount_rate": concept("percent", "discount rate", "discount rate|discount %|rabatt %|remise %"),
    "item_count": concept("count", "item count", "number of items|no of items|item count|items sold|total items|total "
    "qty|total quantity|items|anzahl artikel|artikelanzahl|nombre d articles|numero de articulos|numero articoli"),
    "table_number": concept("id", "table number", "table no|table number|table|tbl|tisch nr|tisch|mesa|tavolo|tafel"),
    "cashier": concept("person", "cashier", "cashier|server|waiter|waitress|served by|operator|clerk|sales person|"
    "salesperson|kassierer|bediener|es bediente sie|caissier|serveur|cajero|camarero|cassiere|cameriere|kassier"),
    "currency": concept("currency", "currency|currency code|ccy|waehrung|devise",
    "currency|wahrung|rechnungswahrung|devise|moneda|divisa|valuta|munt"),
    "payment_method": concept(
        "choice_text", "payment method|payment type|method of payment|payment mode|paid by|paid with|"
        "payment|tender type",
        "payment method|payment type|payment mode|method of payment|paid by|paid with|pay by|payment|"
        "tender|zahlungsart|zahlungsmittel|zahlung|bezahlt mit|mode de paiement|mode de reglement|"
        "moyen de paiement|reglement|forma de pago|metodo de pago|metodo di pagamento|pagamento|"
        "betaalwijze|betaalmethode",
    ),
    "payment_terms": concept("text", "payment terms|terms",
    "payment terms|terms|terms of payment|zahlungsbedingungen|conditions de paiement|condiciones de "
    "pago|termini di pagamento|betalingsvoorwaarden"),
    "account_holder": concept("party", "account holder|account name",
    "account holder|account name|beneficiary|kontoinhaber|kontoname|titulaire du compte|titular|"
    "intestatario|rekeninghouder|ten name van"),
    "iban": concept(
        "iban",
        "iban|bank account|account iban|bank account number",
        "iban|iban no|bank account|konto nr|kontonummer|rib",
    ),
    "bic": concept("bic", "bic|swift|swift code|bic swift", "bic|swift|bic swift|swift code"),
}  # fmt: skip
