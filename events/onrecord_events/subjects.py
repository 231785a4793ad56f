"""Subjects: where on the wire a tenant, a stream and a publisher live. No other module joins such strings."""

import re

from onrecord_events.errors import UnreadableEvent

TOKEN_BYTES_MAX = 180
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PLAIN = re.compile(r"[A-Za-z0-9-]{1,180}")
_TO_ESCAPE = re.compile(rb"[^A-Za-z0-9-]")
_ESCAPED = re.compile(r"_([0-9A-F]{2})")


def tenant_token(tenant: str) -> str:
    """`tenant` if it may be one. A wildcard or a dot here would be an attack, so nothing is escaped."""
    if not _TENANT.fullmatch(tenant):
        raise UnreadableEvent("a tenant is 1-40 of a-z, 0-9 and -, beginning with a letter or digit")
    return tenant


def token(text: str) -> str:
    """`text` as one subject token: bytes outside [A-Za-z0-9-] become _XX. At most 180 bytes, else refused."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = _TO_ESCAPE.sub(lambda found: b"_%02X" % found[0][0], text.encode()).decode()
    if not 0 < len(escaped) <= TOKEN_BYTES_MAX:
        raise UnreadableEvent(
            f"a name takes 1 to {TOKEN_BYTES_MAX} bytes in a subject, this one {len(escaped)}"
        )
    return escaped


def untoken(escaped: str) -> str:
    """The text behind a token."""
    raw = bytearray()
    at = 0
    for found in _ESCAPED.finditer(escaped):
        raw += escaped[at : found.start()].encode()
        raw.append(int(found[1], 16))
        at = found.end()
    return (bytes(raw) + escaped[at:].encode()).decode()


def jetstream_name(tenant: str) -> str:
    """The JetStream stream that holds a tenant's log."""
    return f"EV_{tenant_token(tenant)}"


def tenant_of(jetstream_stream: str) -> str | None:
    """The tenant whose log a JetStream stream is, if it is one."""
    return jetstream_stream[3:] if jetstream_stream.startswith("EV_") else None


def log_subjects(tenant: str) -> str:
    """All subjects of one tenant's log."""
    return f"ev.{tenant_token(tenant)}.>"


def stream_subject(tenant: str, stream: str) -> str:
    """The exact subject of one stream, `<kind>/<id>`. Raises UnreadableEvent if it is not of that form."""
    kind, slash, name = stream.partition("/")
    if not (kind and slash and name):
        raise UnreadableEvent("a subject is <kind>/<id>, such as complaint/CP-2026-0013")
    return f"ev.{tenant_token(tenant)}.{token(kind)}.{token(name)}"


def intake_subject(tenant: str, publisher: str) -> str:
    """Where a publisher sends to; the server's permissions fix both tokens."""
    return f"in.{tenant_token(tenant)}.{token(publisher)}"


def application_name(application: str, *, snapshots: bool = False) -> str:
    """The JetStream stream of an application of the `eventsourcing` library, or of its snapshots."""
    return f"ES_{token(application)}{'_snapshots' if snapshots else ''}"


def application_subjects(application: str, *, snapshots: bool = False) -> list[str]:
    """All subjects of an application, or of its snapshots."""
    kinds = "s" if snapshots else "et"
    return [f"es.{token(application)}.{kind}.*" for kind in kinds]


def aggregate_subject(application: str, originator: str, *, snapshots: bool = False) -> str:
    """The exact subject of one aggregate's events, or of its snapshots."""
    return f"es.{token(application)}.{'s' if snapshots else 'e'}.{token(originator)}"


def tracking_subject(application: str, upstream: str) -> str:
    """Where an application keeps how far it has processed another one's events."""
    return f"es.{token(application)}.t.{token(upstream)}"
