"""Where webhooks may go, how they are signed, and when they are tried again."""

import asyncio
import socket
from datetime import timedelta
from typing import Any

import pytest

from onrecord_services.notices.backoff import LONGEST, wait_after
from onrecord_services.notices.signing import headers, new_secret
from onrecord_services.notices.target import BadTarget, check, resolve


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com/",
        "https://",
        "https://user:word@example.com/",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "//example.com/",
        "https://example.com/" + "a" * 2000,
        "http://127.0.0.2/",
    ],
)
def test_such_an_address_is_refused(url: str) -> None:
    with pytest.raises(BadTarget):
        check(url)


def test_an_address_is_taken_apart() -> None:
    assert check("https://example.com/a/b?c=d#e") == ("https", "example.com", 443, "/a/b?c=d")
    assert check("http://localhost:8080") == ("http", "localhost", 8080, "/")


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 (an address to refuse)
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
async def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    lead_to(monkeypatch, "93.184.216.34", number)
    with pytest.raises(BadTarget, match="private"):
        await resolve("https://inside.example/")
    assert (await resolve("https://inside.example/", private=True)).number == "93.184.216.34"


async def test_a_public_name_is_called_by_its_number_and_greeted_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lead_to(monkeypatch, "2606:2800:220:1:248:1893:25c8:1946")
    found = await resolve("https://example.com:8443/hook")
    assert found.url == "https://[2606:2800:220:1:248:1893:25c8:1946]:8443/hook"
    assert (found.authority, found.host) == ("example.com:8443", "example.com")


def lead_to(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> None:
    """Every name leads there."""

    class Loop:
        async def getaddrinfo(self, _: str, port: int, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(asyncio, "get_running_loop", Loop)


def test_a_message_is_signed_as_the_specification_says() -> None:
    """The example of Standard Webhooks."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    found = headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_secrets_are_long_and_never_the_same() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert all(len(new_secret()) == 50 for _ in range(10))


def test_each_secret_signs_for_itself() -> None:
    one, two = new_secret(), new_secret()
    alone = [headers([secret], "a", 1, b"{}")["webhook-signature"] for secret in (one, two)]
    assert headers([one, two], "a", 1, b"{}")["webhook-signature"] == " ".join(alone)


def test_a_bad_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="base64"):
        headers(["whsec_?"], "a", 1, b"")


@pytest.mark.parametrize(
    ("failures", "least_s", "most_s"),
    [(1, 4, 6), (2, 8, 12), (5, 64, 96), (11, 2880, 4320), (10_000, 2880, 4320)],
)
def test_waiting_grows_and_is_never_the_same_for_all(failures: int, least_s: float, most_s: float) -> None:
    found = {wait_after(failures).total_seconds() for _ in range(50)}
    assert len(found) > 25
    assert least_s <= min(found) <= max(found) <= most_s


def test_who_asks_for_more_time_gets_it_within_reason() -> None:
    assert wait_after(1, timedelta(minutes=5)) == timedelta(minutes=5)
    assert wait_after(1, timedelta(days=5)) == LONGEST
