"""How a client here talks to the journey that started it: one JSON object a line."""

import json
import sys
from typing import Any


def say(**event: Any) -> None:
    """Tells the journey something."""
    print(json.dumps(event), flush=True)


def hear() -> dict[str, Any]:
    """Waits for the journey's answer."""
    line = sys.stdin.readline()
    if not line:
        raise SystemExit("the journey went away")
    return json.loads(line)
