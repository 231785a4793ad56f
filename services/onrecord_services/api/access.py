"""Access: who asks. The tenant comes from the key alone; a key without the scope `read` reads nothing."""

from typing import Any

import msgspec
from litestar import Request

from onrecord_projections.queries.view import Lang
from onrecord_services.api.problems import NO_KEY, NOT_A_READER
from onrecord_services.problem import TurnedAway
from onrecord_services.vault.keyring import KeyRing

KEY_COOKIE = "onrecord_key"
LANG_COOKIE = "onrecord_lang"
KEY_CHARS_MAX = 200


class Visitor(msgspec.Struct, frozen=True):
    """Whoever holds a key that reads."""

    tenant: str
    name: str
    lang: Lang


async def visitor_of(request: Request[Any, Any, Any], keyring: KeyRing) -> Visitor:
    """Who sent this. Raises TurnedAway, VaultUnavailable."""
    scheme, _, words = request.headers.get("authorization", "").partition(" ")
    key = words.strip() if scheme.lower() == "bearer" else request.cookies.get(KEY_COOKIE, "")
    return await reader_of(key, keyring, language_of(request))


async def reader_of(key: str, keyring: KeyRing, lang: Lang) -> Visitor:
    """The visitor a key stands for. Raises TurnedAway, VaultUnavailable."""
    found = await keyring.find(key) if 0 < len(key) <= KEY_CHARS_MAX else None
    if found is None:
        raise TurnedAway(NO_KEY)
    if "read" not in found.scopes:
        raise TurnedAway(NOT_A_READER)
    return Visitor(found.tenant, found.name, lang)


def language_of(request: Request[Any, Any, Any]) -> Lang:
    """Asked for in the address, else chosen before on the page, else what the browser prefers."""
    for said in (request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)):
        if said:
            return "zh" if said.lower().startswith("zh") else "en"
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(accepted: str) -> Lang:
    """The first of our languages in the order of preference (RFC 9110 section 12.5.4)."""
    ranked: list[tuple[float, int, str]] = []
    for nth, part in enumerate(accepted[:500].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((-float(weight or 1), nth, tag.lower()))
        except ValueError:
            continue
    for disfavour, _, tag in sorted(ranked):
        if disfavour < 0 and tag.startswith(("zh", "en")):
            return "zh" if tag.startswith("zh") else "en"
    return "en"
