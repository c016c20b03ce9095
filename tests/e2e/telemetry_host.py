"""`offboard host` with OpenTelemetry's SDK set up, as the Functions worker does in Azure; what was emitted is left in a file."""

import asyncio
import json
import sys
from pathlib import Path

from cli import hosting
from tests.collecting import Collected


def main() -> None:
    """Run until SIGTERM, then write what was collected to the file that the argument names."""
    collected = Collected()
    code = asyncio.run(hosting.run())
    points = [
        {"name": point.name, "value": point.value, "attributes": point.attributes} for point in collected.points()
    ]
    spans = [json.loads(span.to_json(indent=None)) for span in collected.spans()]
    Path(sys.argv[1]).write_text(json.dumps({"points": points, "spans": spans}), encoding="utf-8")
    sys.exit(code)


if __name__ == "__main__":
    main()
