"""The namespace's dead-letter queues and the journal, as the settings name them and as whoever is signed in."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from typing import NoReturn

import typer

from cli import exits, output, service_bus
from cli.dlq import choosing, understanding
from cli.dlq.choosing import Selection
from cli.dlq.understanding import Decode, Understood
from cli.exit_codes import Exit
from cli.signing_in import signed_in
from shared import bootstrap, mapping_file, ports
from shared.domain import events
from shared.domain.errors import JournalUnavailable
from shared.messaging import contract
from shared.progress import VERIFICATION
from shared.servicebus.dead_letter_queue import DeadLetterQueue, DeadLettersUnreachable
from shared.settings import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the commands work on. `queues` are those that were asked for, `event_types` what each of all queues takes."""

    queues: Mapping[str, DeadLetterQueue]
    event_types: Mapping[str, str]
    journal: ports.Journal
    clock: ports.Clock
    decode: Decode

    async def chosen(self, selection: Selection, *, as_json: bool) -> Sequence[Understood]:
        """The dead letters that are meant, in the order of their queues. Raises DeadLettersUnreachable.

        Ends the command with 1 if one that is named is not there, and with 2 if a name means two.
        """
        now = self.clock.now()

        async def of(name: str, queue: DeadLetterQueue) -> Sequence[Understood]:
            event_type = self.event_types[name]
            letters = [letter async for letter in queue.peek() if selection.takes(letter, now)]
            return [understanding.understand(letter, event_type, self.decode) for letter in letters]

        found = list(chain(*await asyncio.gather(*(of(name, queue) for name, queue in self.queues.items()))))
        letters = [each.letter for each in found]
        if (missing := choosing.missing(letters, selection.names)) is not None:
            _end_without(missing, as_json=as_json)
        if (unclear := choosing.ambiguous(letters, selection.names)) is not None:
            exits.refuse(f"{unclear} is more than one dead letter: give --queue, or the other of number and message id")
        return found


def _end_without(name: str, *, as_json: bool) -> NoReturn:
    error = f"no dead letter has the number or message id {name}: see offboard dlq list --messages"
    if as_json:
        output.as_json({"deadLetters": [], "error": error})
    typer.echo(error, err=True)
    raise typer.Exit(Exit.SOME_FAILED)


@asynccontextmanager
async def opened(queue: str | None) -> AsyncIterator[Site]:
    """The site, closed in the end; ends the command with 2 if the settings are wrong or something is out of reach."""
    try:
        settings = bootstrap.load_settings(reading.process_environment())
    except reading.SettingsError as error:
        exits.refuse(str(error))
    event_types = {
        settings.user_offboarding_queue: events.UserOffboarded.TYPE,
        settings.device_retirement_queue: events.DeviceRetired.TYPE,
        settings.verification_queue: VERIFICATION,
    }
    if queue is not None:
        service_bus.one_of(queue, event_types)
    clock = bootstrap.SystemClock()
    connection = bootstrap.build_connection(settings, signed_in)
    journal = bootstrap.build_journal(settings, clock, signed_in)
    queues = {name: DeadLetterQueue(connection, name) for name in event_types if queue in (None, name)}
    try:
        decode = mapping_file.decoder(settings.mapping_file) or contract.decode
        yield Site(queues=queues, event_types=event_types, journal=journal, clock=clock, decode=decode)
    except DeadLettersUnreachable as error:
        exits.refuse(f"{error}: check ServiceBusConnection, your rights (Data Receiver and Sender) and the network")
    except JournalUnavailable as error:
        exits.refuse(
            f"{error}: check JOURNAL_URL and your rights (Storage Table Data Contributor); nothing is lost, try again"
        )
    finally:
        await connection.close()
        await journal.close()
