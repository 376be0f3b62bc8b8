"""LocalStack plugins for a local AWS without Docker.

- `plugin`, `executor`, `sandbox`: Lambda functions as local Node processes that speak the Lambda Runtime API.
- `keeper`, `processes`: those processes are started by a small helper that kills them when LocalStack ends, however it ends.
- `mappings`, `dispatcher`, `slots`: SQS event source mappings with `MaximumConcurrency` batches in work at a time.
- `dynamodb`: DynamoDB by moto, one request at a time.
- `listings`: S3's listings in the order of their keys.
- `schedules`: EventBridge's schedules, which start state machines also with an input of their own, and can be enabled and disabled.
"""
