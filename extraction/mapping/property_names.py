"""What callers call the properties of their schemas, beyond the plain English of synonyms.py.

One line per language that says more; names are folded words, so "orderNo", "order_no" and "Order-No" are one.
"""

from __future__ import annotations


def _split(phrases: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in phrases.split("|") if phrase.strip())


MORE_NAMES: dict[str, tuple[str, ...]] = {
    "invoice_number": _split(
        "invoice|inv no|inv number|bill no|bill id|number of invoice|invoice nr|invoice code|rechnungs nr|"
        "rechnung nr|rechnungsnr|belegnummer|numero facture|numero de facture|num facture|facture numero|"
        "numero factura|numero de factura|factura numero|folio|numero fattura|numero di fattura|"
        "fattura numero|factuurnummer|numero da fatura|numero fatura"
    ),
    "receipt_number": _split(
        "receipt|receipt nr|bon number|bon nr|bonnummer|ticket no|ticket id|trans no|trans id|transaction|"
        "transaction no|slip number|slip no|check no|bill|numero ticket|numero de ticket|numero recibo|"
        "numero de recibo|numero scontrino|kassenbonnummer|quittungsnummer|numero recu|numero de recu|"
        "reference no"
    ),
    "order_number": _split(
        "po|po no|po id|order|order nr|order code|order reference|purchase order no|purchase order id|"
        "bestellnummer|auftragsnummer|numero commande|numero de commande|numero pedido|numero de pedido|"
        "numero ordine|ordernummer|bestelnummer"
    ),
    "customer_number": _split(
        "customer nr|client no|client id|account no|account|member number|member no|kundennummer|kunden nr|"
        "numero client|numero cliente|codice cliente|klantnummer|patient id|patient number"
    ),
    "vat_id": _split(
        "vat id number|vat reg no|tax no|tax registration|ust id|ust idnr|ust id nr|umsatzsteuer id|"
        "steuernummer|uid|numero tva|numero de tva|tva intracommunautaire|nif|cif|rfc|cuit|rut|partita iva|"
        "p iva|piva|codice fiscale|btw nummer|btw id|nit|cnpj|gst reg no|gst registration number|sst no"
    ),
    "registration_number": _split(
        "registration no|reg no|company no|company reg no|handelsregisternummer|hrb|rcs|kvk|kvk nummer|siren|roc no"
    ),
    "issue_date": _split(
        "date of invoice|date of purchase|date of transaction|date of receipt|date of sale|sale date|"
        "sales date|order placed|bought on|purchased on|paid on|payment date|printed on|inv date|doc date|"
        "dated|billing date|datum|rechnungsdatum|belegdatum|ausstellungsdatum|kaufdatum|fecha|fecha emision|"
        "fecha de emision|fecha factura|fecha de factura|fecha compra|fecha de compra|data|data emissione|"
        "data di emissione|data fattura|data emissao|data de emissao|date facture|date de facture|"
        "date emission|date d emission|date achat|date d achat|factuurdatum|aankoopdatum|visit date"
    ),
    "datetime": _split(
        "date time|timestamp|date and time|transaction datetime|transaction timestamp|purchase datetime|"
        "receipt datetime|purchased at|created at|paid at|transaction time stamp|datum uhrzeit|fecha hora|"
        "fecha y hora|date heure|data ora"
    ),
    "due_date": _split(
        "payable by|payment date due|due by|falligkeitsdatum|faelligkeitsdatum|faelligkeit|falligkeit|"
        "fallig am|faellig am|zahlungsziel|echeance|date echeance|date d echeance|vencimiento|"
        "fecha vencimiento|fecha de vencimiento|scadenza|data scadenza|data di scadenza|vervaldatum|"
        "vencimento|data de vencimento"
    ),
    "order_date": _split("date of order|order placed on|bestelldatum|date commande|fecha pedido|data ordine"),
    "delivery_date": _split(
        "date of delivery|delivered on|shipped on|lieferdatum|leistungsdatum|date livraison|"
        "date de livraison|fecha entrega|fecha de entrega|data consegna|data di consegna|leverdatum"
    ),
    "birth_date": _split(
        "geburtsdatum|geburtstag|date naissance|date de naissance|fecha nacimiento|fecha de nacimiento|"
        "data nascita|data di nascita|geboortedatum|birth|day of birth|data de nascimento"
    ),
    "expiry_date": _split(
        "valid thru|valid through|expire date|expires at|expiration|expiry on|gultig bis|gueltig bis|"
        "ablaufdatum|date expiration|date d expiration|fecha caducidad|fecha de caducidad|fecha expiracion|"
        "data scadenza documento|geldig tot|data de validade"
    ),
    "time": _split("time of purchase|time of day|sale time|uhrzeit|zeit|heure|hora|ora|orario|tijd"),
    "total": _split(
        "gross|payment amount|total cost|total value|order total|receipt total|bill total|bill amount|"
        "invoice amount|purchase total|purchase amount|amount charged|charged amount|amount with tax|"
        "amount incl tax|total with tax|total inc tax|total including vat|total incl vat|transaction amount|"
        "total amount due|total gross amount|final amount|final price|price total|total to pay|overall total|"
        "spent|amount spent|cost|price|gesamtsumme|gesamtbetrag brutto|summe|betrag|endbetrag|bruttobetrag|"
        "brutto|rechnungsbetrag|gesamt|montant|montant ttc|montant total ttc|total ttc|prix total|importe|"
        "monto|monto total|precio total|importo|totale|totale fattura|prezzo totale|totaalbedrag|bedrag|"
        "valor total|valor"
    ),
    "amount_due": _split(
        "due amount|remaining balance|remaining amount|balance amount|total payable|net payable|"
        "amount outstanding|outstanding balance|outstanding amount|to pay|amount owed|owed|zu zahlen|"
        "zahlbarer betrag|offener betrag|restbetrag|net a payer|montant du|reste a payer|a pagar|"
        "importe pendiente|saldo|da pagare|te betalen|openstaand bedrag"
    ),
    "subtotal": _split(
        "sub total amount|subtotal amount|amount excl tax|amount excluding tax|amount without tax|"
        "total without tax|total excluding vat|total excl vat|pre tax total|pretax total|pre tax amount|"
        "items total|goods total|amount net|netto|nettosumme|zwischensumme|gesamtbetrag netto|total ht|"
        "montant ht|sous total|base imponible|importe neto|imponibile|totale imponibile|subtotale|subtotaal|"
        "nettobedrag|valor liquido"
    ),
    "tax": _split(
        "vat|taxes|total taxes|amount of tax|tax value|tax sum|tax paid|tax charged|hst|pst|sst|service tax|"
        "consumption tax|mwst betrag|mehrwertsteuer|mehrwertsteuerbetrag|umsatzsteuer|ust|ust betrag|steuer|"
        "steuern|montant tva|total tva|taxe|impuesto|impuestos|importe iva|total iva|cuota iva|imposta|"
        "importo iva|btw|btw bedrag|imposto"
    ),
    "discount": _split(
        "total savings|saving|price reduction|reduction|coupon|nachlass|skonto|remise|rabais|descuento|"
        "sconto|korting|desconto|discount total|discount value|amount saved"
    ),
    "cash": _split(
        "cash tendered|tender|tender amount|amount received|amount given|cash given|received|prepaid|"
        "paid total|money received|gegeben|bar|bezahlt|bezahlter betrag|montant paye|especes|pagado|efectivo|"
        "importe pagado|pagato|contanti|betaald|contant|deposit"
    ),
    "change": _split(
        "change amount|change returned|cash back|wechselgeld|ruckgeld|rueckgeld|monnaie|monnaie rendue|rendu|"
        "cambio|vuelto|resto|wisselgeld|troco"
    ),
    "rounding": _split("round off|roundoff|rounding diff|rounding difference|rundung|arrondi|redondeo|arrotondamento"),
    "tip": _split("tips|tip paid|gratuities|gratuity amount|trinkgeld|pourboire|propina|mancia|fooi|gorjeta"),
    "service_charge": _split("service charge amount|service fee amount|bedienung|bedienungsgeld|servizio|servicio"),
    "shipping": _split(
        "shipping fee|shipping amount|shipping charge|shipping total|delivery|delivery cost|delivery amount|"
        "postage cost|versand|frais de port|frais livraison|gastos de envio|spese di spedizione|verzendkosten"
    ),
    "tax_rate": _split(
        "tax rate percent|vat rate percent|vat percentage|gst percent|gst percentage|rate of tax|tax pct|"
        "vat pct|sales tax rate|mwst satz|mwst prozent|steuersatz|ust satz|taux tva|taux de tva|tipo iva|"
        "tipo de iva|porcentaje iva|aliquota|aliquota iva|btw percentage|btw tarief"
    ),
    "discount_rate": _split("discount percent|discount percentage|rabatt prozent|rabattsatz|taux remise"),
    "item_count": _split(
        "items count|number of items|num items|no of items|total items|total quantity|total qty|"
        "items total count|line count|line item count|items sold|count of items|product count|"
        "number of products|article count|number of articles|anzahl artikel|artikelanzahl|anzahl positionen|"
        "nombre articles|nombre d articles|numero articulos|numero de articulos|numero articoli|"
        "aantal artikelen"
    ),
    "participants": _split(
        "participant|attendees|attendee|present|people present|members present|people|invitees|teilnehmer|"
        "teilnehmende|anwesende|presents|asistentes|participantes|partecipanti|deelnemers|aanwezigen"
    ),
    "decisions": _split(
        "decision|decisions made|resolutions|agreements|beschlusse|beschluesse|entscheidungen|decisiones|"
        "decisioni|besluiten|agreed points"
    ),
    "action_items": _split("action|action list|aufgaben|taches|tareas|azioni|actiepunten|follow up|assignments"),
    "table_number": _split(
        "table no|table|table id|tisch|tischnummer|tisch nr|numero table|table numero|mesa|numero de mesa|"
        "tavolo|tafel|tafelnummer"
    ),
    "cashier": _split(
        "cashier name|server|server name|waiter|waiter name|waitress|served by|operator|clerk|staff|"
        "salesperson|sales person|employee|associate|kassierer|kassierer in|bediener|bedienung name|caissier|"
        "serveur|cajero|camarero|mesero|cassiere|cameriere|kassier"
    ),
    "currency": _split(
        "currency iso|iso currency|currency symbol|currency name|wahrung|moneda|divisa|valuta|monnaie code"
    ),
    "payment_method": _split(
        "payments|payment means|pay method|paid via|paid using|mode of payment|method|payment method type|"
        "payment form|zahlungsart|zahlungsmethode|zahlungsmittel|zahlungsweise|mode paiement|"
        "mode de paiement|moyen de paiement|mode reglement|forma pago|forma de pago|metodo pago|"
        "metodo de pago|metodo pagamento|metodo di pagamento|modalita pagamento|betaalmethode|betaalwijze|"
        "forma de pagamento"
    ),
    "payment_terms": _split(
        "terms of payment|payment conditions|payment condition|zahlungsbedingungen|zahlungsbedingung|"
        "zahlungskonditionen|conditions paiement|conditions de paiement|conditions de reglement|"
        "condiciones pago|condiciones de pago|termini pagamento|termini di pagamento|betalingsvoorwaarden|"
        "betalingstermijn"
    ),
    "iban": _split("iban number|iban no|iban code|bank iban|bankverbindung"),
    "bic": _split("bic code|swift bic|swift number|bank code bic"),
    "company": _split(
        "firmenname|unternehmen|nom entreprise|nom de l entreprise|societe|raison sociale|nombre empresa|"
        "nombre de la empresa|razon social|ragione sociale|nome azienda|ditta|societa|bedrijfsnaam|org|"
        "org name|business|brand|company legal name|legal name|employer name"
    ),
    "merchant": _split(
        "merchant title|retailer|retailer name|store title|venue|establishment|restaurant name|shop title|"
        "business title|trader|hotel|hotel name|laden|geschaft|geschaeft|handler|haendler|magasin|enseigne|"
        "commerce|commercant|tienda|comercio|negozio|esercente|winkel|loja|estabelecimento|issuer name|"
        "issued by company|company issuing"
    ),
    "person": _split(
        "nom|nombre|nome|naam|fullname|complete name|patient|patient name|passenger|passenger name|guest|"
        "guest name|traveller|traveler|ansprechpartner|kontakt|nom complet|nombre completo|nome completo|"
        "volledige naam|signatory|signed by"
    ),
    "given_name": _split(
        "firstname|first names|vornamen|prenoms|nombres|nome di battesimo|voornaam|voornamen|nome proprio"
    ),
    "surname": _split(
        "lastname|surnames|familyname|familienname|nom de famille|apellido|apellidos|cognome|achternaam|sobrenome"
    ),
    "job_title": _split(
        "jobtitle|job|job role|designation title|profession|beruf|funktion|poste|fonction|cargo|ruolo|functie"
    ),
    "address": _split(
        "addr|address full|formatted address|address text|complete address|adress|adresse complete|"
        "firmenadresse|rechnungsadresse|direccion completa|domicilio|indirizzo completo|endereco|adressen"
    ),
    "street": _split(
        "address line|address line1|address1|address 1|addressline1|line 1|street line 1|street1|street 1|"
        "thoroughfare|road|street and number|street number and name|strasse hausnummer|"
        "strasse und hausnummer|strasse nr|calle|via|straat|rua|street name and number"
    ),
    "house_number": _split("house no|street number|building number|street no|hausnummer|huisnummer|civico"),
    "postcode": _split(
        "postal|zip postal code|zip or postal code|postleitzahl|code postal|cp|codigo postal|cap|"
        "codice postale|zipcode|postalcode|cep"
    ),
    "city": _split(
        "city name|town name|municipality|city town|wohnort|commune|ciudad|localidad|poblacion|citta|comune|"
        "plaats|cidade|town or city|place"
    ),
    "state": _split(
        "province|region|county|state code|state name|state province|state or province|administrative area|"
        "bundesland|kanton|canton|departement|provincia|estado|regione|comunidad autonoma|provincie"
    ),
    "country": _split("country name|pais|paese|laand|staat|land name|country iso"),
    "phone": _split(
        "phone no|tel no|tel number|telephone no|mobile phone|mobile no|cell phone|cellphone|landline|"
        "work phone|office phone|telefonnummer|handy|mobil|numero telephone|numero de telephone|portable|"
        "telefono|numero telefono|numero de telefono|movil|celular|cellulare|telefoon|telefoonnummer|"
        "telefone|hotline"
    ),
    "fax": _split("fax no|telefaxnummer|faxnummer|numero de fax"),
    "email": _split(
        "e mail address|mail address|contact mail|e mail adresse|courriel|correo|correo electronico|"
        "posta elettronica|indirizzo email|e mailadres"
    ),
    "website": _split(
        "website url|web url|site|site web|sitio web|sito|sito web|webseite|internetadresse|domain|web page|webpage"
    ),
    "nationality": _split(
        "staatsangehorigkeit|staatsangehoerigkeit|nationalitat|nationalite|nacionalidad|nazionalita|"
        "cittadinanza|nationaliteit"
    ),
    "sex": _split("geschlecht|sexe|sexo|sesso|geslacht"),
    "birth_place": _split(
        "born in|geburtsort|lieu naissance|lieu de naissance|lugar nacimiento|lugar de nacimiento|"
        "luogo nascita|luogo di nascita|geboorteplaats"
    ),
    "issuing_authority": _split(
        "issuer authority|issuing office|issuing body|authority name|ausstellende behorde|behorde|behoerde|"
        "autorite|autoridad|autorita"
    ),
    "document_number": _split(
        "id no|id card number|passport no|passport id|ausweisnummer|dokumentennummer|numero document|"
        "numero documento|numero de documento|numero carta|driver license number|drivers license number|"
        "mrz number"
    ),
    "document_type": _split(
        "type of document|document kind|dokumenttyp|dokumentart|belegart|type document|tipo documento|"
        "tipo de documento|document category"
    ),
    "line_items": _split(
        "item list|items list|line item list|invoice lines|invoice items|receipt items|purchase items|"
        "order lines|order items|purchased items|item rows|products list|bought items|table|charges|einkaufe|"
        "posten|produkte|waren|articles list|produits|prestations|articulos|productos|conceptos|partidas|"
        "lineas|articoli|prodotti|righe|voci|artikelen|producten|regels|itens|produtos|item|product|position|"
        "article|entry|line|line item|purchase|dishes|drinks|foods"
    ),
    "article_number": _split(
        "sku code|stock code|product number|product no|part no|material number|plu|isbn|artikelnummer|art nr|"
        "artikel nr|codigo|codice|codice articolo|reference|ref|code article|artikelcode"
    ),
    "description": _split(
        "line|text|item title|product title|product description|item text|good|goods|dish|charge|"
        "line description|bezeichnung|beschreibung|artikelbezeichnung|artikel|produkt|leistung|nom|libelle|"
        "produit|prestation|nombre|descripcion|producto|articulo|concepto|nome|descrizione|prodotto|articolo|"
        "naam|omschrijving|product naam|descricao|produto"
    ),
    "quantity": _split(
        "quant|qnty|amount of units|item count|item quantity|number of item|no of units|pieces|pcs|volume|"
        "hours|stuck|stueck|stuckzahl|stueckzahl|nombre unites|cant|unidades|qta|hoeveelheid|quantidade"
    ),
    "unit": _split("measure|unit name|unit type|mengeneinheit|unite|unidad|unita|eenheid"),
    "unit_price": _split(
        "price unit|unit amount|unit value|unit price net|net unit price|price per item|per unit|each|"
        "single price|item cost|unit rate|cost per unit|cost|preis|stuckpreis|stueckpreis|preis pro einheit|"
        "prix|prix unite|pu|precio|precio unidad|prezzo|prijs|stuksprijs|preco|preco unitario"
    ),
    "line_total": _split(
        "total amount|total cost|line price|row total|line sum|line value|sub total|gross|net total|"
        "total net|total gross|final price|amount total|extended amount|value|item amount|gesamt|"
        "gesamtbetrag|betrag|summe|zeilensumme|prix total|total ht|total ttc|precio total|totale|"
        "prezzo totale|totaal|bedrag|valor|monto"
    ),
    "notes": _split(
        "note text|additional notes|additional info|footer|footer text|anmerkung|anmerkungen|hinweise|"
        "kommentar|remarque|remarques|notas|observaciones|comentarios|osservazioni|opmerking|memo text"
    ),
}
