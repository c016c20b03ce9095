"""The bill of materials of what is deployed, as CycloneDX 1.6: every library with its version, its files' hashes and its licence.

The same for the same lock and the same installed libraries: it has no time, and its serial number comes of its contents.
"""

import importlib.metadata
import json
import uuid
from pathlib import Path
from typing import Any, Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from infra import lock
from infra.lock import Locked

NAME: Final = "autopilot-offboarding"
_SPACE: Final = uuid.UUID("2f6a3c1e-9d0b-5e55-8f0e-6d1a3f7c9b42")
_LONGEST_LICENCE: Final = 60
_CLASSIFIER: Final = "License :: "


def document() -> dict[str, Any]:
    """The bill as JSON. Raises ValueError if it does not fit CycloneDX's schema, KeyError for a library that is not in the lock."""
    locked, needs = lock.read(), lock.deployed()
    components = {name: _component(locked[name]) for name in needs}
    bom = Bom(components=components.values())
    service = Component(
        name=NAME, type=ComponentType.APPLICATION, version=importlib.metadata.version(NAME), bom_ref=NAME
    )
    bom.metadata.component = service
    bom.register_dependency(service, [components[name] for name in {lock.key(each.name) for each in lock.named()}])
    for name, needed in needs.items():
        bom.register_dependency(components[name], [components[each] for each in needed])
    bill: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    del bill["metadata"]["timestamp"], bill["serialNumber"]
    bill["serialNumber"] = uuid.uuid5(_SPACE, json.dumps(bill, sort_keys=True)).urn
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)):
        raise ValueError(f"the bill of materials is no CycloneDX 1.6: {problem}")
    return bill


def write(target: Path) -> int:
    """Write the bill; how many libraries it names."""
    bill = document()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")
    return len(bill["components"])


def _component(locked: Locked) -> Component:
    name = lock.key(locked.name)
    return Component(
        name=locked.name,
        version=locked.version,
        type=ComponentType.LIBRARY,
        bom_ref=name,
        purl=PackageURL("pypi", None, name, locked.version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in locked.hashes],
        licenses=[_licence(name)],
    )


def _licence(name: str) -> License:
    """As the library says it: by an SPDX expression, by its old field, or by its classifier; a whole text is none of them."""
    said = importlib.metadata.metadata(name)
    classified = [each.split(" :: ")[-1] for each in said.get_all("Classifier", []) if each.startswith(_CLASSIFIER)]
    candidates = (said.get("License-Expression"), said.get("License"), *classified)
    text = next(
        (each for each in candidates if each and len(each) <= _LONGEST_LICENCE and "Copyright" not in each), "unknown"
    )
    licence: License = LicenseFactory().make_from_string(text)
    return licence
