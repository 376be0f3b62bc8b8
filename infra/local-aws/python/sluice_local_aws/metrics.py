"""CloudWatch's metrics in memory, and LocalStack's own metrics written to it directly.

LocalStack keeps metrics in an SQLite file and writes each one durably; every invocation and every message makes some. On a
slow disk that alone holds a queue to a few messages a second. And it sends each through its own API. Nothing here is
meant to outlive the process, and the API can be spared.
"""

import sqlite3
from datetime import UTC, datetime
from types import SimpleNamespace

from localstack.runtime import hooks
from localstack.services.plugins import SERVICE_PLUGINS


@hooks.on_infra_start()
def sluice_metrics_in_memory():
    """Gives LocalStack's metrics database one connection, to memory. It holds a lock of its own around each use."""
    from localstack.services.cloudwatch import cloudwatch_database_helper
    from localstack.services.lambda_.invocation import metrics as lambda_metrics
    from localstack.services.sqs import provider as sqs_provider

    connection = sqlite3.connect(":memory:", check_same_thread=False)
    cloudwatch_database_helper.sqlite3 = SimpleNamespace(connect=lambda *args, **kwargs: connection)
    lambda_metrics.publish_lambda_metric = publish_lambda_metric
    sqs_provider.publish_sqs_metric = publish_sqs_metric


def publish_lambda_metric(metric: str, value: float, kwargs: dict, account_id: str, region_name: str) -> None:
    """In place of the function of this name in `localstack.utils.cloudwatch.cloudwatch_util`."""
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": "FunctionName", "Value": kwargs["func_name"]}],
        "Value": value,
    }
    _add(account_id, region_name, "AWS/Lambda", datum)


def publish_sqs_metric(
    account_id: str, region: str, queue_name: str, metric: str, value: float = 1, unit: str = "Count"
) -> None:
    """In place of the function of this name in `localstack.utils.cloudwatch.cloudwatch_util`."""
    dimensions = [{"Name": "QueueName", "Value": queue_name}]
    _add(account_id, region, "AWS/SQS", {"MetricName": metric, "Dimensions": dimensions, "Unit": unit, "Value": value})


def _add(account_id: str, region: str, namespace: str, datum: dict) -> None:
    provider = SERVICE_PLUGINS.require("cloudwatch")._provider
    provider.cloudwatch_database.add_metric_data(
        account_id, region, namespace, [{**datum, "Timestamp": datetime.now(UTC)}]
    )
