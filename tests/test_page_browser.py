"""The page in a real browser over a real server: signed in by the link, read, clicked, on a phone too.

Run where `chromium` and `chromedriver` are on the path (`apt-get install chromium chromium-driver`);
elsewhere it says so and is skipped, and `test_page.py` stands alone.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import text_to_be_present_in_element
from selenium.webdriver.support.wait import WebDriverWait

from asking import A_DAY, House, house, registered
from onrecord_services.api.app import serve
from onrecord_services.engines import Engines
from onrecord_services.engines.nats import free_port
from onrecord_services.settings import Settings
from projecting import said

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no chromium with chromedriver on the path")

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = CHROMIUM or ""
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
async def asked(engines: Engines) -> AsyncIterator[House]:
    async with house(engines) as made:
        await made.bench.project(
            A_DAY,
            registered("C", "07-11 10:00:00"),
            said("clock.ticked", "clock/tick", "07-13 10:00:00"),
        )
        yield made


@pytest.fixture
async def address(asked: House, engines: Engines) -> AsyncIterator[str]:
    """The real service, as `onrecord run api` starts it, but in this process."""
    port = free_port()
    told = {
        "ONRECORD_POSTGRES_URL": engines.postgres_dsn("onrecord_reader"),
        "ONRECORD_NATS_URL": engines.nats_url("reader"),
        "ONRECORD_HTTP_PORT": str(port),
        "ONRECORD_LINK_WORD": "once",
        "ONRECORD_LINK_KEY": asked.key,
    }
    serving = asyncio.create_task(serve(Settings(told)))
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient() as http, asyncio.timeout(20):
        while not serving.done():
            with suppress(httpx.TransportError):
                if (await http.get(f"{url}/healthz")).status_code == httpx.codes.OK:
                    break
            await asyncio.sleep(0.02)
    yield url
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


async def test_a_person_signs_in_by_the_link_and_reads_why(browser: webdriver.Chrome, address: str) -> None:
    await asyncio.to_thread(_sign_in_and_read_why, browser, address)


async def test_it_is_readable_on_a_phone(browser: webdriver.Chrome, address: str) -> None:
    await asyncio.to_thread(_read_on_a_phone, browser, address)


async def test_news_appear_while_somebody_looks(
    browser: webdriver.Chrome, address: str, asked: House
) -> None:
    await asyncio.to_thread(browser.get, f"{address}/?key=once")
    before = await asyncio.to_thread(_open_promises, browser)
    await asked.bench.project(registered("D", "07-13 10:00:00"), registered("E", "07-13 10:00:01"))
    await asyncio.to_thread(_look_again, browser)
    after = await asyncio.to_thread(_open_promises, browser)
    assert (before, after) == ("1", "3")


def _open_promises(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.CSS_SELECTOR, "#count-open b").text


def _look_again(browser: webdriver.Chrome) -> None:
    """Come back to the page, as from another window, and wait until it has read the news."""
    browser.execute_script("document.dispatchEvent(new Event('visibilitychange'))")
    WebDriverWait(browser, 10).until(text_to_be_present_in_element((By.ID, "position"), "5"))


def _sign_in_and_read_why(browser: webdriver.Chrome, address: str) -> None:
    browser.get(f"{address}/?key=once")
    assert browser.current_url == f"{address}/"
    overdue = browser.find_element(By.ID, "overdue")
    assert "complaint/C" in overdue.text
    overdue.find_element(By.LINK_TEXT, "DAY").click()
    assert "2 d counted elapsed time #2" in browser.find_element(By.ID, "intervals").text
    browser.find_element(By.LINK_TEXT, "complaint/C").click()
    assert "complaint.registered" in browser.find_element(By.ID, "timeline").text
    browser.find_element(By.LINK_TEXT, "中文").click()
    assert "时间线" in browser.find_element(By.ID, "timeline").text
    browser.find_element(By.CSS_SELECTOR, "form[action='/sign-out'] button").click()
    assert browser.find_element(By.ID, "key").is_displayed()
    _nothing_was_refused(browser)


def _read_on_a_phone(browser: webdriver.Chrome, address: str) -> None:
    phone = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    browser.get(f"{address}/?key=once")
    for path in ("/", "/case/complaint/C", "/explain?case=complaint/C&clause=DAY", "/figures"):
        browser.get(f"{address}{path}")
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= 360, f"{path} must be pushed sideways"
    _nothing_was_refused(browser)


def _nothing_was_refused(browser: webdriver.Chrome) -> None:
    """No script failed, and the content security policy refused nothing."""
    said_aloud = browser.get_log("browser")  # type: ignore[no-untyped-call]  # selenium leaves it bare
    assert [entry for entry in said_aloud if entry["level"] in {"WARNING", "SEVERE"}] == []
