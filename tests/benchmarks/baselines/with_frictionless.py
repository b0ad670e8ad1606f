"""frictionless validating the file against a schema of its columns: no mapping, no events.

python tests/benchmarks/baselines/with_frictionless.py lean FILE
"""

import sys

from frictionless import Resource, Schema, system
from orders import EMAIL, print_counts

FIELDS = {"order_id": {"required": True}, "email": {"required": True, "pattern": EMAIL}}
NAMES = [
    "order_id", "email", "status", "paid_at", "created_at", "total", "currency", "name", "phone", "sku", "qty", "note",
]  # fmt: skip
schema = Schema.from_descriptor(
    {"fields": [{"name": name, "type": "string", "constraints": FIELDS.get(name, {})} for name in NAMES]}
)
with system.use_context(trusted=True):
    report = Resource(path=sys.argv[2], schema=schema).validate(limit_errors=10**9)
print_counts(-1, report.stats["errors"])
