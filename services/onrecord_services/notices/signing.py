"""Signing: how a receiver knows that a webhook is ours (Standard Webhooks 1.0, version 1, HMAC-SHA256)."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """A secret to be shown once to whoever receives."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def headers(secrets_: Sequence[str], message_id: str, sent_at_s: int, body: bytes) -> dict[str, str]:
    """The three headers of one message; one signature a secret, and a receiver needs to know one of them."""
    signatures = [f"v1,{_signature(secret, message_id, sent_at_s, body)}" for secret in secrets_]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(sent_at_s),
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, message_id: str, sent_at_s: int, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret is whsec_ and base64") from None
    signed = b"%s.%d.%s" % (message_id.encode(), sent_at_s, body)
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
