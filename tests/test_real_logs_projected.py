"""The two real logs through the public path: the read models give the figures counted in the files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from onrecord_events.envelope import New
from onrecord_events.log import BATCH_EVENTS_MAX
from onrecord_projections.judging import shipped_rulebook
from onrecord_services.engines import Engines
from onrecord_services.importing.mapper import Mapper
from onrecord_services.importing.mapping import load_map
from onrecord_services.importing.readers import read_records
from onrecord_services.importing.records import BadRecord
from onrecord_services.importing.report import Report
from onrecord_services.importing.run import events_in, stamped
from onrecord_services.intake.parsed import Heard
from onrecord_services.intake.sealing import Sealer
from onrecord_services.intake.translate import translate
from onrecord_services.keystore import KeyStore
from projecting import Bench, bench, said

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared" / "data"
LONG_BEFORE = datetime(2010, 1, 1, tzinfo=UTC)
LONG_AFTER = datetime(2015, 1, 1, tzinfo=UTC)


def there(path: Path) -> None:
    if not path.exists():
        pytest.skip(f"{path.name} does not lie beside this checkout")


async def hand_in(tenant: Bench, path: Path, map_name: str, keys: Path) -> None:
    """Map, translate and seal a file, append it in batches, and project it."""
    sealer = Sealer(KeyStore.open(keys, tenant.log.tenant))
    how = load_map(map_name)
    with path.open("rb") as raw:
        records = read_records(raw, path.name, "xes", how.reader)
        events = events_in(records, Mapper(how), order=how.order, report=Report(), refuse=refuse)
        news = [understood(mapped.event, tenant, sealer) for mapped in stamped(events, "carried")]
    for start in range(0, len(news), BATCH_EVENTS_MAX):
        await tenant.log.append_batch(news[start : start + BATCH_EVENTS_MAX])
    await tenant.project(said("clock.ticked", "clock/tick", LONG_AFTER))


def understood(event: dict[str, Any], tenant: Bench, sealer: Sealer) -> New:
    (heard,) = translate(
        msgspec.json.encode(event),
        "application/cloudevents+json",
        {},
        tenant=tenant.log.tenant,
        publisher="import",
        now=datetime(2026, 7, 1, tzinfo=UTC),
        carried=True,
    )
    assert isinstance(heard, Heard), heard
    return sealer.seal(heard, {})


def refuse(bad: BadRecord) -> None:
    pytest.fail(f"refused: {bad}")


@pytest.mark.parametrize(
    ("path", "figures"),
    [
        pytest.param(SHARED / "receipt_wabo.xes.gz", (1434, 1329, 952, 377), id="whole"),
        pytest.param(HERE / "data" / "receipt_wabo_cut.xes.gz", (39, 35, 31, 4), id="cut"),
    ],
)
async def test_permits_are_kept_and_broken_as_counted(
    engines: Engines, path: Path, figures: tuple[int, int, int, int], tmp_path: Path
) -> None:
    there(path)
    book, text = shipped_rulebook("promised-day")
    async with bench(engines) as tenant:
        rules: dict[str, Any] = {
            "pack": book.pack,
            "edition": book.edition,
            "effective_at": LONG_BEFORE,
            "content": text,
        }
        await tenant.project(said("rulebook.adopted", "rulebook/promised-day", LONG_BEFORE, **rules))
        await hand_in(tenant, path, "receipt_wabo", tmp_path)
        found = await tenant.rows(
            "SELECT count(*), count(stopped_at), count(*) FILTER (WHERE state = 'met'), "
            "count(*) FILTER (WHERE state = 'breached' AND stopped_at IS NOT NULL) FROM sla"
        )
        open_and_late = await tenant.rows(
            "SELECT count(*) FROM sla WHERE state = 'breached' AND stopped_at IS NULL"
        )
    assert found == [figures]
    assert open_and_late == [(figures[0] - figures[1],)]


@pytest.mark.parametrize(
    ("path", "figures"),
    [
        pytest.param(SHARED / "helpdesk.xes.gz", (4580, 21348, 8648, 4577), id="whole"),
        pytest.param(HERE / "data" / "helpdesk_cut.xes.gz", (39, 193, 78, 39), id="cut"),
    ],
)
async def test_helpdesk_cases_change_hands_as_counted(
    engines: Engines, path: Path, figures: tuple[int, int, int, int], tmp_path: Path
) -> None:
    there(path)
    async with bench(engines) as tenant:
        await hand_in(tenant, path, "helpdesk", tmp_path)
        found = await tenant.rows(
            "SELECT (SELECT count(*) FROM cases), "
            "(SELECT count(*) FROM timeline WHERE type = 'case.activity-done'), "
            "(SELECT count(*) FROM handovers), (SELECT count(DISTINCT case_id) FROM handovers)"
        )
    assert found == [figures]
