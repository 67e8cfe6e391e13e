"""Words in a property's path that say whose attribute it is, in the languages of property_names.py."""

from __future__ import annotations

_NAMES = {
    "seller": (
        "seller|vendor|supplier|merchant|issuer|from|sender|biller|provider|store|shop|company|payee|"
        "verkaeufer|lieferant|lieferantenname|verkaeufername|haendlername|issuing company|empresa emisora|"
        "emisor|proveedor|vendedor|fournisseur|vendeur|emetteur|lieferanten|verkaufer|rechnungssteller|"
        "anbieter|aussteller|fornitore|venditore|cedente|leverancier|verkoper|fornecedor|emitente|retailer|"
        "restaurant|hotel|billed by|sold by|bill from"
    ),
    "buyer": (
        "buyer|customer|client|bill to|billing|recipient|purchaser|sold to|to|payer|debtor|kunde|kundenname|"
        "billed to|invoice to|bill to party|kunden|kaufer|kaeufer|rechnungsempfanger|rechnungsempfaenger|"
        "empfanger|empfaenger|acheteur|destinataire|cliente|comprador|receptor|destinatario|acquirente|"
        "cessionario|klant|koper|ontvanger|adquirente"
    ),
    "ship_to": (
        "ship to|shipping|delivery|consignee|delivered to|deliver to|lieferadresse|livraison|envio|"
        "spedizione|consegna|bezorg|aflever"
    ),
}
PARTY_NAMES: dict[str, tuple[str, ...]] = {party: tuple(names.split("|")) for party, names in _NAMES.items()}
