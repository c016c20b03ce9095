"""What live runs would cost in requests to Graph. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from cli import words
from shared.graph import budget


@dataclass(frozen=True, slots=True)
class Cost:
    """The requests to Graph that live runs would make, the later look at whether it worked aside."""

    reads: int
    writes: int

    def described(self) -> str:
        """For people; with the time that the quota of writes makes of it."""
        seconds = self.writes // budget.QUOTA * budget.SPAN.total_seconds()
        wait = f", at least {words.counted(int(seconds // 60), 'minute')} under Graph's limits" if seconds >= 60 else ""
        total = words.counted(self.reads + self.writes, "request")
        reads, writes = words.counted(self.reads, "read"), words.counted(self.writes, "write")
        return f"a live run: {total} to Graph ({reads}, {writes}){wait}"

    def as_json(self) -> Mapping[str, int]:
        """The figures."""
        return {"reads": self.reads, "writes": self.writes}
