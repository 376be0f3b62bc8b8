"""Puts `SqsDispatcher` in the place of LocalStack's one sequential poller, and keeps a mapping's state right."""

import threading

from localstack.runtime import hooks
from localstack.services.lambda_.event_source_mapping.esm_worker import EsmState, EsmWorker
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller
from localstack.utils.patch import patch

from .dispatcher import SqsDispatcher

_lock = threading.Lock()
_current: dict[str, EsmWorker] = {}
"""By mapping: the worker that was made last. LocalStack makes a new one with every update."""

_running: dict[str, int] = {}
"""By mapping: how many workers still have something to end."""


@hooks.on_infra_start()
def sluice_sqs_mappings():
    """Patches LocalStack's worker for mappings from SQS; others are left as they are."""

    @patch(EsmWorker.create)
    def create(fn, self: EsmWorker):
        if not isinstance(self.poller, SqsPoller):
            return fn(self)
        with _lock:
            _current[self.uuid] = self
        fn(self)
        with _lock:
            # a disabled mapping is `Disabled` only when the batches of its last worker have ended
            if not self.enabled and _running.get(self.uuid):
                _set_state(self, EsmState.DISABLING)

    @patch(EsmWorker.delete)
    def delete(fn, self: EsmWorker):
        fn(self)
        with _lock:
            # LocalStack's loop removes the mapping at its end, but a disabled mapping has no loop
            if isinstance(self.poller, SqsPoller) and not _running.get(self.uuid):
                self.delete_esm_in_store()

    @patch(EsmWorker.poller_loop)
    def poller_loop(fn, self: EsmWorker, *args, **kwargs):
        if not isinstance(self.poller, SqsPoller):
            return fn(self, *args, **kwargs)
        with _lock:
            _running[self.uuid] = _running.get(self.uuid, 0) + 1
            if self.current_state in (EsmState.CREATING, EsmState.ENABLING):
                _set_state(self, EsmState.ENABLED)
        try:
            SqsDispatcher(self).run()
        finally:
            with _lock:
                _running[self.uuid] -= 1
                _settle(self.uuid)


def _settle(uuid: str) -> None:
    """Sets the final state of a mapping whose last worker has ended."""
    worker = _current[uuid]
    if _running[uuid]:
        return
    if worker.current_state == EsmState.DELETING:
        worker.delete_esm_in_store()
        del _current[uuid], _running[uuid]
    elif worker.current_state == EsmState.DISABLING:
        _set_state(worker, EsmState.DISABLED)


def _set_state(worker: EsmWorker, state: EsmState) -> None:
    worker.current_state = state
    if worker.uuid in worker._state.event_source_mappings:
        worker.update_esm_state_in_store(state)
