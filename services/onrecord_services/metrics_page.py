"""Metrics page: how any service tells Prometheus what it counts, and to whom."""

import hmac
from typing import Any

from litestar import Request, Response

CONTENT_TYPE = "text/plain; version=0.0.4"
"""The framework adds the charset; said twice, Prometheus would not read on."""


def shown(content: bytes) -> Response[bytes]:
    """What is counted, as Prometheus reads it."""
    return Response(content, media_type=CONTENT_TYPE)


def turned_away(request: Request[Any, Any, Any], key: str | None) -> Response[bytes] | None:
    """The answer to whoever comes without the key of ONRECORD_METRICS_KEY; None: let him in."""
    said = request.headers.get("authorization", "").removeprefix("Bearer ")
    if key and not hmac.compare_digest(said.encode(), key.encode()):
        return Response(b"", status_code=401, headers={"WWW-Authenticate": "Bearer"})
    return None
