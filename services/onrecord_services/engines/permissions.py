"""Who may say what to NATS: one source for the embedded server and for `deploy/nats/`.

Only `operator` may create, change, purge or delete a stream or a message; no service runs as operator.
`deny_delete` and `deny_purge` alone do not protect a log: changing its limits empties it, deleting it works.

An answer goes to whatever reply subject the asker names, with the *answerer's* rights: a publisher naming
`ev.other.case.1` would have intake write there. So publishers live in an account of their own, out of which
only `in.>`, `cmd.>` and `feed.>` lead; the server then hides their reply subjects behind its own (`_R_.`).
Nobody gets `allow_responses`. Each publisher has an inbox prefix of its own, which it alone may listen to.

Known limit: our own readers share the log's account, so one that was taken over could have the server's
answers to its questions stored in a stream. Direct get is granted to nobody.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Service = Literal["operator", "intake", "desk", "clock", "notices", "reader"]
SERVICES: tuple[Service, ...] = get_args(Service)

INBOX = "_INBOX.>"
_PUBLISHERS_REPLIES = "_R_.>"
_PUBLISHER = "publisher."
PUBLISHERS_FILE = "publishers.conf"

_READ_STREAMS = (
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",  # which stream holds a subject: how the client finds a stream it is not told
    "$JS.API.STREAM.LIST",
    "$JS.API.STREAM.INFO.*",
    "$JS.API.STREAM.MSG.GET.*",  # never direct get: a lagging replica may answer that
    "$JS.API.CONSUMER.CREATE.>",  # ephemeral, ordered; the server removes them when they fall idle
    "$JS.API.CONSUMER.INFO.>",
    "$JS.API.CONSUMER.MSG.NEXT.>",
    "$JS.API.CONSUMER.DELETE.>",  # the client removes the ordered consumer it replaces
    "$JS.FC.>",  # flow control: without it a slow reader is dropped instead of waited for
    "$JS.ACK.>",  # progress of side-effect workers; readers acknowledge nothing
)


@dataclass(frozen=True)
class User:
    """One user of the server, and the subjects it may publish and subscribe to."""

    name: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


@dataclass(frozen=True)
class Credentials:
    """What a publisher is told: where to connect (password included), and the two subjects it lives on."""

    url: str
    inbox_prefix: str
    subject: str

    def __repr__(self) -> str:
        return f"Credentials(subject={self.subject!r})"  # the address holds the password


_SERVICE_USERS: dict[Service, User] = {
    "operator": User("operator", (">",), (">",)),
    "intake": User(
        "intake",
        ("ev.>", _PUBLISHERS_REPLIES, INBOX, *_READ_STREAMS),
        ("in.>", INBOX, "$JS.EVENT.ADVISORY.STREAM.BATCH_ABANDONED.*"),
    ),
    "desk": User("desk", ("ev.>", _PUBLISHERS_REPLIES, INBOX, *_READ_STREAMS), ("cmd.>", INBOX)),
    "clock": User("clock", ("ev.*.clock.>", "wake.>", *_READ_STREAMS), (INBOX, "due.>")),
    "notices": User(
        "notices",
        ("ev.*.alert.>", "ev.*.webhook.>", _PUBLISHERS_REPLIES, *_READ_STREAMS),
        ("feed.>", INBOX),
    ),
    "reader": User("reader", _READ_STREAMS, (INBOX,)),
}

_TOKEN = re.compile(r"[A-Za-z0-9-][A-Za-z0-9_-]{0,179}")


def service_users() -> tuple[User, ...]:
    """The users of our own processes."""
    return tuple(_SERVICE_USERS.values())


def publisher_user(tenant: str, publisher: str) -> User:
    """A system of the tenant's: it hands in, asks desk and feed, and has an inbox nobody else hears."""
    for token in (tenant, publisher):
        if not _TOKEN.fullmatch(token):
            raise ValueError("tenant and publisher are made of letters, digits, - and _, 180 at most")
    own = f"{tenant}.{publisher}"
    return User(_PUBLISHER + own, (f"in.{own}", f"cmd.{own}.*.*", f"feed.{own}"), (f"_INBOX_P.{own}.>",))


def publishers_among(names: Iterable[str]) -> list[User]:
    """The publishers whose passwords were made before."""
    parts = [name.split(".") for name in names if name.startswith(_PUBLISHER)]
    return [publisher_user(tenant, publisher) for _, tenant, publisher in parts]


def is_publisher(user: User) -> bool:
    """Whether this is somebody else's system, not a process of ours."""
    return user.name.startswith(_PUBLISHER)


def inbox_prefix(user: User) -> str:
    """What the client must be told (`inbox_prefix`), so that its answers come where it may listen."""
    return user.subscribe[0].removesuffix(".>") if is_publisher(user) else "_INBOX"


def render_accounts(passwords: Mapping[str, str]) -> str:
    """The accounts of the server. Passwords come quoted, or as variables (`$ONRECORD_NATS_INTAKE`)."""
    users = "".join(_render_user(user, passwords[user.name]) for user in service_users())
    return (
        "accounts {\n"
        "  LOG {\n"
        "    jetstream: enabled\n"
        '    exports: [ { service: "in.>", accounts: [PUBLISHERS] }, '
        '{ service: "cmd.>", accounts: [PUBLISHERS] }, '
        '{ service: "feed.>", accounts: [PUBLISHERS] } ]\n'
        f"    users: [\n{users}    ]\n"
        "  }\n"
        "  PUBLISHERS {\n"
        '    imports: [ { service: { account: LOG, subject: "in.>" } }, '
        '{ service: { account: LOG, subject: "cmd.>" } }, '
        '{ service: { account: LOG, subject: "feed.>" } } ]\n'
        f'    include "./{PUBLISHERS_FILE}"\n'
        "  }\n"
        "}\n"
    )


def render_publishers(users: Sequence[User], passwords: Mapping[str, str]) -> str:
    """The file the accounts include: it changes while the server runs, the rest does not."""
    return "users: [\n" + "".join(_render_user(user, passwords[user.name]) for user in users) + "]\n"


def _render_user(user: User, password: str) -> str:
    return (
        f"      {{\n        user: {_quoted(user.name)}, password: {password}\n"
        f"        permissions: {{\n"
        f"          publish: {{ allow: {_render_subjects(user.publish)} }}\n"
        f"          subscribe: {{ allow: {_render_subjects(user.subscribe)} }}\n"
        f"        }}\n      }}\n"
    )


def _render_subjects(subjects: Sequence[str]) -> str:
    return "[" + ", ".join(_quoted(subject) for subject in subjects) + "]"


def _quoted(text: str) -> str:
    return f'"{text}"'
