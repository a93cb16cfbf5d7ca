"""Start the web server in this process, with the project's theme, from any folder.

This module does not know what the pages show, and imports Streamlit only when the server starts.
"""

import socket
import sys
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from playground import paths
from playground.errors import InputError


def serve(port: int = 8501, address: str = "127.0.0.1") -> int:
    """Serve the app until it is interrupted, and return the exit status. Prints the address once.

    `address` is the one that the server listens at: 127.0.0.1 for this machine alone, 0.0.0.0 for all.
    Raises InputError where the port or the address cannot be used.
    """
    _refuse_unusable(address, port)
    from streamlit.web import bootstrap

    options = dict(_flatten(tomllib.loads(paths.streamlit_settings().read_text(encoding="utf-8"))))
    options |= {"server.port": port, "server.address": address}
    options |= {"logger.hideWelcomeMessage": True, "logger.level": "warning"}  # the next line says it once
    print(f"The playground is at {_link(address, port)} (Ctrl+C ends it)", flush=True)
    bootstrap.load_config_options(options)
    bootstrap.run(str(paths.app_script()), is_hello=False, args=[], flag_options=options)
    return 0


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """TOML tables as Streamlit's dotted option names: [theme.light] textColor is theme.light.textColor."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _refuse_unusable(address: str, port: int) -> None:
    """Streamlit logs a taken port and exits with status 1 later on: ask the system first."""
    if not 1 <= port <= 65535:
        raise InputError(f"port {port} is not between 1 and 65535; choose another with --port")
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise InputError(f"{address} is not an address of this machine: {error.strerror}") from None
    with socket.socket(family, kind, protocol) as probe:
        if sys.platform != "win32":
            # As the server does: a port that a just-ended server leaves in TIME_WAIT counts as free.
            # On Windows the same option would let two servers share a port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(target)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InputError(
                f"port {port} cannot be used at {address} ({reason}); choose another with --port"
            ) from None


def _link(address: str, port: int) -> str:
    host = "localhost" if address in ("127.0.0.1", "0.0.0.0", "::", "::1") else address
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
