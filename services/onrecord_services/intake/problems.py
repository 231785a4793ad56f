"""Problems: why a body was not taken."""

from onrecord_services.intake.outcome import Outcome
from onrecord_services.problem import Problem

NO_KEY = Problem(
    name="no-key",
    status=401,
    title="No valid API key",
    detail="Send `Authorization: Bearer <key>`, with a key that was made for you and not revoked.",
)
NOT_A_WRITER = Problem(
    name="scope", status=403, title="This key does not write", detail="Use a key whose scopes hold `write`."
)
UNKNOWN_FORM = Problem(
    name="media-type",
    status=415,
    title="Not a form we read",
    detail="Send application/cloudevents+json, application/cloudevents-batch+json, or JSON with ce- headers; "
    "not compressed.",
)
TOO_LARGE = Problem(
    name="too-large",
    status=413,
    title="Too large",
    detail="A body takes at most 8,000,000 bytes, an event 512,000, a batch 1,000 events: send less at once.",
)
BUSY = Problem(
    name="busy",
    status=429,
    title="Too many at once",
    detail="Wait for answers before sending more with this key; several events fit in one batch.",
    retry_after_s=1,
)
UNAVAILABLE = Problem(
    name="unavailable",
    status=503,
    title="Cannot be stored now",
    detail="The log or what guards it did not answer. The events may or may not be stored: send the same "
    "again, with the same source and id. It is safe, nothing is stored twice.",
    retry_after_s=2,
)


def over_quota(wait_s: float) -> Problem:
    """Too much too fast."""
    return Problem(
        name="quota",
        status=429,
        title="Over quota",
        detail="This key handed in more than its share. Nothing of this body was read; send it again later.",
        retry_after_s=max(1, round(wait_s + 0.5)),
    )


def of_outcome(outcome: Outcome) -> Problem:
    """What a single event's sender is told when it was not stored as an event."""
    more = {"reason": outcome.reason, **outcome.as_answer()}
    match outcome.kind, outcome.reason:
        case "conflict", _:
            return Problem(name="conflict", status=409, title="Conflict", detail=outcome.where, more=more)
        case "forbidden", _:
            return Problem(
                name="source",
                status=403,
                title="Not your source",
                detail="This key may not speak for the event's source. Use a key made for it.",
                more=more,
            )
        case _, "too-large":
            return Problem(
                name="refused",
                status=413,
                title="Refused",
                detail=f"{TOO_LARGE.detail} ({outcome.where})",
                more=more,
            )
    return Problem(
        name="refused",
        status=400,
        title="Refused",
        detail=f"Not an event we know ({outcome.reason}; {outcome.where}). The refusal is on record; mend "
        "the event and send it again.",
        more=more,
    )
