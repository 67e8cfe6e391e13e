"""What Paddle holds of a customer, masked: it deletes saved ways to pay and nothing else, so the rest is emptied.

Its transactions and invoices stay as they are: it has to keep them, as the merchant of record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paddle_billing import Client

NOBODY = "Erased"


def mask(client: Client, customer_ref: str, address: str) -> None:
    """What hangs on the customer first, itself last: broken off, it is done again."""
    from paddle_billing.Entities.Shared import Status
    from paddle_billing.Resources.Customers.Operations import UpdateCustomer

    if client.customers.get(customer_ref).email == address:
        return  # all of it: the address goes last
    for method in client.payment_methods.list(customer_ref):
        client.payment_methods.delete(customer_ref, method.id)
    _mask_addresses(client, customer_ref)
    _mask_businesses(client, customer_ref)
    asked = UpdateCustomer(email=address, name=None, custom_data=None, status=Status.Archived)
    client.customers.update(customer_ref, asked)


def _mask_addresses(client: Client, customer_ref: str) -> None:
    """The country stays: it has no address without one."""
    from paddle_billing.Entities.Shared import Status
    from paddle_billing.Resources.Addresses.Operations import ListAddresses, UpdateAddress

    every = ListAddresses(statuses=[Status.Active, Status.Archived])
    for one in client.addresses.list(customer_ref, every):
        asked = UpdateAddress(
            description=None,
            first_line=None,
            second_line=None,
            city=None,
            postal_code=None,
            region=None,
            custom_data=None,
            status=Status.Archived,
        )
        client.addresses.update(customer_ref, one.id, asked)


def _mask_businesses(client: Client, customer_ref: str) -> None:
    from paddle_billing.Entities.Shared import Status
    from paddle_billing.Resources.Businesses.Operations import ListBusinesses, UpdateBusiness

    every = ListBusinesses(statuses=[Status.Active, Status.Archived])
    for one in client.businesses.list(customer_ref, every):
        asked = UpdateBusiness(
            name=NOBODY,
            company_number=None,
            tax_identifier=None,
            contacts=[],
            custom_data=None,
            status=Status.Archived,
        )
        client.businesses.update(customer_ref, one.id, asked)
