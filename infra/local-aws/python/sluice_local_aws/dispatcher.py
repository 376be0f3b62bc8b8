"""Serves one SQS event source mapping: up to its `MaximumConcurrency` batches in work, no poller idle in a loop.

One thread receives; batches are worked on by a pool that grows as needed. The thread receives only when the queue has
something to give (it looks at LocalStack's own queue object, which costs nothing) *and* there is a place for a batch:
a place of the mapping and a place of the function's reserved concurrency. So a message is never received just to be throttled.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from localstack.services.lambda_.api_utils import function_locators_from_arn
from localstack.services.lambda_.event_source_mapping.esm_worker import EsmWorker
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import (
    DEFAULT_MAX_RECEIVE_COUNT,
    DEFAULT_MAX_WAIT_TIME_SECONDS,
    SqsPoller,
)
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.sqs.models import SqsQueue, sqs_stores
from localstack.utils.aws.arns import parse_arn

from .slots import SlotsByKey

LOG = logging.getLogger(__name__)

DEFAULT_CONCURRENCY = 5
"""Without a `MaximumConcurrency` AWS begins with five."""

LOOK_SECONDS = 0.05
ERROR_SECONDS = 1.0

_mapping_slots = SlotsByKey()
_function_slots = SlotsByKey()


class SqsDispatcher:
    """Runs until the worker's shutdown event is set, then until the batches in work have ended."""

    def __init__(self, worker: EsmWorker):
        self._poller: SqsPoller = worker.poller
        self._stopping: threading.Event = worker._shutdown_event
        scaling = worker.esm_config.get("ScalingConfig") or {}
        concurrency = scaling.get("MaximumConcurrency") or DEFAULT_CONCURRENCY
        function_arn = worker.esm_config["FunctionArn"]
        # shared with the mapping's earlier worker, whose last batches may still be in work after an update
        self._mapping = _mapping_slots.get(worker.uuid, lambda: concurrency)
        self._function = _function_slots.get(_unqualified(function_arn), lambda: _reserved_concurrency(function_arn))
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix=f"sluice-mapping-{worker.uuid[:8]}")

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._receive_one_batch()
                except Exception as error:
                    LOG.warning("cannot receive from %s: %s", self._poller.source_arn, error)
                    self._stopping.wait(ERROR_SECONDS)
        finally:
            self._pool.shutdown(wait=True)

    def _receive_one_batch(self) -> None:
        if not self._mapping.acquire(self._stopping):
            return
        if not self._function.acquire(self._stopping):
            self._mapping.release()
            return
        handed_over = False
        try:
            messages = self._receive() if self._has_messages() else []
            if messages:
                self._pool.submit(self._work, messages)
                handed_over = True
        finally:
            if not handed_over:
                self._release()
        if not handed_over:
            self._stopping.wait(LOOK_SECONDS)

    def _has_messages(self) -> bool:
        queue = _queue(self._poller.source_arn)
        return queue is None or queue.approximate_number_of_messages > 0

    def _receive(self) -> list[dict]:
        poller = self._poller
        return poller.source_client.receive_message(
            QueueUrl=poller.queue_url,
            MaxNumberOfMessages=min(poller.batch_size, DEFAULT_MAX_RECEIVE_COUNT),
            WaitTimeSeconds=min(poller.maximum_batching_window, DEFAULT_MAX_WAIT_TIME_SECONDS),
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
            # LocalStack's own extensions, by which one call fills a whole batch
            sqs_override_max_message_count=poller.batch_size,
            sqs_override_wait_time_seconds=poller.maximum_batching_window,
        ).get("Messages", [])

    def _work(self, messages: list[dict]) -> None:
        try:
            self._poller.handle_messages(messages)
        except Exception as error:
            # nothing is deleted: the messages come back when their visibility time-out is over, as on AWS
            LOG.info("a batch of %s failed: %s", self._poller.source_arn, str(error)[:500])
        finally:
            self._release()

    def _release(self) -> None:
        self._function.release()
        self._mapping.release()


def _unqualified(function_arn: str) -> str:
    return ":".join(function_arn.split(":")[:7])


def _reserved_concurrency(function_arn: str) -> int | None:
    name, _, account, region = function_locators_from_arn(function_arn)
    function = lambda_stores[account][region].functions.get(name)
    return None if function is None else function.reserved_concurrent_executions


def _queue(queue_arn: str) -> SqsQueue | None:
    arn = parse_arn(queue_arn)
    return sqs_stores[arn["account"]][arn["region"]].queues.get(arn["resource"])
