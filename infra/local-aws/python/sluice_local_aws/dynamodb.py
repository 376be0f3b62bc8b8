"""DynamoDB by moto (LocalStack's own is a Java program that it would have to download)."""

import threading

from localstack.aws.api import RequestContext, ServiceRequest, ServiceResponse
from localstack.aws.api.dynamodb import DynamodbApi
from localstack.aws.forwarder import ForwardingFallbackDispatcher
from localstack.services.moto import _proxy_moto
from localstack.services.plugins import Service, aws_provider

from .moto_speed import speed_up_moto

_LOCK = threading.Lock()


def _one_at_a_time(context: RequestContext, request: ServiceRequest) -> ServiceResponse:
    """moto is not thread-safe: unlocked, concurrent conditional writes are lost."""
    with _LOCK:
        return _proxy_moto(context, request)


@aws_provider(api="dynamodb", name="sluice")
def dynamodb_by_moto() -> Service:
    """Selected by `PROVIDER_OVERRIDE_DYNAMODB=sluice`."""
    speed_up_moto()
    return Service.for_provider(
        DynamodbApi(),
        dispatch_table_factory=lambda provider: ForwardingFallbackDispatcher(provider, _one_at_a_time),
    )
