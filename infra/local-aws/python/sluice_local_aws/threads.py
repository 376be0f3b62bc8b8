"""LocalStack's Step Functions keep every thread that they start, one for each state of each execution, until the shutdown.

A thread that is kept when it has ended keeps its stack (8 MiB of address space) and all that its function refers to: a long
run took gigabytes. Ours shuts down without asking them (see `shutdown`), so nothing is kept.
"""

from localstack.runtime import hooks


class _Nothing(list):
    """A list that stays empty. The threads that run are known to Python itself."""

    def append(self, thread) -> None:
        pass


@hooks.on_infra_start()
def sluice_keep_no_threads():
    from localstack.utils import common, threads

    # the modules that use it are loaded later, with their services
    common.TMP_THREADS = threads.TMP_THREADS = _Nothing()
