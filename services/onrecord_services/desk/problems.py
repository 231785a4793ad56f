"""Problems: why the desk gave no answer."""

from onrecord_services.problem import Problem

NOT_A_DECIDER = Problem(
    name="scope", status=403, title="This key does not decide", detail="Use a key whose scopes hold `decide`."
)
NOT_THIS_PERSON = Problem(
    name="person",
    status=403,
    title="This key is another person's",
    detail="The key decides for one person only: `by` names somebody else. Use the key of whoever decides.",
)
CONTENDED = Problem(
    name="contended",
    status=503,
    title="Others were faster",
    detail="Others kept deciding on the same streams. Nothing of this was stored: ask again, with this key.",
    retry_after_s=1,
)
KEY_REUSED = Problem(
    name="key-reused",
    status=409,
    title="This key belongs to another request",
    detail="The idempotency key was used for a request that said something else. Make a new key for a new "
    "decision; the first one stands.",
)
UNAVAILABLE = Problem(
    name="unavailable",
    status=503,
    title="Cannot be decided now",
    detail="The log or what guards it did not answer. The decision may or may not be stored: ask again with "
    "the same key. It is safe, nothing is decided twice.",
    retry_after_s=2,
)


def bad_request(why: str) -> Problem:
    """The request is no command."""
    return Problem(name="bad-command", status=400, title="Not a command", detail=why[:1000])
