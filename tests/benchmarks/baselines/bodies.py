"""Ready-made request bodies, as long as those of the generated orders, and the headers that go with them."""

import json
from collections.abc import Iterator

HEADERS = {
    "Authorization": "Bearer benchmark",
    "Accept": "application/json",
    "Content-Type": "application/json",
}


def bodies(number: int) -> Iterator[bytes]:
    for order in range(number):
        name = f"A{order:08}"
        yield json.dumps(
            {
                "event_name": "purchase",
                "event_time": "2019-03-01T10:00:00Z",
                "idempotency_key": f"purchase:{name}",
                "order_id": name,
                "email": f"buyer{order}@example.com",
                "full_name": f"Buyer Number{order}",
                "phone": "+1 212 555 0100",
                "amount": 498.51,
                "do_not_capi": True,
            }
        ).encode()
