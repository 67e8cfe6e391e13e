"""Invoices of invented firms in German, English and French: parties, numbers, dates, sums, lines."""

from __future__ import annotations

import pytest

from tests.extraction.paper import ask, cited, paper

ISO = {"type": ["string", "null"], "format": "date"}
LINES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "name": {"type": ["string", "null"]},
            "quantity": {"type": ["number", "null"]},
            "unit_price": {"type": ["number", "null"]},
            "line_total": {"type": ["number", "null"]},
        },
    },
}
WANTED = {
    "invoice_number": "string", "issue_date": ISO, "due_date": ISO, "seller_name": "string", "seller_vat_id": "string",
    "seller_address": "string", "buyer_name": "string", "buyer_address": "string", "currency": "string",
    "net_total": "number", "tax_total": "number", "total": "number", "amount_due": "number",
}  # fmt: skip
GERMAN = paper(
    [(0.08, "Verkäufer:"), (0.55, "RECHNUNG")],
    [(0.08, "Tannhof Holzbau GmbH"), (0.55, "Rechnungs-Nr.:"), (0.75, "TH-2024-118")],
    [(0.08, "Sägeweg 7"), (0.55, "Rechnungsdatum:"), (0.75, "05.06.2024")],
    [(0.08, "72250 Freudenthal"), (0.55, "Bestelldatum:"), (0.75, "01.05.2024")],
    [(0.08, "USt-IdNr.: DE811907980"), (0.55, "Zahlbar bis:"), (0.75, "19.06.2024")],
    "",
    "Käufer:",
    "Herrn",
    "Ole Brandt",
    "Lindenallee 12",
    "24103 Kiel",
    "",
    [(0.08, "Pos"), (0.16, "Bezeichnung"), (0.5, "Menge"), (0.62, "Einzelpreis"), (0.82, "Gesamtpreis")],
    [(0.08, "1"), (0.16, "Eichenbohle"), (0.5, "10,00 Stk"), (0.66, "45,50"), (0.84, "455,00")],
    [(0.08, "2"), (0.16, "Lieferung frei Haus"), (0.5, "1,00"), (0.66, "60,00"), (0.84, "60,00")],
    "",
    [(0.55, "Nettobetrag"), (0.84, "515,00")],
    [(0.55, "MwSt 19 %"), (0.85, "97,85")],
    [(0.55, "Gesamtbetrag EUR"), (0.84, "612,85")],
    source="text_layer",
)


def test_a_german_invoice_is_read_whole():
    assert ask(GERMAN, **WANTED).data == {
        "invoice_number": "TH-2024-118",
        "issue_date": "2024-06-05",
        "due_date": "2024-06-19",
        "seller_name": "Tannhof Holzbau GmbH",
        "seller_vat_id": "DE811907980",
        "seller_address": "Sägeweg 7, 72250 Freudenthal",
        "buyer_name": "Herrn Ole Brandt",
        "buyer_address": "Lindenallee 12, 24103 Kiel",
        "currency": "EUR",
        "net_total": 515.0,
        "tax_total": 97.85,
        "total": 612.85,
        "amount_due": 612.85,
    }


def test_every_value_is_cited_where_it_stands():
    mapped = ask(GERMAN, **WANTED)
    assert cited(mapped, "/invoice_number") == "TH-2024-118"
    assert cited(mapped, "/due_date") == "19.06.2024"
    assert cited(mapped, "/buyer_name") == "Herrn Ole Brandt"
    assert cited(mapped, "/tax_total") == "97,85"


def test_the_lines_of_the_table_become_objects():
    mapped = ask(GERMAN, line_items=LINES)
    assert mapped.data["line_items"] == [
        {"name": "Eichenbohle", "quantity": 10.0, "unit_price": 45.5, "line_total": 455.0},
        {"name": "Lieferung frei Haus", "quantity": 1.0, "unit_price": 60.0, "line_total": 60.0},
    ]
    assert cited(mapped, "/line_items/0/name") == "Eichenbohle"


ENGLISH = paper(
    [(0.08, "Copperfield Print Works Ltd"), (0.7, "INVOICE")],
    "3 Mill Street, Leeds LS1 4AB",
    "VAT No: GB123456789",
    "",
    [(0.08, "Bill To:"), (0.4, "Ship To:"), (0.66, "Invoice #:"), (0.84, "CP-5510")],
    [(0.08, "Juniper & Sons"), (0.4, "Juniper Depot"), (0.66, "Date:"), (0.84, "Aug 4, 2024")],
    [(0.08, "9 Harbour Road"), (0.4, "2 Dock Road"), (0.66, "Due Date:"), (0.84, "Sep 3, 2024")],
    [(0.08, "Bristol BS1 5TR"), (0.4, "Bristol BS2 0AA")],
    "",
    [(0.08, "Description"), (0.55, "Qty"), (0.66, "Rate"), (0.84, "Amount")],
    [(0.08, "Poster A2"), (0.55, "100"), (0.66, "£1.20"), (0.84, "£120.00")],
    [(0.08, "Design hours"), (0.55, "3"), (0.66, "£40.00"), (0.84, "£120.00")],
    "",
    [(0.66, "Subtotal:"), (0.84, "£240.00")],
    [(0.66, "VAT (20%):"), (0.84, "£48.00")],
    [(0.66, "Total:"), (0.84, "£288.00")],
    [(0.66, "Paid:"), (0.84, "£88.00")],
    [(0.66, "Balance Due:"), (0.84, "£200.00")],
    source="text_layer",
)


def test_an_english_invoice_keeps_its_parties_apart():
    data = ask(ENGLISH, **WANTED).data
    assert data["seller_name"] == "Copperfield Print Works Ltd"
    assert data["buyer_name"] == "Juniper & Sons"
    assert data["buyer_address"] == "9 Harbour Road, Bristol BS1 5TR"
    assert data["seller_vat_id"] == "GB123456789"
    assert (data["invoice_number"], data["issue_date"], data["due_date"]) == ("CP-5510", "2024-08-04", "2024-09-03")


def test_the_balance_due_is_not_the_total():
    data = ask(
        ENGLISH, total="number", amount_due="number", net_total="number", tax_total="number", currency="string"
    ).data
    assert data == {"total": 288.0, "amount_due": 200.0, "net_total": 240.0, "tax_total": 48.0, "currency": "GBP"}


FRENCH = paper(
    "Atelier Mirabelle SARL",
    "12 rue des Tanneurs",
    "69005 Lyon",
    "N° TVA : FR40303265045",
    "",
    [(0.55, "Facturé à :")],
    [(0.55, "Galerie du Port")],
    [(0.55, "4 quai Sud")],
    [(0.55, "13002 Marseille")],
    "",
    "Facture n° F-2024-031",
    "Date : 14/02/2024",
    "Date d'échéance : 15/03/2024",
    "",
    [(0.08, "Désignation"), (0.5, "Qté"), (0.6, "P.U. HT"), (0.8, "Montant HT")],
    [(0.08, "Encadrement chêne"), (0.5, "4"), (0.6, "1 250,00 €"), (0.8, "5 000,00 €")],
    "",
    [(0.6, "Total HT"), (0.8, "5 000,00 €")],
    [(0.6, "TVA 20 %"), (0.8, "1 000,00 €")],
    [(0.6, "Total TTC"), (0.8, "6 000,00 €")],
    source="text_layer",
)


def test_a_french_invoice_is_read_whole():
    data = ask(FRENCH, **WANTED, line_items=LINES).data
    assert data["invoice_number"] == "F-2024-031"
    assert (data["issue_date"], data["due_date"]) == ("2024-02-14", "2024-03-15")
    assert (data["seller_name"], data["seller_vat_id"]) == ("Atelier Mirabelle SARL", "FR40303265045")
    assert (data["net_total"], data["tax_total"], data["total"], data["currency"]) == (5000.0, 1000.0, 6000.0, "EUR")
    assert data["line_items"] == [
        {"name": "Encadrement chêne", "quantity": 4.0, "unit_price": 1250.0, "line_total": 5000.0}
    ]


def test_sums_printed_as_a_small_table_are_read_from_its_last_row():
    sums = paper(
        "Some Firm GmbH",
        [(0.08, "Warenwert"), (0.3, "Nettobetrag"), (0.5, "MwSt-Betrag"), (0.7, "MwSt-%"), (0.85, "Endbetrag")],
        [(0.08, "100,00"), (0.3, "100,00"), (0.5, "19,00"), (0.7, "19,0"), (0.85, "119,00")],
        [(0.08, "50,00"), (0.3, "50,00"), (0.5, "3,50"), (0.7, "7,0"), (0.85, "53,50")],
        [(0.08, "150,00"), (0.3, "150,00"), (0.5, "22,50"), (0.7, "EUR"), (0.85, "172,50")],
        source="text_layer",
    )
    data = ask(sums, net_total="number", tax_total="number", total="number").data
    assert data == {"net_total": 150.0, "tax_total": 22.5, "total": 172.5}


@pytest.mark.parametrize("label", ["Order date", "Bestelldatum", "Date de commande"])
def test_another_date_is_not_the_due_date(label: str):
    assert ask(paper("A Firm", f"{label}: 01.02.2024"), due_date="string").data == {"due_date": None}
