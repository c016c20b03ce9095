"""`offboard dlq replay`: choose, correct, show what would be done, do it."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import typer

from cli import exits, words
from cli.dlq import acting, correcting, opening, planning, replaying
from cli.dlq.choosing import Selection
from cli.dlq.opening import Site
from cli.dlq.planning import Wish
from cli.dlq.replaying import Replaying
from cli.dlq.results import Result, What
from cli.dlq.understanding import Understood
from cli.exit_codes import Exit
from shared.servicebus.dead_letter_queue import DeadLetterQueue


async def run(
    queue: str | None,
    selection: Selection,
    wish: Wish,
    *,
    body: Path | None,
    edit: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Replay what was chosen, or show what would be done; 1 if any was refused, failed or was not reached."""
    async with opening.opened(queue) as site:
        with exits.nothing_yet("nothing was sent"):
            chosen = await site.chosen(selection, as_json=as_json)
        if body is None and not edit:
            return await _replay(site, chosen, wish, yes=yes, as_json=as_json)
        if len(chosen) != 1:
            exits.refuse(f"--body and --edit correct one dead letter, not {len(chosen)}: name it")
        (dead,) = chosen
        if body is not None:
            wish = replace(wish, body=correcting.from_file(dead, body))
            code = await _replay(site, chosen, wish, yes=yes, as_json=as_json)
            if yes and code == Exit.DONE:
                correcting.forget(body)
            return code
        return await _edited(site, dead, wish, yes=yes, as_json=as_json)


async def _edited(site: Site, dead: Understood, wish: Wish, *, yes: bool, as_json: bool) -> int:
    """What was written in an editor is nowhere else: it is kept in a file until the replay is done."""
    if refused := planning.objection_to_any_body(dead, wish, corrected=True):  # before anybody takes pains
        return acting.tell([Result(letter=dead.letter, what=What.REFUSED, detail=refused)], as_json=as_json)
    wish = replace(wish, body=correcting.from_editor(dead))
    kept = correcting.keep(wish.body or b"")
    message = dead.letter.message
    code = None
    try:
        if refused := planning.objection(dead, wish):
            found = Result(letter=dead.letter, what=What.REFUSED, detail=refused, about=planning.about(dead, wish))
            return acting.tell([found], as_json=as_json)
        name, about = words.printable(message.message_id), words.printable(planning.about(dead, wish))
        exits.confirm(f"Replay {name}, about {about}, with the corrected body?", yes=yes)
        code = await _replay(site, [dead], wish, yes=True, as_json=as_json)
        return code
    finally:
        if code == Exit.DONE:
            correcting.forget(kept)
        else:
            again = shlex.join(
                ["offboard", "dlq", "replay", str(dead.letter.sequence_number), "--queue", message.queue]
            )
            typer.echo(f"what you wrote is kept for: {again} --body {shlex.quote(str(kept))} --yes", err=True)


async def _replay(site: Site, chosen: Sequence[Understood], wish: Wish, *, yes: bool, as_json: bool) -> int:
    if not yes:
        found = [replaying.would(each, wish) for each in chosen]
        code = acting.tell(found, as_json=as_json)
        if found and not as_json:
            typer.echo("nothing was done: give --yes to go ahead")
        return code
    return await acting.on_each(site, chosen, partial(_act, site, wish), as_json=as_json)


def _act(site: Site, wish: Wish, queue: DeadLetterQueue) -> acting.Act:
    return Replaying(queue, site.journal, site.clock, wish).replay
