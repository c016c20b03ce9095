"""The operator, who replays what was refused while hosts are hurt: `offboard dlq replay`, again until it says that all is done.

What is refused for good is refused again, as a run of its own: nothing may be lost or reported twice on the way.
"""

import subprocess
import sys
from dataclasses import dataclass

from cli import hosting
from cli.parts import USER_OFFBOARDING
from shared.settings import reading
from tests.chaos.stories import REFUSED, Kind
from tests.e2e.site import Site

_REASON = REFUSED[Kind.PROTECTED]
_COMMAND = (sys.executable, "-m", "cli", "dlq", "replay", "--reason", _REASON, "--operator", "Grace", "--yes")


@dataclass(slots=True)
class Operator:
    """Presses the button once there is something to replay. `waits` until that has succeeded; `journal_url` if it is no file."""

    site: Site
    journal_url: str = ""
    waits: bool = True
    _pressed: "subprocess.Popen[bytes] | None" = None

    def act(self, *, over: bool) -> None:
        """Look after the command, or begin it; `over` if nothing more is to come, so that there may be nothing to replay."""
        if not self.waits:
            return
        if self._pressed is None:
            dead = self.site.service_bus.snapshot(USER_OFFBOARDING).dead_lettered
            if any(each.dead_letter_reason == _REASON for each in dead):
                self._press()
            elif over:
                self.waits = False
        elif (code := self._pressed.poll()) is not None:
            self._pressed, self.waits = None, code != 0

    def close(self) -> None:
        """End what is under way."""
        if self._pressed is not None:
            self._pressed.kill()
            self._pressed.wait()

    def _press(self) -> None:
        environment = {**reading.process_environment(), **self.site.parts.environment(self.site.journal)}
        if self.journal_url:
            environment["JOURNAL_URL"] = self.journal_url
        with (self.site.folder / "operator.log").open("ab") as log:
            self._pressed = subprocess.Popen(
                _COMMAND, cwd=hosting.app_directory(), env=environment, stdout=subprocess.DEVNULL, stderr=log
            )
