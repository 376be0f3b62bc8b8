"""The entry point by which LocalStack finds the executor (`LAMBDA_RUNTIME_EXECUTOR=sluice`)."""

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class NodeRuntimeExecutorPlugin(RuntimeExecutorPlugin):
    """Loads the executor lazily: LocalStack scans plugins long before it needs Lambda."""

    name = "sluice"

    def load(self, *args, **kwargs):
        from .executor import NodeRuntimeExecutor

        return NodeRuntimeExecutor
