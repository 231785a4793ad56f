"""Target: may we call this address?

Looked up and checked each time, then called by number: no name points elsewhere between check and call.
"""

import asyncio
import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

URL_CHARS_MAX = 2000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"https": 443, "http": 80}


class BadTarget(Exception):
    """We do not call there; the words say why."""


class Target(NamedTuple):
    """An address that passed: whom to greet, and where the name led."""

    scheme: str
    host: str
    port: int
    path: str
    number: str

    @property
    def url(self) -> str:
        """The address by number; certificates are still checked against the name."""
        number = f"[{self.number}]" if ":" in self.number else self.number
        return f"{self.scheme}://{number}:{self.port}{self.path}"

    @property
    def authority(self) -> str:
        """What goes into the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def check(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of an address we might call. Raises BadTarget; looks nothing up."""
    if len(url) > URL_CHARS_MAX or not url.isprintable() or " " in url:
        raise BadTarget(f"an address has at most {URL_CHARS_MAX} characters, and no spaces")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadTarget("that is no address") from None
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not host:
        raise BadTarget("an address begins with https:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise BadTarget("no password belongs in an address: what we send is signed")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise BadTarget("only https, except on this machine itself")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, _PORTS[parts.scheme] if port is None else port, path


async def resolve(url: str, *, private: bool = False) -> Target:
    """Where the address leads now. Raises BadTarget, OSError where the name leads nowhere.

    Every number the name has must be a public one, unless `private` is allowed or this machine was named.
    """
    scheme, host, port, path = check(url)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = [str(address[4][0]) for address in found]
    if not private and host not in _LOOPBACK and not all(map(_is_public, numbers)):
        raise BadTarget("the name leads into a private network (ONRECORD_PRIVATE_TARGETS=allow lets it)")
    return Target(scheme, host, port, path, numbers[0])


def _is_public(number: str) -> bool:
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is not None:
            address = inner
        elif address in _NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.is_global and not address.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
