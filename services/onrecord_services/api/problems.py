"""Problems: why a question has no answer."""

from onrecord_services.problem import Problem

NO_KEY = Problem(
    name="no-key",
    status=401,
    title="No valid API key",
    detail="Send `Authorization: Bearer <key>`. `onrecord key create` makes a key; none comes back.",
)
NOT_A_READER = Problem(
    name="scope", status=403, title="This key does not read", detail="Use a key whose scopes hold `read`."
)
UNAVAILABLE = Problem(
    name="unavailable",
    status=503,
    title="Cannot be read now",
    detail="PostgreSQL did not answer. Ask again soon; /readyz says when it is back.",
    retry_after_s=2,
)
TOO_LONG = Problem(
    name="too-long",
    status=503,
    title="It took too long",
    detail="The question was given up after 30 seconds. Narrow it: a case, a clause, a span of due dates.",
    retry_after_s=5,
)
OUR_FAULT = Problem(
    name="our-fault",
    status=500,
    title="Our fault",
    detail="The question was fine and failed here; the service's log says why. Asking again may not help.",
)
TOO_MANY_FEEDS = Problem(
    name="too-many-feeds",
    status=503,
    title="Too many follow the feed",
    detail="Come again soon. One reader of the feed can serve many of your own.",
    retry_after_s=10,
)
NO_PATH = Problem(
    name="no-path",
    status=404,
    title="Nothing here",
    detail="There is nothing to be asked at this address; /schema/openapi.json lists what there is.",
)


def bad_question(detail: str) -> Problem:
    """A question that makes no sense as it is put."""
    return Problem(name="bad-question", status=400, title="Cannot be asked like this", detail=detail)


def unknown(what: str) -> Problem:
    """Something named that is not there, as far as the rows know."""
    return Problem(
        name="unknown",
        status=404,
        title="Not known",
        detail=f"{what} is not in the read models. Recorded just now? Send `wait_for=<its position>`.",
    )


def no_read_model(detail: str) -> Problem:
    """The tenant exists by its key alone."""
    return Problem(
        name="no-read-model", status=503, title="Nothing to read yet", detail=detail, retry_after_s=5
    )


def not_there_yet(wanted: int, held: int) -> Problem:
    """The read models did not come as far as asked for, in time."""
    return Problem(
        name="not-there-yet",
        status=504,
        title="Not read that far yet",
        detail=f"The read models stand at position {held}, not {wanted} yet. Ask again; if it stays so, "
        "/readyz says whether the projection has stopped.",
        retry_after_s=1,
        more={"position": held},
    )
