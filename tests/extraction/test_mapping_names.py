"""What callers call things: synonyms and other languages resolve to the house's concepts."""

from __future__ import annotations

import pytest

from extraction.mapping.meaning import understand
from extraction.mapping.property_names import MORE_NAMES
from extraction.mapping.schema_walk import walk
from extraction.mapping.synonyms import CONCEPTS

FLAT = {
    "issue_date": "datum fecha data purchase_date transactionDate issued_on saleDate fecha_emision date_of_issue",
    "total": "montant importe importo grand_total totalPrice sum total_ttc gesamtbetrag order.total",
    "subtotal": "sub_total total_ht netAmount zwischensumme totals.net",
    "tax": "gst mwst tax.amount montant_tva",
    "tax_rate": "tax.rate vatRate mwst_satz taux_tva",
    "amount_due": "balance_due netAPayer amountOwed",
    "cash": "amountPaid tendered cash_received",
    "change": "change wechselgeld vuelto",
    "tip": "gratuity propina trinkgeld",
    "company": "empresa firma proveedor fournisseur lieferant supplier vendor_name biller nom_fournisseur",
    "merchant": "merchant_name store shop issuer negozio",
    "address": "dirección adresse indirizzo",
    "phone": "telefono tel phone_number",
    "invoice_number": "invoice_no invoice.number numero_factura rechnungsNr",
    "order_number": "po_number PurchaseOrderNo",
    "postcode": "zip address.postalCode plz code_postal",
    "street": "address.line1 vendor.address.street_address",
    "website": "url website",
    "email": "e-mail correo",
    "table_number": "table mesa",
    "item_count": "item_count numberOfItems",
}
COLUMNS = {
    "description": "item product name label descripcion libelle bezeichnung",
    "quantity": "qty count units cantidad menge",
    "unit_price": "price unitPrice price_per_unit cost einzelpreis",
    "line_total": "total line_total subtotal amount importe",
    "article_number": "sku code artikelnummer",
}


def _asked(name: str, kind: str = "string"):
    schema: dict = {"type": kind}
    for part in reversed(name.split(".")):
        schema = {"type": "object", "properties": {part: schema}}
    want = walk(schema)
    while want.shape == "object":
        want = next(iter(want.children.values()))
    return want


@pytest.mark.parametrize(("concept", "name"), [(c, name) for c, names in FLAT.items() for name in names.split()])
def test_a_property_is_known_by_many_names(concept, name):
    assert understand(_asked(name)).concept == concept


@pytest.mark.parametrize(("concept", "name"), [(c, name) for c, names in COLUMNS.items() for name in names.split()])
def test_a_column_is_known_by_many_names(concept, name):
    assert understand(_asked(name), in_table=True).concept == concept


@pytest.mark.parametrize("name", ["billTo", "kunde", "client", "nombre_cliente", "customerName"])
def test_the_buyer_is_known_by_many_names(name):
    assert (understand(_asked(name)).concept, understand(_asked(name)).party) == ("company", "buyer")


def test_vat_is_an_amount_as_a_number_and_an_identifier_as_text():
    assert understand(_asked("vat", "number")).concept == "tax"
    assert understand(_asked("vat")).concept == "vat_id"


def test_every_concept_with_more_names_exists():
    assert not set(MORE_NAMES) - set(CONCEPTS)
