"""The start: settings are checked at once, and the service is loaded when the first message comes. Knows no wiring.

A process is started to index functions, to scale out and to be recycled as well as to handle messages. Our modules with their
models take longer to load than what the start itself needs, so they wait until there is a message.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from shared import configuration

if TYPE_CHECKING:
    from shared.messaging.incoming import TriggerMessage
    from shared.processor import Processor


class Service:
    """A processor that is made when it is first needed. Its verbs are the processor's."""

    def __init__(self, make: "Callable[[], Processor]") -> None:
        self._make = make
        self._made: Processor | None = None

    @property
    def processor(self) -> "Processor":
        """The processor itself."""
        if self._made is None:
            self._made = self._make()
        return self._made

    async def user_offboarding(self, message: "TriggerMessage") -> None:
        """Handle one delivery from the queue of `user.offboarded`."""
        await self.processor.user_offboarding(message)

    async def device_retirement(self, message: "TriggerMessage") -> None:
        """Handle one delivery from the queue of `device.retired`."""
        await self.processor.device_retirement(message)

    async def verification(self, message: "TriggerMessage") -> None:
        """Handle one delivery from the queue of verifications."""
        await self.processor.verification(message)

    async def heartbeat(self) -> None:
        """Tell that the functions run, and how long the oldest messages have lain in their queues."""
        await self.processor.heartbeat()

    async def close(self) -> None:
        """Close what it has open, if it was ever made."""
        if self._made is not None:
            await self._made.close()


def service(environment: Mapping[str, str] | None = None) -> Service:
    """The service for an environment, by default this process's. Raises SettingsError with every problem at once."""
    settings = configuration.begin(environment)

    def make() -> "Processor":
        from shared import bootstrap  # noqa: PLC0415 - this is what waits for the first message

        return bootstrap.wire(settings)

    return Service(make)
