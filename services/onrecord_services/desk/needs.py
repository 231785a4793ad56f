"""Needs: questions to read models that some commands cannot be decided without.

Subjects add theirs to `QUESTIONS`: a name, and a question that is given the command.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from onrecord_projections.queries.view import View
from onrecord_services.api.reads import Reads
from onrecord_services.desk.decision import Command

Question = Callable[[View, Any], Awaitable[Any]]

QUESTIONS: dict[str, Question] = {}


class Needs:
    """Asks a tenant's read models."""

    def __init__(self, reads: Reads, tenant: str, questions: Mapping[str, Question] = QUESTIONS) -> None:
        self._reads, self._tenant, self._questions = reads, tenant, questions

    async def answer(self, name: str, command: Command) -> Any:
        """What the read models say now. Raises NoReadModel, psycopg.Error."""
        question = self._questions[name]

        async def asked(view: View) -> Any:
            return await question(view, command)

        return await self._reads.ask(self._tenant, asked)
