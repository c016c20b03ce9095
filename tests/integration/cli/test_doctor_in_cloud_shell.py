"""`offboard doctor` in Azure Cloud Shell, where the identity endpoint gives the token of whoever opened the shell."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulators.identity import tokens
from emulators.identity.emulator import IdentityEmulator
from tests.integration.cli.surgery import WRITE, Surgery, opened

NOT_OF_APP_SERVICE = {"IDENTITY_ENDPOINT": None, "IDENTITY_HEADER": None, "AZURE_CLIENT_ID": None, "MSI_SECRET": None}


def examined(surgery: Surgery, identity: IdentityEmulator) -> tuple[int, dict[str, dict[str, Any]]]:
    result = surgery.call("--json", **NOT_OF_APP_SERVICE, **identity.cloud_shell_environment)
    return result.exit_code, {each["check"]: each for each in json.loads(result.stdout)["checks"]}


@pytest.mark.parametrize(
    ("scopes", "code", "rights", "graph"),
    [
        (["User.Read"], 1, ("fail", f"{WRITE} is missing (to read and unassign Autopilot devices)"), "fail"),
        ([WRITE, "User.Read"], 0, ("ok", WRITE), "ok"),
    ],
    ids=["who may not", "who may"],
)
def test_the_lines_are_about_the_person_who_opened_the_shell(
    tmp_path: Path, scopes: list[str], code: int, rights: tuple[str, str], graph: str
) -> None:
    with opened(tmp_path) as surgery, IdentityEmulator(scopes=scopes) as identity:
        found, checks = examined(surgery, identity)
        asked = [(call.method, call.path) for call in identity.calls]

    assert asked == [("POST", "/oauth2/token")]
    assert found == code
    assert checks["identity"]["status"] == "warn"
    assert f"a person (object {tokens.PERSON_ID})" in checks["identity"]["finding"]
    assert checks["identity"]["mend"] == "what follows is about your own rights; sign in as the app to check its"
    assert (checks["graph rights"]["status"], checks["graph rights"]["finding"]) == rights
    assert checks["graph"]["status"] == graph
    assert checks["clock"]["status"] == "ok"
    assert ("az login --service-principal" in (checks["graph rights"]["mend"] or "")) is (code == 1)
