"""`offboard doctor` where something is out of reach, or refuses."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from emulators.graph.faults import Status, When
from shared.journal.location import TableStorage
from shared.journal.table_connection import TableConnection
from tests import azurite
from tests.integration.cli.surgery import NOWHERE, Surgery


def test_no_sign_in_is_found(surgery: Surgery) -> None:
    surgery.parts.identity.faults.add(When(), Status(400))

    code, wrong = surgery.examine(AZURE_TOKEN_CREDENTIALS="ManagedIdentityCredential")

    assert code == 2
    assert wrong["identity"] == [("fail", "no token for Graph: ClientAuthenticationError")]


@pytest.mark.parametrize(("status", "code", "worst"), [(403, 1, "fail"), (429, 0, "warn"), (503, 1, "fail")])
def test_a_graph_that_refuses_is_told_from_one_that_is_busy(
    surgery: Surgery, status: int, code: int, worst: str
) -> None:
    surgery.parts.graph.faults.add(When(method="GET"), Status(status))

    found, wrong = surgery.examine()

    assert (found, wrong["graph"][0][0]) == (code, worst)


def test_an_unreachable_service_bus_is_told_once(surgery: Surgery) -> None:
    code, wrong = surgery.examine(ServiceBusConnection=NOWHERE)

    assert code == 2
    assert wrong == {"service bus": [("fail", "the namespace cannot be reached (ServiceBusConnectionError)")]}


def test_what_a_wrong_setting_leads_to_is_not_checked(surgery: Surgery) -> None:
    code, wrong = surgery.examine(GRAPH_ENDPOINT="http://elsewhere", ServiceBusConnection=None, JOURNAL_URL="ftp://x")

    assert code == 2
    assert len(wrong["settings"]) == 3
    assert wrong["graph"] == [("warn", "not checked: GRAPH_ENDPOINT leads nowhere")]
    assert wrong["service bus"] == [("warn", "not checked: ServiceBusConnection leads nowhere")]
    assert wrong["journal"] == [("warn", "not checked: JOURNAL_URL leads nowhere")]
    assert not surgery.parts.graph.calls


def test_a_queue_of_verifications_that_is_given_is_checked(surgery: Surgery) -> None:
    code, wrong = surgery.examine(VERIFICATION_QUEUE="nonsuch")

    assert code == 1
    assert any("queue nonsuch is not there" in text for _, text in wrong["service bus"])


def test_a_file_that_is_no_journal_is_found(surgery: Surgery) -> None:
    surgery.journal.write_text("something else, and long enough to be looked at" * 30)

    code, wrong = surgery.examine()

    assert (code, wrong["journal"][0][0]) == (1, "fail")


def test_a_journal_where_no_file_can_be_is_found(surgery: Surgery, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    code, wrong = surgery.examine(JOURNAL_URL=f"sqlite:///{tmp_path}/file/journal.sqlite3")

    assert code == 1
    assert wrong["journal"] == [("fail", f"{tmp_path}/file/journal.sqlite3 cannot be made")]


def test_a_journal_in_a_folder_that_is_not_there_is_told(surgery: Surgery, tmp_path: Path) -> None:
    code, wrong = surgery.examine(JOURNAL_URL=f"sqlite:///{tmp_path}/jurnal/journal.sqlite3")

    assert (code, wrong) == (
        0,
        {"journal": [("warn", f"the folder {tmp_path}/jurnal is not there, so there is no journal")]},
    )
    assert list(tmp_path.iterdir()) == []


async def make(table: TableStorage) -> None:
    connection = TableConnection(table, lambda: pytest.fail("Azurite has a key"))
    await connection.query("anything")
    await connection.close()


class _Refusing(BaseHTTPRequestHandler):
    """Answers as Table Storage does to who may not read."""

    def do_GET(self) -> None:
        self.send_response(403)
        self.send_header("x-ms-error-code", "AuthorizationPermissionMismatch")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_table_out_of_reach_is_told_from_one_that_refuses(surgery: Surgery) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusing) as server, ThreadPoolExecutor() as beside:
        beside.submit(server.serve_forever)
        port = server.server_address[1]
        refused, why = surgery.examine(JOURNAL_URL=f"http://127.0.0.1:{port}/devstoreaccount1/journal")
        server.shutdown()

    out_of_reach, nobody = surgery.examine(JOURNAL_URL="http://127.0.0.1:1/devstoreaccount1/journal")

    assert (refused, why) == (
        1,
        {"journal": [("fail", "journal: HttpResponseError (403 AuthorizationPermissionMismatch)")]},
    )
    assert out_of_reach == 2
    ((status, text),) = nobody["journal"]
    assert (status, text.startswith("table journal at http://127.0.0.1:1/devstoreaccount1: journal: ")) == (
        "fail",
        True,
    )


def test_a_table_is_looked_for_and_not_made(surgery: Surgery) -> None:
    with azurite.running() as tables:
        url = f"{tables.endpoint}/journal"
        absent = [surgery.examine(JOURNAL_URL=url) for _ in range(2)]
        asyncio.run(make(TableStorage(tables.endpoint, "journal")))
        present = surgery.examine(JOURNAL_URL=url)

    assert absent == [(0, {"journal": [("warn", f"table journal at {tables.endpoint} is not there yet")]})] * 2
    assert present == (0, {})
