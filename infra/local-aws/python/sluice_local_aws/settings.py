"""What the launcher says by environment variables, and the limits of AWS that are enforced here."""

import json
import os
from pathlib import Path

INSTANCE = os.environ.get("SLUICE_LOCAL_INSTANCE", "none")
"""Unique for each started LocalStack; it is on the command line of every process started here, so that `down` finds them."""

NODE = os.environ.get("SLUICE_LOCAL_NODE", "node")
BOOTSTRAP = str(Path(__file__).parent.parent / "bootstrap.mjs")

INIT_SECONDS = 10.0
"""AWS gives a function this long to load; after it, loading counts against the function's own time limit."""

MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
MAX_LOG_BYTES = 4 * 1024 * 1024
"""Kept of what one invocation prints; what exceeds it is counted, not kept."""

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "NODE_EXTRA_CA_CERTS", "SLUICE_TEST_RUN")
"""Variables of the launcher that a function's process gets, besides those that Lambda sets."""

EXTRA_ENVIRONMENT: dict[str, str] = json.loads(os.environ.get("SLUICE_LOCAL_FUNCTION_ENVIRONMENT", "{}"))
