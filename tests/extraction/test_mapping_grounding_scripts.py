"""Grounding over scripts, notations and misreadings: what is found, and what must not be."""

from __future__ import annotations

import unicodedata

import pytest

from extraction.mapping.grounding import ground
from extraction.recognized import Recognized
from tests.extraction.paper import page, paper

ACCENTS = paper("Crêperie Générale", "Sao Joao Lda", "Łódź, Ørsted & Co")
SCRIPTS = paper(
    "株式会社山田商事", "合計１２，３４５円", "المبلغ ٢٥٠", "राशि १५००", "사업자 서울상사", "Danke 🙏🏽 bis bald 👨‍👩‍👧"
)
LIGATURES = paper("Ofﬁce Supplies", "Großhandel Weiß", "Cœur & Æther")
MISREAD = paper("INVO1CE T0WER", "Burnharn Dairy", "Acct l0O5S8B", "Modern Corner", "Ba11 5treet")
NUMBERS = paper("Summe 1.234,56", "Total 9'876.54", "Montant 7 654,32", "Amount 12,34,567.00", "Saldo 3\u00a0210,00")
DATES = paper("14.02.2018", "3rd May 2024", "2023年7月9日", "le 5 mars 2022", "Jan 7, 2021")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (unicodedata.normalize("NFD", "Crêperie Générale"), ACCENTS),
        ("Creperie Generale", ACCENTS),
        ("São João Lda", ACCENTS),
        ("Lodz", ACCENTS),
        ("Orsted & Co", ACCENTS),
        ("Crêperie Générale", paper(unicodedata.normalize("NFD", "Crêperie Générale"))),
    ],
)
def test_accents_are_found_however_they_are_written(value: str, text: Recognized):
    assert ground(value, text).score >= 0.9


@pytest.mark.parametrize(
    ("value", "cited"),
    [
        ("山田商事", "山田商事"),
        ("서울상사", "서울상사"),
        (12345, "１２，３４５円"),
        ("12345", "１２，３４５"),
        (250, "٢٥٠"),
        (1500, "१५००"),
        ("٢٥٠", "٢٥٠"),
        ("Danke 🙏🏽", "Danke 🙏🏽"),
        ("bis bald 👨‍👩‍👧", "bis bald 👨‍👩‍👧"),
    ],
)
def test_other_scripts_and_digits_are_found(value: object, cited: str):
    found = ground(value, SCRIPTS)
    assert found.matched and found.citations[0].text == cited


@pytest.mark.parametrize(
    "value", ["Office Supplies", "Grosshandel Weiss", "GROSSHANDEL WEISS", "Coeur & Aether", "Ofﬁce"]
)
def test_ligatures_and_sharp_s_are_found(value: str):
    assert ground(value, LIGATURES).score >= 0.9


@pytest.mark.parametrize(
    "value", ["INVOICE TOWER", "Burnham Dairy", "IO05S8B", "1005588", "Modem Comer", "Ball Street"]
)
def test_what_recognisers_confuse_is_found_and_believed_less(value: str):
    found = ground(value, MISREAD)
    assert found.matched and 0.7 <= found.score < 1


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (("Lieferung der Waschma-", "schine am Montag"), "Waschmaschine"),
        (("Lieferung der Waschma\u00ad", "schine am Montag"), "Waschmaschine"),
        (
            ("Sold to: Greenfield", "Trading and Shipping", "Company Ltd, London"),
            "Greenfield Trading and Shipping Company Ltd",
        ),
        (("12 Harbour Road", "Port Ellen", "PA42 7AJ"), "12 Harbour Road, Port Ellen, PA42 7AJ"),
        (("12 Harbour Rod", "Port E11en", "PA42 7AJ"), "12 Harbour Road, Port Ellen, PA42 7AJ"),
    ],
)
def test_values_over_line_ends_are_found_on_all_their_lines(lines: tuple[str, ...], value: str):
    found = ground(value, paper("Some Shop", *lines, "Thank you"))
    assert found.matched and len(found.citations) == len(lines)


def test_a_value_over_a_page_end_is_cited_on_both_pages():
    book = Recognized(pages=(page("Terms", "Greenfield Trading"), page("and Shipping Ltd", "Thanks", number=2)))
    found = ground("Greenfield Trading and Shipping Ltd", book)
    assert [citation.page for citation in found.citations] == [1, 2]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "value", [1234.56, "1234.56", "1,234.56", 9876.54, 7654.32, 1234567, "12,34,567.00", 3210, 3210.0]
)
def test_numbers_are_found_in_other_notations(value: object):
    assert ground(value, NUMBERS).score >= 0.9
    assert ground(value, NUMBERS, kind="number").score >= 0.9


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("2 12.50 25.00", 2),
        ("4.00 12.00", 12),
        ("100 200 300 400", 200),
        ("12.30 4.50", 12.3),
        ("10 x 2.50 25.00", 2.5),
    ],
)
def test_a_row_of_a_table_is_no_telephone_number(row: str, value: float):
    assert ground(value, paper(row)).matched


@pytest.mark.parametrize(
    "value", ["2018-02-14", "2024-05-03", "2023-07-09", "2022-03-05", "2021-01-07", "2018-02-14T00:00:00Z"]
)
def test_dates_are_found_in_other_notations(value: str):
    assert ground(value, DATES).matched
    assert ground(value, DATES, kind="date").matched


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("art", ("Martin Partridge",)),
        ("ham", ("Hamburg", "Birmingham")),
        ("12", ("A-1234", "120 pcs", "512")),
        (12, ("A-1234", "120 pcs", "512", "3.12", "12.5")),
        (234.5, ("1234.50",)),
        (234, ("1.234,56",)),
        (2018, ("14/02/2018",)),
        (14.02, ("14.02.2018",)),
        (2, ("14/02/18",)),
        (5, ("Tel. +44 5 1234",)),
        ("2018-02-15", ("14/02/2018",)),
        ("2018-02-14", ("14/02/2019", "2018")),
        ("Atlantis Bank", ("Atlas Tank Ltd", "Bankside")),
        ("Nora Feldmann", ("Nora", "Thank you", "Feldweg 12")),
        ("INV-2024-0017", ("INV-2024-0018",)),
        ("DE123456789", ("DE123456780",)),
        ("山本商事", ("株式会社山田商事",)),
        ("🙏", ("Danke",)),
        ("USD", ("Total 5.00 €",)),
        ("US", ("USED BOOKS", "BUS 5")),
        ("-", ("a - b",)),
    ],
)
def test_what_is_not_there_is_refused(value: object, lines: tuple[str, ...]):
    found = ground(value, paper(*lines))
    assert not found.matched, (found.score, found.citations)


def test_a_name_is_not_pieced_together_from_words_all_over_the_page():
    scattered = paper("Green hills and a field", *["Nothing of note here"] * 8, "Trading since 1980", "shipping daily")
    assert not ground("Greenfield Trading and Shipping Company Ltd", scattered).matched


def test_letters_inside_a_longer_word_over_two_lines_are_no_match():
    parted = paper("Northgreen", "fields", "", "of barley")
    assert not ground("green fields of", parted).matched or ground("green fields of", parted).score < 0.9
    assert not ground("green fi", parted).matched
