"""What papers call the columns of a list of goods, and what is written or said at length."""

from __future__ import annotations

from extraction.mapping.concept import Concept, concept

GOODS_CONCEPTS: dict[str, Concept] = {
    # table columns
    "line_items": concept("rows", "items|line items|lines|products|positions|rows|entries|articles|"
    "goods|services|purchases|positionen|artikel|lignes"),
    "position": concept("number", "position|pos|line number|line no|index|row number",
    "pos|position|line|no|nr|n|#|sl no|s no|sr no|item no|lfd nr|ligne"),
    "article_number": concept("id", "article number|sku|item code|product code|item number|article "
    "no|part number|code|product id|item id|barcode|gtin|ean|upc|asin",
    "article no|article number|art no|art nr|item code|item no|product code|sku|code|part no|gtin|ean|"
    "upc|artikelnummer|art nr lieferant|art nr kunde|art nr lief|artikel nr|reference article|ref|"
    "codigo|codice|artikelnr|b code|asin|fsn|hsn|hsn sac"),
    "description": concept("text", "description|name|item|item name|product|product name|title|"
    "article|service|item description|label|designation|detail|details|desc",
    "description|item|items|product|product name|product description|article|particulars|details|"
    "title|service|item description|code desc|desc|beschreibung|bezeichnung|artikelbezeichnung|"
    "artikel|leistung|produkt|position text|designation|libelle|article|description des articles|"
    "descripcion|concepto|articulo|descrizione|prodotto|articolo|omschrijving|product omschrijving|品名|"
    "品目|商品|内容"),
    "quantity": concept("number", "quantity|qty|count|units|number of units|amount ordered|menge|"
    "anzahl|quantite|cantidad|quantita|aantal",
    "quantity|qty|qnty|qty icu|quant|units|hours|hrs|menge|anzahl|stk|stuck|anz|quantite|qte|nombre|"
    "cantidad|cant|unidades|quantita|qta|aantal|hoeveelheid|数量|수량"),
    "unit": concept("text", "unit|unit of measure|uom|einheit", "unit|uom|einheit|unite|unidad|unita|eenheid"),
    "unit_price": concept("money", "unit price|price|price per unit|rate|unit cost|price each|item "
    "price|einzelpreis|prix unitaire|precio unitario|prezzo unitario",
    "unit price|u price|uprice|u p|unit cost|price|rate|rsp|price per unit|cost|each|price each|"
    "einzelpreis|e preis|ep|preis|nettopreis|stuckpreis|einzel|prix unitaire|prix|p u|p u ht|pu ht|pu|"
    "precio unitario|precio|p unit|prezzo unitario|prezzo|prijs per stuk|prijs|stuksprijs|単価|单价"),
    "line_total": concept("money", "line total|amount|total|line amount|total price|item total|"
    "subtotal|extended price|price total|net amount|sum|gesamtpreis|montant|importe|importo",
    "amount|amt|line total|total|total price|subtotal|sub total|ext price|extended|net amount|net|"
    "value|betrag|gesamt|gesamtpreis|nettowert|nettobetrag|positionsbetrag|positions betrag|summe|"
    "warenwert|montant|montant ht|total ht|total|importe|importo|totale|totaal|prijs incl btw|prijs "
    "excl btw|bedrag|total tax|amount rm|amt rm|total rm|rm|rm tax|金額|小計"),
    "line_tax": concept(
        "money",
        "tax|vat|tax amount|gst",
        "tax|vat|gst|sst|mwst betrag|tva|iva|btw|igst|cgst",
    ),
    "line_discount": concept(
        "money",
        "discount|rebate",
        "discount|disc|rabatt|remise|descuento|sconto|korting",
    ),
    "line_tax_rate": concept("percent", "tax rate|vat rate|tax percent",
    "tax %|vat %|mwst %|mwst|ust|steuersatz|tva %|iva %|btw|tax rate|vat rate|gst"),
    "line_date": concept("date", "date|service date|training date|transaction date",
    "date|datum|training date|service date|fecha|data|value date"),
    # said or written at length
    "summary": concept("whole", "summary|text|transcript|transcription|full text|content|message|"
    "body|notes text|abstract"),
    "notes": concept("text", "notes|note|remarks|comment|comments|memo|bemerkungen",
    "notes|note|remarks|comments|bemerkungen|hinweis|remarque|observaciones|note|opmerkingen"),
    "subject": concept("subject", "subject|topic|purpose|reason|title|about|regarding|matter",
    "subject|re|regarding|betreff|betr|objet|asunto|oggetto|onderwerp"),
    "action_items": concept("actions", "action items|actions|tasks|todos|to dos|next steps|follow "
    "ups|todo|action points",
    "action items|actions|tasks|to do|todo|next steps|follow ups|action points|aufgaben|nachste schritte|"
    "actions a mener|tareas|azioni|actiepunten"),
    "participants": concept("text", "participants", "participants|attendees|present|in attendance|those present|"
    "teilnehmer|teilnehmende|anwesend|anwesende|presents|asistentes|partecipanti|deelnemers|aanwezig"),
    "decisions": concept("text", "decisions", "decisions|decisions made|decided|resolutions|agreed|beschlusse|"
    "entscheidungen|decisiones|decisioni|besluiten"),
    "document_type": concept("doctype", "document type|type|doc type|kind"),
}  # fmt: skip

# Concepts that mean something only as the column of a table.
COLUMNS = (
    "position", "article_number", "description", "quantity", "unit", "unit_price", "line_total",
    "line_tax", "line_discount", "line_tax_rate", "line_date",
)  # fmt: skip
