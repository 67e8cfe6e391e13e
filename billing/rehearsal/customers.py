"""What the rehearsed providers hold of a customer, as their APIs tell and change it."""

from __future__ import annotations

from typing import Any

from billing.rehearsal.books import Customer, stamp

Told = tuple[int, dict[str, Any]]
BORN = "2026-01-01T00:00:00Z"
CARD = {"card_holder_name": "Ada Lovelace", "card_network": "visa", "last4_digits": "4242", "expiry_month": "12"}


def answer_dodo(customer: Customer, method: str, rest: list[str], body: dict[str, Any]) -> Told | None:
    match (method, rest):
        case ("PATCH", []):
            customer.note(body)
            return 200, _of_dodo(customer)
        case ("GET", ["payment-methods"]):
            saved = [{"payment_method": "card", "payment_method_id": one, "card": CARD} for one in customer.methods]
            return 200, {"items": saved}
        case ("DELETE", ["payment-methods", one]) if one in customer.methods:
            customer.methods.remove(one)
            return 204, {}
    return None


def answer_paddle(customer: Customer, method: str, rest: list[str], body: dict[str, Any], host: str) -> Told | None:
    match (method, rest):
        case ("GET", []):
            return 200, _data(_of_paddle(customer))
        case ("PATCH", []):
            customer.note(body)
            return 200, _data(_of_paddle(customer))
        case ("GET", ["payment-methods"]):
            return _page([_saved(customer, one) for one in customer.methods], host)
        case ("DELETE", ["payment-methods", one]) if one in customer.methods:
            customer.methods.remove(one)
            return 204, {}
        case ("GET", ["addresses" | "businesses" as kind]):
            return _page([_hung(customer, one) for one in getattr(customer, kind).values()], host)
        case ("PATCH", ["addresses" | "businesses" as kind, one]) if one in getattr(customer, kind):
            getattr(customer, kind)[one] |= body
            return 200, _data(_hung(customer, getattr(customer, kind)[one]))
    return None


def _of_dodo(customer: Customer) -> dict[str, Any]:
    return {
        "business_id": "bus_rehearsal",
        "created_at": stamp(customer.created_at),
        "customer_id": customer.ref,
        "email": customer.email,
        "name": customer.name,
        "metadata": customer.notes or {},
        "phone_number": customer.phone_number,
        "preferred_locale": None,
    }


def _of_paddle(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.ref,
        "name": customer.name,
        "email": customer.email,
        "marketing_consent": False,
        "status": customer.status,
        "locale": "en",
        "created_at": BORN,
        "updated_at": BORN,
        "custom_data": customer.notes,
        "import_meta": None,
    }


def _saved(customer: Customer, one: str) -> dict[str, Any]:
    card = {"type": "visa", "last4": "4242", "expiry_month": 12, "expiry_year": 2031}
    return {
        "id": one,
        "customer_id": customer.ref,
        "address_id": "add_1",
        "type": "card",
        "card": card | {"cardholder_name": "Ada Lovelace"},
        "paypal": None,
        "south_korea_local_card": None,
        "underlying_details": None,
        "origin": "saved_during_purchase",
        "saved_at": BORN,
        "updated_at": BORN,
    }


def _hung(customer: Customer, one: dict[str, Any]) -> dict[str, Any]:
    """An address or a business."""
    return {"customer_id": customer.ref, "created_at": BORN, "updated_at": BORN, "import_meta": None, **one}


def _page(rows: list[dict[str, Any]], host: str) -> Told:
    pagination = {"per_page": 50, "next": f"{host}/nothing", "has_more": False, "estimated_total": len(rows)}
    return 200, {"data": rows, "meta": {"request_id": "req", "pagination": pagination}}


def _data(data: Any) -> dict[str, Any]:
    return {"data": data, "meta": {"request_id": "req"}}
