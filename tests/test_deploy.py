"""`deploy/` against the real programs, as far as that goes without containers."""

import configparser
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from onrecord_services.commands.run import Service
from onrecord_services.engines import Engines, nats_config, roles, settings
from onrecord_services.engines.nats import find_program
from onrecord_services.engines.permissions import SERVICES, publisher_user, render_publishers
from onrecord_services.engines.postgres import find_programs
from onrecord_services.site import Site

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
OURS = [unit for unit in UNITS if unit.stem != "onrecord-nats"]
ENGINE_URLS = {"ONRECORD_NATS_URL", "ONRECORD_POSTGRES_URL"}
FRONT = ENGINE_URLS | {"ONRECORD_KEYS_DIR", "ONRECORD_HTTP_HOST", "ONRECORD_HTTP_PORT"}
NEEDS = {
    "intake": FRONT,
    "desk": FRONT,
    "projections": ENGINE_URLS,
    "clock": ENGINE_URLS,
    "api": FRONT,
    "notices": ENGINE_URLS | {"ONRECORD_WEBHOOK_KEY_FILE"},
}
LOGS_IN_AS = {
    "intake": ("intake", "onrecord_reader"),
    "desk": ("desk", "onrecord_reader"),
    "projections": ("reader", "onrecord_writer"),
    "clock": ("clock", "onrecord_reader"),
    "notices": ("notices", "onrecord_notices"),
    "api": ("reader", "onrecord_reader"),
}
NATS_ENVIRONMENT = {
    "ONRECORD_NATS_NAME": "log1",
    "ONRECORD_NATS_ROUTE": "pr",
    "ONRECORD_NATS_ROUTES": '["nats://route:pr@127.0.0.1:6222"]',
    **{f"ONRECORD_NATS_{name.upper()}": f"p{name}" for name in SERVICES},
}


@pytest.mark.parametrize(
    ("path", "rendered"),
    [
        ("nats/onrecord.conf", nats_config.production()),
        ("postgres/roles.sql", roles.render_sql()),
        ("postgres/postgresql.conf", settings.production()),
    ],
)
def test_a_shipped_file_is_what_the_embedded_engines_are_made_from(path: str, rendered: str) -> None:
    assert (DEPLOY / path).read_text() == rendered


# NATS


def make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "log1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "nats.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "nats.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def nats_accepts(folder: Path, **changes: str) -> str:
    environment = {"PATH": os.environ["PATH"], **NATS_ENVIRONMENT, **changes}
    argv = [find_program(), "-t", "-c", str(folder / "onrecord.conf")]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=20, check=False)
    return "accepted" if done.returncode == 0 else done.stderr


@pytest.fixture
def nats_folder(tmp_path: Path) -> Path:
    """A copy as it would be installed, with certificates of its own."""
    folder = tmp_path / "nats"
    shutil.copytree(DEPLOY / "nats", folder)
    make_certificate(folder)
    tls = (folder / "tls.conf").read_text()
    (folder / "tls.conf").write_text(tls.replace("/etc/onrecord/tls/", f"{folder}/"))
    return folder


@pytest.mark.parametrize(
    ("stands_in", "stands_for"),
    [
        pytest.param("tls.conf", "tls.conf", id="one-server"),
        pytest.param("cluster-of-three.conf", "cluster.conf", id="cluster-of-three"),
        pytest.param("private-network.conf", "tls.conf", id="compose"),
    ],
)
def test_the_server_accepts_the_configuration(nats_folder: Path, stands_in: str, stands_for: str) -> None:
    if stands_in != stands_for:
        shutil.copy(nats_folder / stands_in, nats_folder / stands_for)
    assert nats_accepts(nats_folder) == "accepted"


def test_the_example_of_a_publisher_is_what_the_code_would_write(nats_folder: Path) -> None:
    user = publisher_user("acme", "crm")
    (nats_folder / "publishers.conf").write_text(render_publishers([user], {user.name: '"p"'}))
    assert nats_accepts(nats_folder) == "accepted"
    example = (DEPLOY / "nats" / "publishers.conf").read_text()
    assert [part in example for part in (user.name, *user.publish, *user.subscribe)] == [True] * 5


def test_the_test_above_can_fail(nats_folder: Path) -> None:
    (nats_folder / "cluster.conf").write_text("no_such_setting: 1\n")
    assert "no_such_setting" in nats_accepts(nats_folder)


def test_no_password_stands_in_a_shipped_file() -> None:
    lines = [line for path in (DEPLOY / "nats").iterdir() for line in path.read_text().splitlines()]
    given = [line for line in lines if "password:" in line and not line.startswith("#")]
    assert len(given) == 7  # operator, intake, desk, clock, notices, reader, route
    assert all(re.search(r"password: \$ONRECORD_NATS_[A-Z]+", line) for line in given)


# PostgreSQL


def run_psql(engines: Engines, script: Path, **environment: str) -> str:
    admin = engines.postgres._dsn("onrecord_admin", "postgres")
    program = str(find_programs(None) / "psql")
    done = subprocess.run(
        [program, "-X", "-q", "-d", admin, "-f", str(script)],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.stderr if done.returncode else "done"


def test_the_roles_can_be_made_by_hand_and_again(engines: Engines) -> None:
    assert [run_psql(engines, DEPLOY / "postgres" / "roles.sql") for _ in "12"] == ["done", "done"]


def test_the_roles_can_be_made_on_an_empty_server(tmp_path: Path) -> None:
    with Engines.start(tmp_path, ephemeral=True) as empty:
        with psycopg.connect(empty.postgres._dsn("onrecord_admin", "postgres"), autocommit=True) as admin:
            admin.execute("DROP DATABASE onrecord")
            for role in roles.ROLES:
                admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())
        assert run_psql(empty, DEPLOY / "postgres" / "roles.sql") == "done"
        passwords = {f"ONRECORD_POSTGRES_{role.split('_')[1].upper()}": f"p'{role}" for role in roles.ROLES}
        assert run_psql(empty, DEPLOY / "postgres" / "passwords.sql", **passwords) == "done"
        for role in roles.ROLES:
            with psycopg.connect(
                host=str(empty.postgres.socket_folder), dbname="onrecord", user=role, password=f"p'{role}"
            ) as connection:
                assert connection.execute("SELECT current_user").fetchone() == (role,)


def test_postgresql_accepts_the_settings(tmp_path: Path) -> None:
    """`-C` reads the whole file, refuses what it does not know, and starts nothing. The wheel has no TLS."""
    shipped = (DEPLOY / "postgres" / "postgresql.conf").read_text()
    assert "\nssl = on " in shipped

    def answer(text: str) -> tuple[str, str]:
        (tmp_path / "postgresql.conf").write_text(text)
        argv = [str(find_programs(None) / "postgres"), "-C", "wal_level", "-D", str(tmp_path)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
        return done.stdout.strip(), done.stderr

    without_tls = shipped.replace("\nssl = on ", "\nssl = off ")
    assert answer(without_tls)[0] == "replica"
    assert "no_such_setting" in answer(without_tls + "no_such_setting = 1\n")[1]


def test_postgresql_accepts_who_may_connect(engines: Engines) -> None:
    """The rules are read by the server itself, from a file it may read."""
    text = (DEPLOY / "postgres" / "pg_hba.conf").read_text()
    with psycopg.connect(engines.postgres._dsn("onrecord_admin", "postgres"), autocommit=True) as admin:
        row = admin.execute("SHOW hba_file").fetchone()
        assert row is not None
        path = Path(row[0])
        before = path.read_text()
        try:
            path.write_text(before + text)
            found = admin.execute("SELECT error FROM pg_hba_file_rules").fetchall()
        finally:
            path.write_text(before)
    assert [error for (error,) in found if error and "hostssl" not in error] == []
    assert len(found) == len([line for line in (before + text).splitlines() if line and line[0] != "#"])


# Containers and units


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


def test_compose_runs_every_service_and_only_commands_that_exist(compose: dict[str, Any]) -> None:
    ours = {
        name: service for name, service in compose["services"].items() if name not in {"nats", "postgres"}
    }
    assert sorted(ours) == sorted(Service)
    assert {name: service["command"] for name, service in ours.items()} == {
        name: ["run", name] for name in ours
    }


@pytest.mark.parametrize("name", sorted(Service))
def test_compose_tells_each_service_what_it_needs_and_no_more(compose: dict[str, Any], name: str) -> None:
    told = compose["services"][name]["environment"]
    user, role = LOGS_IN_AS[name]
    assert set(told) == NEEDS[name]
    assert told["ONRECORD_NATS_URL"].startswith(f"nats://{user}:${{ONRECORD_NATS_{user.upper()}:?}}@")
    assert told["ONRECORD_POSTGRES_URL"].startswith(
        f"postgresql://{role}:${{{role.upper().replace('ONRECORD_', 'ONRECORD_POSTGRES_')}:?}}@"
    )


def test_compose_mounts_only_files_that_are_there(compose: dict[str, Any]) -> None:
    mounted = [
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    assert len(mounted) == 7
    assert [name for name in mounted if not (DEPLOY / name).is_file()] == []


def test_compose_shows_nothing_to_other_machines(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8480:8480", "127.0.0.1:8482:8482", "127.0.0.1:8481:8481"]


def test_the_variables_of_compose_are_the_ones_the_readme_makes(compose: dict[str, Any]) -> None:
    wanted = set(re.findall(r"\$\{([A-Z_]+):\?\}", json.dumps(compose)))
    readme = (DEPLOY / "README.md").read_text()
    loop = re.search(r"for name in (.*?); do", readme, re.DOTALL)
    assert loop is not None
    assert {f"ONRECORD_{name}" for name in loop[1].replace("\\", "").split()} == wanted


def read_unit(path: Path) -> dict[str, list[str]]:
    """Settings of [Service]; the same name may stand more than once, which configparser alone cannot say."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    assert parser.sections() == ["Unit", "Service", "Install"]
    found: dict[str, list[str]] = {}
    for line in path.read_text().split("[Service]")[1].split("[Install]")[0].splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_shuts_its_service_in(unit: Path) -> None:
    said = read_unit(unit)
    wanted = {
        "NoNewPrivileges": ["yes"],
        "ProtectSystem": ["strict"],
        "ProtectHome": ["yes"],
        "PrivateDevices": ["yes"],
        "PrivateTmp": ["yes"],
        "CapabilityBoundingSet": [""],
        "MemoryDenyWriteExecute": ["yes"],
        "SystemCallFilter": ["@system-service", "~@privileged @resources"],
        "Restart": ["always"],
    }
    assert {name: said.get(name) for name in wanted} == wanted
    assert said["User"] != ["root"]
    assert "Environment" not in said  # a unit is readable by all; passwords come from a file that is not


def test_each_service_has_its_unit_and_only_two_see_keys() -> None:
    commands = {unit.stem: read_unit(unit)["ExecStart"] for unit in OURS}
    assert commands == {f"onrecord-{name}": [f"/opt/onrecord/bin/onrecord run {name}"] for name in Service}
    blind = {
        unit.stem for unit in OURS if read_unit(unit).get("InaccessiblePaths") == ["-/var/lib/onrecord/keys"]
    }
    assert blind == {"onrecord-projections", "onrecord-clock", "onrecord-notices"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path) -> None:
    argv = ["systemd-analyze", "verify", str(unit)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    complaints = [line for line in done.stderr.splitlines() if unit.name in line]
    assert [line for line in complaints if "is not executable" not in line] == []  # it is not installed here


def test_the_containers_program_is_the_one_that_is_installed() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert 'ENTRYPOINT ["/opt/onrecord/bin/onrecord"]' in text
    assert text.index("USER onrecord") < text.index("ENTRYPOINT")


def test_the_operators_file_in_the_readme_is_understood(tmp_path: Path) -> None:
    example = re.search(r"```json\n(.*?)```", (DEPLOY / "README.md").read_text(), re.DOTALL)
    assert example is not None
    (tmp_path / "site.json").write_text(example[1])
    site = Site.find(tmp_path)
    assert (set(site.nats), set(site.postgres)) == ({"operator", "reader"}, {"onrecord_owner"})
