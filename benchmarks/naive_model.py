"""The naive code's way to the model of Graph, without the library: the same requests in virtual time."""

from collections.abc import AsyncIterator, Mapping, Sequence

from benchmarks.graph_model import GraphModel
from benchmarks.naive import Record


class ModelledDevices:
    """naive.Devices, against the model of Graph."""

    def __init__(self, graph: GraphModel) -> None:
        self._graph = graph

    async def pages(self) -> AsyncIterator[Sequence[Record]]:
        """As naive.Devices."""
        asked = self._graph.requests.devices()
        while True:
            page = (await self._graph.read(asked)).json()
            yield [_record(listed) for listed in page["value"]]
            if "@odata.nextLink" not in page:
                return
            asked = self._graph.requests.page(page["@odata.nextLink"])

    async def get(self, device: str) -> Record:
        """As naive.Devices."""
        return _record((await self._graph.read(self._graph.requests.device(device))).json())

    async def unassign(self, device: str) -> None:
        """As naive.Devices."""
        await self._graph.read(self._graph.requests.unassign_user(device))


def _record(shown: Mapping[str, str]) -> Record:
    return Record(shown["id"], shown["userPrincipalName"])
