"""Signing in: with an API key, once; or by a link that works once."""

import hmac

from onrecord_projections.queries.view import Lang
from onrecord_services.api.page.html import Element, h
from onrecord_services.api.page.words import say


class OnceLink:
    """A word in the address that signs one browser in. `onrecord up` prints it; a second use is refused."""

    def __init__(self, word: str, key: str) -> None:
        self._word: str | None = word
        self._key = key

    def use(self, word: str) -> str | None:
        """The key behind it, the first time."""
        if self._word is None or not hmac.compare_digest(self._word.encode(), word.encode()):
            return None
        self._word = None
        return self._key


def content(lang: Lang, trouble: str | None) -> Element:
    """The page for whoever is not signed in."""
    return h(
        "form",
        h("h1", say(lang, "sign-in")),
        h("p", say(lang, trouble), class_="trouble", role="alert") if trouble else None,
        h("label", say(lang, "key"), for_="key"),
        h(
            "input",
            id="key",
            name="key",
            type="password",
            autocomplete="current-password",
            required=True,
            maxlength="200",
            autofocus=True,
        ),
        h("p", say(lang, "key-hint"), class_="hint"),
        h("button", say(lang, "sign-in"), type="submit"),
        method="post",
        action="/sign-in",
        class_="sign-in",
    )
