"""Receipts of invented shops: who issued them, where, when, for how much, and for what."""

from __future__ import annotations

import pytest

from tests.extraction.paper import ask, cited, field, paper

ISO = {"type": ["string", "null"], "format": "date"}
ITEMS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "description": {"type": ["string", "null"]},
            "quantity": {"type": ["integer", "null"]},
            "unit_price": {"type": ["number", "null"]},
            "amount": {"type": ["number", "null"]},
        },
    },
}
TILL = paper(
    [(0.3, "GREEN LANTERN DINER")],
    [(0.25, "BLUE OTTER FOODS LTD (882011-K)")],
    [(0.3, "14 Quarry Lane,")],
    [(0.3, "Millbrook Park")],
    [(0.3, "50410 Eastport")],
    [(0.3, "Tel: 03-2211 7788")],
    [(0.35, "TAX INVOICE")],
    [(0.08, "Date: 09/07/2024"), (0.6, "Time: 18:42")],
    "Cashier: Mo",
    [(0.08, "Item"), (0.5, "Qty"), (0.6, "Price"), (0.8, "Amount")],
    "Noodle soup",
    [(0.5, "2"), (0.6, "8.50"), (0.8, "17.00")],
    "Iced tea",
    [(0.5, "1"), (0.6, "3.20"), (0.8, "3.20")],
    [(0.08, "Subtotal"), (0.8, "20.20")],
    [(0.08, "GST 6%"), (0.8, "1.21")],
    [(0.08, "Rounding"), (0.8, "-0.01")],
    [(0.08, "TOTAL (incl. GST)"), (0.8, "21.40")],
    [(0.08, "Cash"), (0.8, "50.00")],
    [(0.08, "Change"), (0.8, "28.60")],
    "Thank you, come again",
)


def test_the_company_is_the_one_with_the_legal_form_without_its_registration_number():
    mapped = ask(TILL, company="string")
    assert mapped.data == {"company": "BLUE OTTER FOODS LTD"}
    assert cited(mapped, "/company") == "BLUE OTTER FOODS LTD"


def test_the_address_is_the_block_under_the_name_in_reading_order():
    mapped = ask(TILL, address="string")
    assert mapped.data == {"address": "14 Quarry Lane, Millbrook Park, 50410 Eastport"}
    assert len(field(mapped, "/address").citations) == 3


def test_the_total_is_what_was_paid_not_the_subtotal_the_cash_or_the_change():
    mapped = ask(TILL, total="number", subtotal="number", tax="number")
    assert mapped.data == {"total": 21.4, "subtotal": 20.2, "tax": 1.21}
    assert cited(mapped, "/total") == "21.40"


def test_a_total_asked_for_as_text_is_given_as_printed():
    assert ask(TILL, total={"type": "string"}).data == {"total": "21.40"}


def test_date_and_time_stand_in_the_head():
    assert ask(TILL, date=ISO, time="string").data == {"date": "2024-07-09", "time": "18:42"}


def test_descriptions_on_their_own_line_belong_to_the_numbers_below():
    mapped = ask(TILL, items=ITEMS)
    assert mapped.data["items"] == [
        {"description": "Noodle soup", "quantity": 2, "unit_price": 8.5, "amount": 17.0},
        {"description": "Iced tea", "quantity": 1, "unit_price": 3.2, "amount": 3.2},
    ]
    assert cited(mapped, "/items/0/description") == "Noodle soup"
    assert cited(mapped, "/items/1/amount") == "3.20"


def test_a_slip_without_a_header_gives_its_goods_too():
    slip = paper(
        "Kiosk Am Bach",
        "Seestraße 4",
        "8002 Zürich",
        "12.03.2024 09:15",
        [(0.08, "Kaffee"), (0.7, "4.50")],
        [(0.08, "2 x 3.20")],
        [(0.08, "Gipfeli"), (0.4, "2 x 1.60"), (0.7, "3.20")],
        [(0.08, "Summe CHF"), (0.7, "7.70")],
    )
    mapped = ask(slip, items=ITEMS, total="number", currency="string")
    assert mapped.data["total"] == 7.7
    assert mapped.data["currency"] == "CHF"
    assert [item["description"] for item in mapped.data["items"]] == ["Kaffee", "Gipfeli"]
    assert mapped.data["items"][1] | {"description": ""} == {
        "description": "",
        "quantity": 2,
        "unit_price": 1.6,
        "amount": 3.2,
    }


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        (
            [
                ("Zwischensumme", "18,00"),
                ("Gesamtbetrag inkl. MwSt", "21,42"),
                ("Gegeben bar", "50,00"),
                ("Rückgeld", "28,58"),
            ],
            21.42,
        ),
        ([("Sous-total HT", "10,00"), ("TVA 20%", "2,00"), ("Total TTC", "12,00"), ("Carte bancaire", "12,00")], 12.0),
        (
            [
                ("Base imponible", "10,00"),
                ("IVA 21%", "2,10"),
                ("Total", "12,10"),
                ("Efectivo", "20,00"),
                ("Cambio", "7,90"),
            ],
            12.1,
        ),
        ([("Subtotaal", "9,00"), ("BTW 9%", "0,81"), ("Te betalen", "9,81"), ("Pin", "9,81")], 9.81),
        (
            [("Imponibile", "10,00"), ("IVA", "2,20"), ("Totale", "12,20"), ("Contanti", "15,00"), ("Resto", "2,80")],
            12.2,
        ),
        ([("SUB-TCTAL", "5.00"), ("Total Qty", "3"), ("TOTAI", "5.30"), ("CHANGE", "0.00")], 5.3),
    ],
)
def test_the_total_is_found_in_six_languages_and_behind_a_misread_word(rows: list[tuple[str, str]], total: float):
    slip = paper("Some Shop", *[[(0.08, label), (0.7, amount)] for label, amount in rows])
    assert ask(slip, total="number").data == {"total": total}


def test_a_tax_table_below_does_not_pass_for_the_total():
    slip = paper(
        "Some Shop",
        [(0.08, "TOTAL"), (0.7, "31.80")],
        "GST Summary",
        [(0.4, "Amount"), (0.7, "Tax")],
        [(0.08, "SR 6%"), (0.4, "30.00"), (0.7, "1.80")],
        [(0.08, "Total"), (0.4, "30.00"), (0.7, "1.80")],
    )
    assert ask(slip, total="number").data == {"total": 31.8}


def test_a_slanted_photograph_keeps_its_rows():
    slanted = [[(0.08, "TOTAL"), (0.3, "x"), (0.5, "y"), (0.7, "12.00")]]
    assert ask(paper("Shop", *slanted), total="number").data == {"total": 12.0}
