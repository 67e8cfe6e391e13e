"""The words that tell what an amount on paper is: total, net, tax, change. Judged word by word, so that
"Total Amt Incl. GST @ 6%" and "Gesamtbetrag inkl. MwSt." need no entry of their own."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TOTAL = _words(
    "total totals totaal totale gesamt gesamtbetrag gesamtsumme summe endbetrag endsumme "
    "rechnungsbetrag rechnungssumme bruttosumme "
    "bruttobetrag brutto amount amt sum montant importe importo bedrag betrag tot ttc subtotal "
    "zwischensumme jumlah suma gross "
    "合計 총액 合计 nettobetrag nettosumme totalbetrag"
)
GRAND = _words(
    "grand gesamtbetrag gesamtsumme endbetrag endsumme rechnungsbetrag bruttosumme bruttobetrag ttc nett gross final"
)
WEAK_TOTAL = _words("amount amt betrag montant importe importo bedrag sum gross brutto")
DUE = _words("due payable zahlbetrag pay outstanding payer zahlen betalen pagar pagare fallig zahlender offener solde")
INCLUDING = _words(
    "incl including inclusive inclusief inc inkl inklusive includes comprise compris iva-incluido "
    "incluido inclusa ttc w with"
)
EXCLUDING = _words(
    "excl excluding exclusive exclusief excluded exc ex exkl ohne before without ht hors excluido "
    "esclusa w/o exclude base basis basisbetrag bemessungsgrundlage taxable"
)
SUB = _words(
    "subtotal subtotaal zwischensumme nettobetrag nettosumme netto net positionssumme imponibile imponible sub "
    "sous subtotale nettowert warenwert"
)
GOODS = _words("warenwert positionssumme goods marchandises")
TAX = _words(
    "tax taxes gst vat sst mwst ust tva iva btw steuer steuerbetrag umsatzsteuer mehrwertsteuer hst "
    "pst moms impuesto imposta mwstbetrag "
    "消費税 cgst sgst igst"
)
COUNT = _words(
    "qty items item quantity quanuty pcs pieces artikelanzahl stuck articles articulos pax count "
    "points point units line lines anzahl"
)
ROUNDING = _words("rounding round rounded roundng rundung arrondi redondeo arrotondamento afronding adj")
CHANGE = _words("change balance ruckgeld wechselgeld zuruck rendu cambio vuelto resto wisselgeld")
DISCOUNT = _words(
    "discount disc saving savings saved save rabatt nachlass remise rabais descuento sconto korting "
    "promotion voucher coupon abschlage abzug skonto"
)
PAID = _words(
    "cash tender tendered visa mastercard master amex debit credit card paid received bar gegeben "
    "especes carte efectivo tarjeta contanti "
    "carta contant pin paypal anzahlungen vorauszahlung prepaid deposit bezahlt paye pagado payment "
    "ewallet grabpay ec girocard maestro"
)
SERVICE = _words("service serv svc bedienung")
TIP = _words("tip gratuity trinkgeld pourboire propina mancia fooi")
SHIPPING = _words(
    "shipping postage freight delivery versand versandkosten fracht transportkosten livraison port "
    "envio spedizione verzendkosten handling"
)
SURCHARGE = _words("zuschlage surcharge fee fees gebuhr")
OTHER = _words(
    "average avg limit previous last saldo opening points earned rate price iban no number id sv gv qv rc rp mtd"
)
SUMMARY = _words(
    "summary analysis breakdown specification aufschlusselung steueraufschlusselung umsatzsteueraufschlusselung recap"
)
