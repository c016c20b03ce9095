"""Acting on the chosen dead letters of all queues: rounds under locks, a progress bar, Ctrl-C, and what came of each."""

import asyncio
import contextlib
import signal
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli import output, words
from cli.dlq import results, rounds, tables, understanding
from cli.dlq.opening import Site
from cli.dlq.results import Result, What
from cli.dlq.understanding import Understood
from cli.exit_codes import Exit
from shared.domain.errors import JournalUnavailable
from shared.messaging.dead_lettered import DeadLettered
from shared.servicebus.dead_letter_queue import DeadLetterQueue, DeadLettersUnreachable

type Act = Callable[[Understood], Awaitable[Result]]

_SHOWN: Final = 20
_NOT_HANDED_OUT: Final = (
    "was not handed out: somebody else has it locked or has settled it since, or the round was over before: try again"
)
_GIVE_UP_AFTER: Final = 3
"""So many failures one after the other mean that something is out of reach."""


async def on_each(
    site: Site, chosen: Sequence[Understood], make_act: Callable[[DeadLetterQueue], Act], *, as_json: bool
) -> int:
    """Do it to each, queue by queue, and tell what came of it; the exit code: 2 if something was out of reach.

    Ends the command with 130 if Ctrl-C was pressed twice.
    """
    acting = _Acting(site, len(chosen))
    by_queue: dict[str, list[Understood]] = defaultdict(list)
    for each in chosen:
        by_queue[each.letter.message.queue].append(each)
    with acting.running():
        for name, of_the_queue in by_queue.items():
            await acting.on_queue(site.queues[name], of_the_queue, make_act(site.queues[name]))
    code = tell(acting.results, as_json=as_json)
    if acting.broken_off:
        if (task := asyncio.current_task()) is not None:
            task.uncancel()  # what is open is still to be closed
        typer.echo("broken off: the same command finishes it", err=True)
        raise typer.Exit(Exit.INTERRUPTED)
    if acting.out_of_reach is None:
        return code
    typer.echo(f"{acting.out_of_reach}: check the connection and your rights; the same command finishes it", err=True)
    return Exit.USAGE_OR_CONNECTION


def tell(found: Sequence[Result], *, as_json: bool) -> int:
    """Print what came of each, those that went wrong at any rate; the exit code."""
    if as_json:
        output.as_json({"deadLetters": [each.row() for each in found]})
    elif not found:
        typer.echo("no dead letter matches")
    else:
        told = found if len(found) <= _SHOWN else [each for each in found if not each.good][:_SHOWN]
        if some := [{**each.row(), "detail": each.in_words()} for each in told]:
            tables.by_queue(["number", "result", "reason", "about", "detail"], some)
        typer.echo(results.counted(found) + (_not_all(found) if len(some) < len(found) else ""))
        if replayed := [each.event_id for each in found if each.what is What.REPLAYED and each.event_id]:
            typer.echo(_next_step(replayed))
    return Exit.DONE if all(each.good for each in found) else Exit.SOME_FAILED


def _next_step(replayed: Sequence[str]) -> str:
    """How to see what became of all that was replayed."""
    if len(replayed) == 1:
        return f"{words.status_of(replayed[0])} tells what became of it"
    return (
        f"offboard dlq list tells which of the {len(replayed)} come back, offboard status EVENT_ID what became of one"
    )


def _not_all(found: Sequence[Result]) -> str:
    """How all are told: of what is done by now, asking again tells nothing."""
    may_ask_again = any(each.what in {What.WOULD_REPLAY, What.WOULD_DISCARD} for each in found)
    return "; --json tells of each" if may_ask_again else "; with --yes --json, each would have been told of"


class _Acting:
    def __init__(self, site: Site, number: int) -> None:
        self.results: list[Result] = []
        self.out_of_reach: str | None = None
        self.broken_off = False
        self._site = site
        self._stopped = False
        self._interrupted = False
        self._in_hand: int | None = None
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self._task = self._progress.add_task("dead letters", total=number)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Ctrl-C ends it after the one in hand; a second one, at once."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop() -> None:
            if not self._interrupted:
                self._progress.console.print("stopping: the one in hand is brought to its end")
                self._interrupted = self._stopped = True
            elif task is not None and not self.broken_off:
                self.broken_off = True
                task.cancel()

        loop.add_signal_handler(signal.SIGINT, stop)
        try:
            with self._progress:
                yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    async def on_queue(self, queue: DeadLetterQueue, chosen: Sequence[Understood], act: Act) -> None:
        left = {each.letter.sequence_number: each for each in chosen}
        numbers = set(left)

        async def on_one(letter: DeadLettered) -> bool:
            self._in_hand = letter.sequence_number
            done = await act(understanding.understand(letter, self._site.event_types[queue.queue], self._site.decode))
            self._in_hand = None
            del left[letter.sequence_number]
            self.results.append(done)
            self._progress.advance(self._task)
            if done.unreachable:
                self.out_of_reach = done.unreachable
            if [each.what for each in self.results[-_GIVE_UP_AFTER:]] == [What.FAILED] * _GIVE_UP_AFTER:
                self._stopped = True
            return done.what in (What.REPLAYED, What.DISCARDED)

        try:
            await rounds.go_through(queue, numbers, on_one, clock=self._site.clock, stopped=lambda: self._stopped)
        except (DeadLettersUnreachable, JournalUnavailable) as error:
            self._stopped, self.out_of_reach = True, str(error)
        except asyncio.CancelledError:
            if not self.broken_off:
                raise
        self.results += [self._not_done(each) for each in left.values()]

    def _not_done(self, dead: Understood) -> Result:
        letter, about = dead.letter, understanding.subject(dead)
        if letter.sequence_number == self._in_hand:
            return Result(letter=letter, what=What.FAILED, detail="broken off: do it again to finish it", about=about)
        why_not = "stopped before it was done" if self._stopped else _NOT_HANDED_OUT
        return Result(letter=letter, what=What.NOT_REACHED, detail=why_not, about=about)
