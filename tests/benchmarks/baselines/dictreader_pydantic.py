"""What a good engineer would write: csv.DictReader (or json.loads), a pydantic model, one event after the other.

python tests/benchmarks/baselines/dictreader_pydantic.py KIND FILE
"""

import os
import sys
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from orders import EMAIL, PAID, instant, money, picked, print_counts, read
from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer, StringConstraints, ValidationError


class Purchase(BaseModel):
    event_name: str = "purchase"
    order_id: Annotated[str, StringConstraints(min_length=1)]
    email: Annotated[str, StringConstraints(pattern=EMAIL)]
    full_name: str | None = None
    phone: str | None = None
    amount: Annotated[Decimal, BeforeValidator(money), Field(ge=0), PlainSerializer(float)]
    event_time: Annotated[
        datetime, BeforeValidator(instant), PlainSerializer(lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ"))
    ]
    idempotency_key: str = ""
    do_not_capi: bool = True


def main(kind: str, path: str) -> None:
    validate = Purchase.model_validate
    seen: set[str] = set()
    rejected = 0
    with open(os.devnull, "wb") as out:
        for row in read(kind, path):
            order = picked(kind, row)
            if order.get("status") not in PAID or "cancelled" in order:
                continue
            try:
                event = validate(order)
            except ValidationError:
                rejected += 1
                continue
            event.idempotency_key = f"purchase:{event.order_id}"
            if event.idempotency_key not in seen:
                seen.add(event.idempotency_key)
                out.write(event.model_dump_json(exclude_none=True).encode() + b"\n")
    print_counts(len(seen), rejected)


main(*sys.argv[1:])
