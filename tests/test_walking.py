"""The walking test: one event over HTTP, both real engines, everything killed, to a breach on the page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from site_process import SiteProcess, site_on, until

TEN_MINUTES = "RENT-CRM-1.2-5A"
"""A major complaint goes to the head of asset management within 10 minutes."""
VISIBLE_S = 30.0


def major_complaint(case: str, occurred_at: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"registered {case}",
        "source": "/front-desk",
        "type": "complaint.registered",
        "subject": f"complaint/{case}",
        "time": occurred_at.isoformat(),
        "data": {"severity": "major", "channel": "phone", "customer": "c-1", "received_by": "chen"},
    }


def hand_in(site: SiteProcess, event: dict[str, Any]) -> dict[str, Any]:
    with site.client(intake=True) as intake:
        answer = intake.post(
            "/v1/events", json=event, headers={"content-type": "application/cloudevents+json"}
        )
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["results"]
    return dict(result)


def all_breached(site: SiteProcess, cases: set[str], wait_for: int) -> dict[str, dict[str, Any]] | None:
    """Their ten-minute clocks by case, once all are breached and the rows are as far as `wait_for`."""
    asked: dict[str, str | int] = {"state": "breached", "clause": TEN_MINUTES, "wait_for": wait_for}
    with site.client() as api:
        answer = api.get("/v1/clocks", params=asked)
    if answer.status_code != 200:
        return None
    found = {clock["case"]: clock for clock in answer.json()["items"]}
    return found if found.keys() == cases else None


def page_of(site: SiteProcess) -> str:
    """The first page, signed in by the link that `up` printed."""
    with httpx.Client(follow_redirects=True, timeout=15) as browser:
        answer = browser.get(site.link)
        assert answer.status_code == 200
        return answer.text


def test_an_event_becomes_a_breach_on_the_page_though_everything_was_killed(tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    late_at = now - timedelta(minutes=15)  # within R9's 60 minutes, at any time of day
    soon_at = now - timedelta(minutes=9, seconds=40)  # its ten minutes end about during the outage
    late, soon = major_complaint("LATE", late_at), major_complaint("SOON", soon_at)
    with site_on(tmp_path) as site:
        site.start()
        adopted = site.typed("rulebook", "adopt", "main", "rent-crm")
        assert adopted.exit_code == 0, adopted.output
        first, second = hand_in(site, late), hand_in(site, soon)
        site.kill_all()

        site.start()
        assert hand_in(site, late) == {"position": first["position"], "duplicate": True}
        found = until(
            lambda: all_breached(site, {"complaint/LATE", "complaint/SOON"}, second["position"]),
            VISIBLE_S,
            lambda: f"not seen:\n{site.said[-2000:]}",
        )
        assert datetime.fromisoformat(found["complaint/LATE"]["due_at"]) == late_at + timedelta(minutes=10)
        assert datetime.fromisoformat(found["complaint/SOON"]["due_at"]) == soon_at + timedelta(minutes=10)
        overdue = page_of(site).partition('id="overdue"')[2].partition("</section>")[0]
        assert all(case in overdue for case in ("complaint/LATE", "complaint/SOON")), overdue
        rebuilt = site.command("rebuild", "main", "--check")
        assert rebuilt.returncode == 0, rebuilt.stderr
        assert "equal, byte for byte" in rebuilt.stdout
        assert site.stop() == 0
