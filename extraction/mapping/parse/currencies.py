"""Currency codes and the signs people print for them."""

from __future__ import annotations

import re

CODES = frozenset(
    {
        "AED",
        "ARS",
        "AUD",
        "BGN",
        "BRL",
        "CAD",
        "CHF",
        "CLP",
        "CNY",
        "COP",
        "CZK",
        "DKK",
        "EGP",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "ISK",
        "JPY",
        "KES",
        "KRW",
        "MAD",
        "MXN",
        "MYR",
        "NGN",
        "NOK",
        "NZD",
        "PEN",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TRY",
        "TWD",
        "UAH",
        "USD",
        "VND",
        "ZAR",
    }
)
# Longest first: "US$" before "$". A bare "$" is read as USD unless the page says otherwise.
SIGNS = {
    "US$": "USD", "HK$": "HKD", "NT$": "TWD", "NZ$": "NZD", "A$": "AUD", "C$": "CAD", "S$": "SGD", "R$": "BRL",
    "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "CNY", "円": "JPY", "元": "CNY", "₹": "INR", "₩": "KRW", "원": "KRW",
    "₺": "TRY", "₽": "RUB", "₴": "UAH", "฿": "THB", "₫": "VND", "₱": "PHP", "₪": "ILS", "zł": "PLN", "Kč": "CZK",
    "Ft": "HUF", "RM": "MYR", "Rs.": "INR", "Rs": "INR", "Rp": "IDR", "Fr.": "CHF", "$": "USD",
}  # fmt: skip
# In speech and prose the name is said, not the sign.
NAMES = {
    "euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "bucks": "USD", "pound": "GBP",
    "pounds": "GBP", "quid": "GBP", "franken": "CHF", "francs": "CHF", "ringgit": "MYR", "yen": "JPY",
    "rupees": "INR", "dolares": "USD", "libras": "GBP", "pesos": "MXN",
}  # fmt: skip
SIGN = "|".join(re.escape(sign) for sign in SIGNS)
_LETTER_SIGN = re.compile(r"(?<![A-Za-z])(RM|Rs\.?|Rp|US\$|R\$)(?=[\s\d.:)]|$)")
_SYMBOL = re.compile("|".join(re.escape(sign) for sign in SIGNS if not sign[0].isascii() or "$" in sign))
_CODE = re.compile(r"(?<![A-Za-z])(" + "|".join(sorted(CODES)) + r")(?![A-Za-z])")


def find_currency(text: str) -> tuple[str, int, int] | None:
    """The first currency written in `text`: its ISO code and where it stands."""
    for pattern in (_CODE, _SYMBOL, _LETTER_SIGN):
        if match := pattern.search(text):
            found = match.group(0)
            return SIGNS.get(found, found), match.start(), match.end()
    return None
