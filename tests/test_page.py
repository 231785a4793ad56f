"""The plain page: who may see it, what stands on it, that nothing on it is taken for markup."""

import html
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from asking import A_DAY, LINK_WORD, House, house, registered
from onrecord_services.api.access import KEY_COOKIE
from onrecord_services.api.page.words import span
from onrecord_services.engines import Engines
from projecting import said

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def asked(engines: Engines) -> AsyncIterator[House]:
    """C is a day late, D due in an hour; signed in by the browser's cookie."""
    async with house(engines) as made:
        await made.bench.project(
            A_DAY,
            registered("C", "07-11 10:00:00", received_by=SCRIPT),
            registered("D", "07-12 11:00:00"),
            said("handover.offered", "complaint/D", "07-12 11:05:00", giver="chen", taker="wu"),
            said("clock.ticked", "clock/tick", "07-13 10:00:00"),
        )
        del made.http.headers["authorization"]
        made.http.cookies.set(KEY_COOKIE, made.key)
        yield made


async def page(asked: House, path: str = "/", lang: str = "en") -> str:
    answer = await asked.http.get(path, headers={"accept-language": lang})
    assert answer.status_code == httpx.codes.OK
    return answer.text


def part(text: str, name: str) -> str:
    """One section's words, markup taken out."""
    found = re.search(rf'<section id="{name}">(.*?)</section>', text, re.DOTALL)
    assert found, f"no section {name}"
    return html.unescape(re.sub(r"<[^>]+>", " ", found[1]))


async def test_it_shows_who_is_late_with_what_and_by_how_much(asked: House) -> None:
    text = await page(asked)
    overdue = part(text, "overdue")
    for words in ("1 d", "complaint/C", "Tell the customer how it stands within 24 hours.", "07-12 10:00"):
        assert words in overdue
    assert "complaint/D" not in overdue
    soon = part(text, "due-soon")
    assert "1 h" in soon
    assert "complaint/D" in soon
    assert "2026-07-13 10:00:00" in text


async def test_it_speaks_chinese_to_who_prefers_it(asked: House) -> None:
    text = await page(asked, lang="zh-CN,zh;q=0.9,en;q=0.8")
    assert '<html lang="zh-CN">' in text
    assert "二十四小时内告知进展。" in part(text, "overdue")
    assert "1 天" in part(text, "overdue")


async def test_nothing_recorded_becomes_markup(asked: House) -> None:
    for path in ("/", "/case/complaint/C", "/explain?case=complaint/C&clause=DAY"):
        text = await page(asked, path)
        assert SCRIPT not in text
        assert html.escape(SCRIPT) in text


async def test_it_needs_nothing_from_elsewhere_and_allows_no_inline_script(asked: House) -> None:
    answer = await asked.http.get("/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; ")
    assert "unsafe" not in policy
    assert "style=" not in answer.text
    for address in re.findall(r'(?:src|href)="([^"]+)"', answer.text):
        assert address.startswith("/")
        if address.startswith("/static/"):
            assert (await asked.http.get(address)).status_code == httpx.codes.OK


async def test_a_case_shows_promises_handovers_and_what_happened(asked: House) -> None:
    text = await page(asked, "/case/complaint/D")
    assert "running" in part(text, "promises")
    assert "chen" in part(text, "handovers")
    timeline = part(text, "timeline")
    assert timeline.index("complaint.registered") < timeline.index("handover.offered")


async def test_a_clock_is_explained_interval_by_interval(asked: House) -> None:
    text = await page(asked, "/explain?case=complaint/C&clause=DAY")
    assert "2 d" in part(text, "intervals")
    assert "counted" in part(text, "intervals")
    assert "#2" in part(text, "steps")


async def test_what_is_not_there_is_said_in_words(asked: House) -> None:
    answer = await asked.http.get("/case/complaint/none")
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert "Not found" in answer.text


async def test_trouble_is_told_in_words_not_in_json(asked: House) -> None:
    answer = await asked.http.get("/case/complaint/C?cursor=nonsense")
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "Cannot be shown now" in answer.text
    assert "begin without it" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_behind_tls_the_cookie_never_travels_in_clear(asked: House) -> None:
    answer = await asked.http.post(
        "/sign-in", data={"key": asked.key}, headers={"x-forwarded-proto": "https"}
    )
    assert "; secure" in answer.headers["set-cookie"].lower()


async def test_an_empty_tenant_is_told_how_to_begin(engines: Engines) -> None:
    async with house(engines) as made:
        text = await page(made)
        assert "Nothing is overdue." in part(text, "overdue")
        assert "POST /v1/events" in part(text, "recent")
        assert "No penalty is proposed." in part(await page(made, "/figures"), "penalties")


async def test_a_stranger_sees_where_to_put_a_key_and_nothing_else(asked: House) -> None:
    asked.http.cookies.clear()
    for path in ("/", "/case/complaint/C", "/figures"):
        text = await page(asked, path)
        assert 'name="key"' in text
        assert "complaint" not in text


async def test_signing_in_keeps_the_key_out_of_reach_of_scripts(asked: House) -> None:
    asked.http.cookies.clear()
    wrong = await asked.http.post("/sign-in", data={"key": "onr_wrong"})
    assert wrong.status_code == httpx.codes.UNAUTHORIZED
    assert "set-cookie" not in wrong.headers
    right = await asked.http.post("/sign-in", data={"key": f" {asked.key} "})
    assert (right.status_code, right.headers["location"]) == (httpx.codes.SEE_OTHER, "/")
    cookie = right.headers["set-cookie"].lower()
    for wanted in ("httponly", "samesite=strict", "path=/", "max-age=43200"):
        assert wanted in cookie
    assert "complaint/C" in await page(asked)
    left = await asked.http.post("/sign-out")
    assert left.status_code == httpx.codes.SEE_OTHER
    assert 'name="key"' in await page(asked)


async def test_the_link_works_once(asked: House) -> None:
    asked.http.cookies.clear()
    assert "used already" in await page(asked, "/?key=guessed")
    first = await asked.http.get(f"/?key={LINK_WORD}")
    assert (first.status_code, first.headers["location"]) == (httpx.codes.SEE_OTHER, "/")
    asked.http.cookies.clear()
    assert "used already" in await page(asked, f"/?key={LINK_WORD}")


async def test_the_language_is_kept_and_leads_back(asked: House) -> None:
    answer = await asked.http.get("/language?to=zh", headers={"referer": "http://api/case/complaint/C"})
    assert answer.headers["location"] == "/case/complaint/C"
    assert "时间线" in await page(asked, "/case/complaint/C")
    away = await asked.http.get("/language?to=zh", headers={"referer": "http://elsewhere/x"})
    assert away.headers["location"] == "/"


@pytest.mark.parametrize(
    ("seconds", "then"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (86_401, "1 d"),
        (22 * 86_400 + 10 * 3600 + 5, "22 d 10 h"),
    ],
)
def test_a_length_of_time_is_said_in_two_units_at_most(seconds: int, then: str) -> None:
    assert span("en", seconds) == then
