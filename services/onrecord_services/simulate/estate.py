"""The estate: buildings, staff and customers of a property manager that does not exist.

Surnames with heavenly stems (赵甲) are the placeholders of Chinese forms; the numbers stand in one block.
"""

from dataclasses import dataclass

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
_STEMS = "甲乙丙丁戊己庚辛壬癸"

HEAD = "YG-001"
ARCHIVIST = "YG-002"
ENGINEERING = "engineering"
DEPARTMENTS = ("engineering", "cleaning", "security", "finance")
RECEIVERS_PER_BUILDING = 2
ENGINEERS = ("YG-301", "YG-302", "YG-303", "YG-304", "YG-305", "YG-306")
CONSULTANTS = ("YG-401", "YG-402", "YG-403", "YG-404")
FLATS_PER_BUILDING = 240


def name_of(number: int) -> str:
    """An invented name; the same number, the same name."""
    return _SURNAMES[number % 20] + _STEMS[number // 20 % 10]


def phone_of(number: int) -> str:
    """An invented number of the block 13800000000 to 13800009999."""
    return f"1380000{number % 10_000:04d}"


@dataclass(frozen=True)
class Building:
    """One building, its area manager and its service station."""

    id: str
    index: int

    @property
    def manager(self) -> str:
        """Who carries major complaints (RENT-CRM 3.3)."""
        return f"YG-1{self.index + 1:02d}"

    @property
    def receivers(self) -> tuple[str, ...]:
        """Who takes complaints and orders at the station."""
        first = self.index * RECEIVERS_PER_BUILDING + 1
        return tuple(f"YG-2{first + n:02d}" for n in range(RECEIVERS_PER_BUILDING))

    def customer(self, flat: int) -> tuple[str, str, str]:
        """The pseudonym, name and phone of whoever rents a flat."""
        number = self.index * FLATS_PER_BUILDING + flat
        return f"KH-{self.id}-{flat + 1:03d}", name_of(number), phone_of(number)


BUILDINGS_MAX = 40


def estate_of(count: int) -> tuple[Building, ...]:
    """The buildings, `L01` and on (楼)."""
    if not 1 <= count <= BUILDINGS_MAX:
        raise ValueError(f"an estate has 1 to {BUILDINGS_MAX} buildings")
    return tuple(Building(f"L{index + 1:02d}", index) for index in range(count))


def staff(of: tuple[Building, ...]) -> list[tuple[str, str, str, str | None]]:
    """Everybody who works here: person, team, role, area."""
    people: list[tuple[str, str, str, str | None]] = [
        (HEAD, "asset-management", "asset-manager", None),
        (ARCHIVIST, "archive", "archive-keeper", None),
    ]
    for building in of:
        people.append((building.manager, f"station-{building.id}", "area-manager", building.id))
        people.extend((one, f"station-{building.id}", "receiver", building.id) for one in building.receivers)
    people.extend((one, ENGINEERING, "engineer", None) for one in ENGINEERS)
    people.extend((one, "sales", "sales-consultant", None) for one in CONSULTANTS)
    return people
