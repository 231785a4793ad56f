"""Stream name: how a request names what it is about."""

from typing import Annotated

from pydantic import Field, StringConstraints

from onrecord_events.base import Code

StreamName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}/[^\s/\x00-\x1f\x7f]{1,120}$", max_length=161)
]
"""Where it is on record: `<kind>/<id>`, such as `archive/V7`."""

Listed = Annotated[tuple[Code, ...], Field(max_length=100)]
"""What is filled in, or enclosed."""
