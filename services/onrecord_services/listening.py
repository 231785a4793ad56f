"""Listening: is the address free? The HTTP server itself would end in a panic that nobody can read."""

import socket

from onrecord_services.settings import SettingMissing


def refuse_taken(host: str, port: int) -> None:
    """Raises SettingMissing, with what to change, if somebody listens there already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingMissing(
                f"cannot listen on {host} port {port} ({error.strerror}): "
                "give another ONRECORD_HTTP_PORT or ONRECORD_HTTP_HOST"
            ) from None
