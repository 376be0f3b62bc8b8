"""An end without ceremony."""

import os

from localstack.runtime import hooks


@hooks.on_infra_shutdown(priority=1000)
def sluice_end_at_once():
    """LocalStack would take seconds to stop its services one by one, but nothing here is meant to be kept.

    The keeper ends the functions' processes when it sees this process gone.
    """
    os._exit(0)
