"""Goods under any name, with counts before them; sums, rates and moments beside them. All slips invented."""

from __future__ import annotations

import pytest

from tests.extraction.paper import ask, cited, field, paper

GOODS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "qty": {"type": "integer"}, "total": {"type": "number"}},
    },
}
HEAD = ("Café Lumière", "3 rue du Port", "44000 Nantes", "12/03/2024 09:15")
SLIP = paper(
    *HEAD,
    "Table: 14   Server: Ana Ruiz",
    "Check No: 88213",
    [(0.08, "Burger"), (0.7, "12.00")],
    [(0.08, "Fries"), (0.7, "4.00")],
    [(0.08, "Subtotal"), (0.7, "16.00")],
    [(0.08, "Discount 10%"), (0.7, "-1.60")],
    [(0.08, "Tax 8.25%"), (0.7, "1.19")],
    [(0.08, "Gratuity"), (0.7, "3.00")],
    [(0.08, "Total"), (0.7, "18.59")],
    [(0.08, "Cash"), (0.7, "20.00")],
    [(0.08, "Rounding"), (0.7, "0.01")],
    [(0.08, "Change"), (0.7, "1.40")],
)


@pytest.mark.parametrize("name", ["products", "articles", "positions", "lines", "purchases", "entries", "artikel"])
def test_goods_are_found_whatever_the_list_is_called(name):
    assert ask(SLIP, **{name: GOODS}).data[name] == [
        {"name": "Burger", "total": 12.0},
        {"name": "Fries", "total": 4.0},
    ]


def test_a_list_of_text_holds_their_names():
    mapped = ask(SLIP, products={"type": "array", "items": {"type": "string"}})
    assert mapped.data == {"products": ["Burger", "Fries"]}
    assert cited(mapped, "/products/1") == "Fries"


def test_names_alone_are_enough_to_ask_for():
    asked = {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}
    assert ask(SLIP, items=asked).data == {"items": [{"name": "Burger"}, {"name": "Fries"}]}


@pytest.mark.parametrize(
    "rows",
    [
        ["2 Croissant 3.00 6.00", "3 Wine 4.00 12.00"],
        ["2 x Croissant 3.00 6.00", "3x Wine 4.00 12.00"],
        [[(0.08, "2 Croissant"), (0.7, "6.00")], [(0.08, "3 Wine"), (0.7, "12.00")]],
        [[(0.08, "2x Croissant"), (0.7, "6.00")], [(0.08, "3 × Wine"), (0.7, "12.00")]],
        [[(0.08, "2"), (0.12, "Croissant"), (0.7, "6.00")], [(0.08, "3"), (0.12, "Wine"), (0.7, "12.00")]],
    ],
)
def test_counts_before_the_names_are_quantities(rows):
    mapped = ask(paper(*HEAD, *rows, "Total 18.00"), items=GOODS)
    assert mapped.data["items"] == [
        {"name": "Croissant", "qty": 2, "total": 6.0},
        {"name": "Wine", "qty": 3, "total": 12.0},
    ]
    assert cited(mapped, "/items/0/name") == "Croissant"
    assert cited(mapped, "/items/0/qty") == "2"


def test_a_name_may_begin_with_a_number():
    slip = paper(*HEAD, [(0.08, "7 Hills Lemon"), (0.7, "2.20")], [(0.08, "Sandwich"), (0.7, "5.00")], "Total 7.20")
    assert [one["name"] for one in ask(slip, items=GOODS).data["items"]] == ["7 Hills Lemon", "Sandwich"]


def test_the_small_sums_of_a_slip():
    asked = ("discount", "tip", "gratuity", "change", "cash", "tendered", "rounding", "tax_rate", "discount_percent")
    assert ask(SLIP, **dict.fromkeys(asked, "number")).data == {
        "discount": -1.6,
        "tip": 3.0,
        "gratuity": 3.0,
        "change": 1.4,
        "cash": 20.0,
        "tendered": 20.0,
        "rounding": 0.01,
        "tax_rate": 8.25,
        "discount_percent": 10,
    }


def test_a_rate_is_a_share_where_the_schema_stops_at_one():
    mapped = ask(SLIP, vat_rate={"type": "number", "maximum": 1})
    assert mapped.data == {"vat_rate": 0.0825}
    assert cited(mapped, "/vat_rate") == "8.25%"


def test_sums_may_be_nested_under_what_they_are_of():
    tax = {"type": "object", "properties": {"rate": {"type": "number"}, "amount": {"type": "number"}}}
    assert ask(SLIP, tax=tax).data == {"tax": {"rate": 8.25, "amount": 1.19}}


def test_taxes_and_payments_are_lists_of_sums_not_of_goods():
    def listed(**properties):
        return {
            "type": "array",
            "items": {"type": "object", "properties": {name: {"type": kind} for name, kind in properties.items()}},
        }

    mapped = ask(SLIP, taxes=listed(rate="number", amount="number"), payments=listed(method="string", amount="number"))
    assert mapped.data == {
        "taxes": [{"rate": 8.25, "amount": 1.19}],
        "payments": [{"method": "Cash", "amount": 20.0}],
    }


def test_table_server_and_number_of_the_slip():
    mapped = ask(SLIP, table="integer", server="string", receipt_number="integer")
    assert mapped.data == {"table": 14, "server": "Ana Ruiz", "receipt_number": 88213}


def test_a_printed_count_is_surer_than_a_counted_one():
    counted = ask(SLIP, item_count="integer")
    printed = ask(paper(*HEAD, "Burger 12.00", "Total 12.00", "No. of items: 1"), item_count="integer")
    assert (counted.data, printed.data) == ({"item_count": 2}, {"item_count": 1})
    assert cited(counted, "/item_count") == "Burger Fries"
    assert field(counted, "/item_count").confidence < field(printed, "/item_count").confidence


def test_a_date_and_a_time_make_a_moment():
    mapped = ask(SLIP, timestamp="string", purchased_at={"type": "string", "format": "date-time"})
    assert mapped.data == {"timestamp": "2024-03-12T09:15:00", "purchased_at": "2024-03-12T09:15:00Z"}
    assert field(mapped, "/purchased_at").confidence < field(mapped, "/timestamp").confidence
    assert cited(mapped, "/timestamp") == "12/03/2024 09:15"


def test_numbers_are_whole_where_they_are_printed_whole():
    asked = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "qty": {"type": "number"}, "total": {"type": "number"}},
        },
    }
    row = ask(paper(*HEAD, "2 x Croissant 3.00 6.00", "Total 6.00"), items=asked).data["items"][0]
    assert (type(row["qty"]), type(row["total"])) == (int, float)


def test_a_large_coffee_is_no_gross_sum():
    slip = paper(
        *HEAD,
        [(0.08, "2 Brezel"), (0.6, "0,90"), (0.7, "1,80")],
        [(0.08, "1 Kaffee groß"), (0.6, "3,20"), (0.7, "3,20")],
        [(0.08, "Summe EUR"), (0.7, "5,00")],
    )
    assert [one["name"] for one in ask(slip, artikel=GOODS).data["artikel"]] == ["Brezel", "Kaffee groß"]


def test_a_breakdown_of_taxes_is_no_list_of_goods():
    properties = {"taux": {"type": "number"}, "montant": {"type": "number"}}
    asked = {"type": "array", "items": {"type": "object", "properties": properties}}
    assert ask(SLIP, tax_breakdown=asked).data == {"tax_breakdown": [{"taux": 8.25, "montant": 1.19}]}
