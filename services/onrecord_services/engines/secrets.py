"""Secrets: random passwords, made once for a data folder, readable by its owner only.

Never in a log, an argument list or an error message: they live in one file of mode 0600.
"""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from onrecord_services.engines.errors import FolderError

_PASSWORD_BYTES = 32  # 256 bits: nobody guesses it, so nothing has to slow guessing down


def load_or_make(path: Path, names: Iterable[str]) -> dict[str, str]:
    """The password of each name; those not yet in the file are made and stored first."""
    held = _load(path)
    missing = [name for name in names if name not in held]
    if missing:
        held |= {name: secrets.token_urlsafe(_PASSWORD_BYTES) for name in missing}
        write_private(path, json.dumps(held, indent=1).encode())
    return held


def _load(path: Path) -> dict[str, str]:
    try:
        held = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise FolderError(f"{path} is damaged: put it back from a backup") from None
    return {str(name): str(password) for name, password in held.items()}


def write_private(path: Path, content: bytes) -> None:
    """Replace a file whole or not at all; nobody but the owner can ever open it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
