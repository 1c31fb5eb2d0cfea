"""What one run is called, and how its facts become JSON."""

import math
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def new_run_id() -> str:
    """A name that sorts by time and is used once."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def json_ready(value: Any) -> Any:
    """Numbers that JSON cannot hold become null, tuples lists, keys strings, and number types of libraries plain ones."""
    if isinstance(value, Mapping):
        return {str(key): json_ready(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_ready(part) for part in value]
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return json_ready(value.item()) if hasattr(value, "item") else str(value)
