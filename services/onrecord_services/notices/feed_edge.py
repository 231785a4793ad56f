"""The feed over NATS: pages by request/reply on `feed.<tenant>.<publisher>`.

The server's permissions fix tenant and publisher, and it hides the asker's inbox behind its own names: we
answer nobody else (`engines/permissions.py` says why). Nothing is kept for a reader; its place is its own.
"""

import logging
from typing import Annotated

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from psycopg import Error

from onrecord_projections import generation
from onrecord_projections.errors import NoReadModel
from onrecord_projections.queries import feed
from onrecord_services.notices.rows import Rows
from onrecord_services.outward import attributes_of
from onrecord_services.problem import Problem, TurnedAway
from onrecord_services.vault.keyring import KeyRing, VaultUnavailable

EVENTS_MAX = 200
BYTES_MAX = 400_000
WAITING_MAX = 1000
"""Requests that wait for their turn; more are turned away by the client, and ask again."""
_HIDDEN_REPLIES = "_R_."
_encode = msgspec.json.Encoder().encode

NOT_A_READER = Problem(
    name="scope",
    status=403,
    title="This publisher does not read",
    detail="Give it a key with the scope `read`.",
)
BAD_QUESTION = Problem(
    name="bad-question",
    status=400,
    title="Cannot be asked like this",
    detail='Send {"after": position, "limit": 1 to 200, "types": [...]}; all may be left out.',
)
UNAVAILABLE = Problem(
    name="unavailable", status=503, title="Cannot be read now", detail="Ask again soon.", retry_after_s=2
)

_log = logging.getLogger(__name__)


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reader asks for."""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**62)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=EVENTS_MAX)] = EVENTS_MAX
    types: Annotated[tuple[str, ...], msgspec.Meta(max_length=20)] = ()


_decode = msgspec.json.Decoder(Question).decode


async def listen(connection: Client, rows: Rows, keyring: KeyRing) -> None:
    """Answer, one after the other, for as long as the connection lives."""

    async def on_question(message: Msg) -> None:
        if not message.reply.startswith(_HIDDEN_REPLIES):
            return
        _, tenant, publisher = message.subject.split(".")
        answer = await _answer(rows, keyring, tenant, publisher, message.data, connection.max_payload)
        try:
            await connection.publish(message.reply, answer)
        except (NatsError, OSError):
            return  # the asker asks again

    await connection.subscribe("feed.*.*", queue="notices", cb=on_question, pending_msgs_limit=WAITING_MAX)


async def _answer(
    rows: Rows, keyring: KeyRing, tenant: str, publisher: str, raw: bytes, bytes_max: int
) -> bytes:
    try:
        return await _page(rows, keyring, tenant, publisher, raw, bytes_max)
    except TurnedAway as error:
        problem = error.problem
    except msgspec.MsgspecError:
        problem = BAD_QUESTION
    except (Error, NoReadModel, VaultUnavailable, OSError) as error:
        _log.warning("feed of tenant %s not answered: %s", tenant, type(error).__name__)
        problem = UNAVAILABLE
    return b'{"problem":' + problem.as_json() + b"}"


async def _page(
    rows: Rows, keyring: KeyRing, tenant: str, publisher: str, raw: bytes, bytes_max: int
) -> bytes:
    if await keyring.of_publisher(tenant, publisher, "read") is None:
        raise TurnedAway(NOT_A_READER)
    asked = _decode(raw or b"{}")
    async with rows.of(tenant) as connection:
        known_to = (await generation.held(connection)).checkpoint.position
        found = await feed.page(
            connection, asked.after, known_to, asked.limit, asked.types, bytes_max=BYTES_MAX
        )
    events = [attributes_of(event, tenant) for event in found.events]
    answer = _encode({"events": events, "position": found.position, "known_to": known_to})
    if len(answer) <= bytes_max:
        return answer
    first = found.events[0].position
    raise TurnedAway(
        Problem(
            name="too-large",
            status=413,
            title="An event does not fit into an answer",
            detail=f"Read the event at position {first} over HTTP, and go on after it.",
            more={"position": first},
        )
    )
