"""The four clouds that Graph runs in, and an emulated one on loopback. Knows addresses only; makes no calls.

Source: learn.microsoft.com/graph/deployments
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

_LOOPBACK: Final = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:(?P<port>[0-9]{1,5}))?")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}

type Origin = tuple[str, str | None, int | None]


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Graph. `root` is its URL without a slash at the end; made by `at`, which knows the roots that are allowed."""

    root: str

    @property
    def scope(self) -> str:
        """The scope of a token for this Graph: all that the app was granted."""
        return f"{self.root}/.default"

    @property
    def host(self) -> str:
        """The host name alone."""
        return urlsplit(self.root).hostname or ""

    def holds(self, url: str) -> bool:
        """Whether a URL leads to this Graph: same scheme, host and port, and no credentials in it."""
        try:
            parts = urlsplit(url)
            return parts.username is None and parts.password is None and _origin(parts) == _origin(urlsplit(self.root))
        except ValueError:  # a port or an address that is none
            return False


GLOBAL: Final = Cloud("https://graph.microsoft.com")
"""The public cloud, and GCC."""
US_GOVERNMENT_L4: Final = Cloud("https://graph.microsoft.us")
"""GCC High."""
US_GOVERNMENT_L5: Final = Cloud("https://dod-graph.microsoft.us")
"""The Department of Defense."""
CHINA: Final = Cloud("https://microsoftgraph.chinacloudapi.cn")
"""Operated by 21Vianet."""
CLOUDS: Final = (GLOBAL, US_GOVERNMENT_L4, US_GOVERNMENT_L5, CHINA)


def at(endpoint: str) -> Cloud:
    """The cloud with this root URL, or an emulated one at `http://127.0.0.1:PORT` (also `localhost`, `[::1]`).

    Raises ValueError for anything else, with a text for the operator: a token must not go to a host that isn't Graph's.
    """
    root = endpoint.strip().removesuffix("/").lower()
    for cloud in CLOUDS:
        if root == cloud.root:
            return cloud
    if _is_loopback(root):
        return Cloud(root)
    roots = ", ".join(cloud.root for cloud in CLOUDS)
    raise ValueError(f"must be one of {roots}, or http:// with a loopback host and a port for an emulator")


def _is_loopback(root: str) -> bool:
    match = _LOOPBACK.fullmatch(root)
    return match is not None and int(match["port"] or 0) <= 65535


def _origin(parts: SplitResult) -> Origin:
    port = parts.port
    return parts.scheme, parts.hostname, _DEFAULT_PORTS.get(parts.scheme) if port is None else port
