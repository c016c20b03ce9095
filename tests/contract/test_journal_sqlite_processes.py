"""The SQLite journal between processes: one conclusion wins, and a kill loses nothing that returned."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from shared.domain.identifiers import EventId
from shared.journal.sqlite import SqliteJournal
from tests.contract.journal_contract import EVENT

_ROOT: Final = Path(__file__).parents[2]

_CONCLUDE: Final = """
import asyncio, sys
from pathlib import Path
from shared.domain.identifiers import EventId
from shared.journal.sqlite import SqliteJournal
from tests.contract.journal_contract import a_conclusion

async def main(path: str, name: str) -> None:
    journal = SqliteJournal(Path(path))
    print("ready", flush=True)
    sys.stdin.readline()
    answers = [await journal.conclude(a_conclusion(name, EventId(f"event {n}"))) for n in range(40)]
    print(*(answer.document for answer in answers), flush=True)
    await journal.close()

asyncio.run(main(*sys.argv[1:]))
"""

_APPEND_FOR_EVER: Final = """
import asyncio, sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from shared.journal.sqlite import SqliteJournal
from tests.contract.journal_contract import an_entry

async def main(path: str) -> None:
    journal = SqliteJournal(Path(path))
    for n in count(1):
        await journal.append(replace(an_entry(), attempt=n))
        print(n, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_of_processes_that_conclude_at_once_exactly_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "new" / "journal.db"
    processes = [start(_CONCLUDE, str(path), name) for name in ("left", "right", "third")]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0].split() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0]
    assert [len(answer) for answer in answers] == [40, 40, 40]
    assert answers[0] == answers[1] == answers[2]
    journal = SqliteJournal(path)
    for n, winner in enumerate(answers[0]):
        (conclusion,) = (await journal.read(EventId(f"event {n}"))).conclusions
        assert conclusion.document == winner
    await journal.close()


@pytest.mark.parametrize("enough", [1, 10, 60])
async def test_a_kill_amid_writing_loses_nothing_that_returned(tmp_path: Path, enough: int) -> None:
    path = tmp_path / "journal.db"
    with start(_APPEND_FOR_EVER, str(path)) as process:
        assert process.stdout is not None
        returned = [int(process.stdout.readline()) for _ in range(enough)]
        process.send_signal(signal.SIGKILL)
        returned += [int(line) for line in process.stdout if line.endswith("\n")]

    journal = SqliteJournal(path)
    attempts = [entry.attempt for entry in (await journal.read(EVENT)).history.entries]

    assert attempts[: len(returned)] == returned
    assert len(attempts) <= len(returned) + 1
    await journal.close()
