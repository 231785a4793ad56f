"""Durability: does the log write to the disk before it says yes? Asked of the server, not assumed.

JetStream tells it on its monitoring port only. Where that can be read, a forgetful server is refused; where
it cannot, we say so.
"""

import json
import urllib.error
import urllib.request

TIMEOUT_S = 2.0
NOT_DURABLE = (
    "the log acknowledges before its events are on the disk: set `sync_interval: always` in its `jetstream` "
    "block (deploy/nats/onrecord.conf shows it)"
)


class NotDurable(Exception):
    """Acknowledged events could be lost with the power."""


class LogNotUp(OSError):
    """A server that starts answers at its monitoring address before its log is up."""


def refuse_forgetful(monitor_url: str) -> None:
    """Ask the server at its monitoring address. Raises NotDurable, OSError if it cannot be asked."""
    with urllib.request.urlopen(f"{monitor_url}/jsz?config=1", timeout=TIMEOUT_S) as answer:  # noqa: S310 (an operator's setting)
        said = json.load(answer)
    if said.get("disabled"):
        raise LogNotUp("JetStream is not up")
    if not said.get("config", {}).get("sync_always"):
        raise NotDurable(NOT_DURABLE)


def word_on(monitor_url: str | None) -> str:
    """What to say at the start of a service that appends. Raises NotDurable."""
    if monitor_url is None:
        return "durability of the log not checked: set ONRECORD_NATS_MONITOR_URL to have it checked"
    try:
        refuse_forgetful(monitor_url)
    except (urllib.error.URLError, OSError, ValueError) as error:
        why = error if isinstance(error, LogNotUp) else type(error).__name__
        return f"durability of the log not checked: {monitor_url} does not answer ({why})"
    return "the log is on the disk before it answers"
