"""Where MAPPING_FILE counts, and that nobody pays for it who has none."""

import subprocess
import sys
from pathlib import Path

from shared.messaging import contract
from shared.messaging.mapping.decoding import Decoder
from tests.integration.wiring.wired import LOCAL, built

ROOT = Path(__file__).parents[3]
_PROGRAM = """
import sys
from shared import bootstrap
from tests.integration.wiring.wired import LOCAL

bootstrap.build({**LOCAL, "MAPPING_FILE": sys.argv[1]})
print(sorted({"yaml", "jmespath", "shared.messaging.mapping"} & sys.modules.keys()))
"""


def imported(mapping_file: str) -> str:
    command = [sys.executable, "-W", "error", "-c", _PROGRAM, mapping_file]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_the_processor_decodes_by_the_rules_of_the_file() -> None:
    decode = built(LOCAL, MAPPING_FILE="shared/mappings/servicenow.yaml").processor.runs.decode

    assert isinstance(decode, Decoder)
    assert [rule.name for rule in decode.rules] == ["servicenow-user-inactive", "servicenow-hardware-retired"]


def test_without_a_file_the_contract_alone_decodes_and_nothing_more_is_imported() -> None:
    assert built(LOCAL, MAPPING_FILE="").processor.runs.decode == contract.decode
    assert imported("") == "[]"
    assert imported("shared/mappings/workday.yaml") == "['jmespath', 'shared.messaging.mapping', 'yaml']"
