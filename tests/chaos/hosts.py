"""The hosts: so many at a time, each replaced by a new one when it is killed or ends. Knows no reason why they should be."""

import os
import signal
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from cli.host_process import HostProcess
from tests.e2e.site import Site


@dataclass(slots=True)
class _Place:
    """Where one host runs, or is on its way; stopped until a moment of time.monotonic()."""

    host: HostProcess | None = None
    coming: "Future[HostProcess] | None" = None
    stopped_until: float | None = None


@dataclass(slots=True)
class Hosts:
    """`ends` counts how hosts ended when they were told to, by exit code; `died` holds the codes of those that were not."""

    site: Site
    number: int
    ends: Counter[int] = field(default_factory=Counter)
    died: list[int] = field(default_factory=list)
    _places: list[_Place] = field(init=False)
    _others: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._others = ThreadPoolExecutor(self.number)
        self._places = [_Place(coming=self._others.submit(self.site.start_host)) for _ in range(self.number)]

    def tend(self) -> None:
        """Take in the hosts that are ready, wake those that were stopped long enough, replace those that died."""
        for place in self._places:
            if place.coming is not None and place.coming.done():
                place.host, place.coming = place.coming.result(), None
            if place.stopped_until is not None and time.monotonic() >= place.stopped_until:
                self._wake(place)
            if place.host is not None and (code := place.host.exit_code()) is not None:
                self.died.append(code)
                self._replace(place)

    def up(self, number: int) -> bool:
        """Whether the host of this place runs, and is not stopped."""
        place = self._places[number]
        return place.host is not None and place.stopped_until is None

    def kill(self, number: int) -> None:
        """Signal 9, and a new one in its place."""
        place = self._places[number]
        self.site.kill_host(self._host(place))
        self._replace(place)

    def terminate(self, number: int) -> None:
        """SIGTERM; a new one once it has drained."""
        place = self._places[number]
        ending, place.host = self._host(place), None
        place.coming = self._others.submit(self._succeed, ending)

    def stop(self, number: int, seconds: float) -> None:
        """SIGSTOP, and SIGCONT so many seconds later."""
        place = self._places[number]
        os.kill(self._host(place).pid, signal.SIGSTOP)
        place.stopped_until = time.monotonic() + seconds

    def end(self) -> None:
        """SIGTERM to all."""
        for place in self._places:
            host = place.host if place.coming is None else place.coming.result()
            self._wake(place)
            if host is not None:
                self.ends[self.site.stop_host(host)] += 1
            place.host, place.coming = None, None

    def close(self) -> None:
        """Wait for those that are on their way, so that their site knows them all, and can kill them."""
        self._others.shutdown(cancel_futures=True)

    def _succeed(self, ending: HostProcess) -> HostProcess:
        self.ends[self.site.stop_host(ending)] += 1
        return self.site.start_host()

    def _replace(self, place: _Place) -> None:
        place.host, place.stopped_until = None, None
        place.coming = self._others.submit(self.site.start_host)

    @staticmethod
    def _wake(place: _Place) -> None:
        if place.stopped_until is not None and place.host is not None:
            os.kill(place.host.pid, signal.SIGCONT)
        place.stopped_until = None

    @staticmethod
    def _host(place: _Place) -> HostProcess:
        if place.host is None:
            raise ValueError("no host runs there")
        return place.host
