"""Lists objects in the order of their keys, as S3 does.

Where the answer is to be URL-encoded, LocalStack compares the encoded keys: one with `ä` (`%C3%A4`) then lies before `a`,
and a listing that goes on after a key passes it by.
"""

from urllib.parse import quote

from localstack.runtime import hooks
from localstack.utils.patch import patch


@hooks.on_infra_start()
def sluice_listings_in_order():
    """Has LocalStack list the plain keys; they are encoded in its answer."""
    from localstack.services.s3.provider import S3Provider

    @patch(S3Provider.list_objects_v2)
    def list_objects_v2(fn, self, context, bucket, encoding_type=None, **kwargs):
        answer = fn(self, context, bucket, **kwargs)
        if encoding_type:
            _encode(answer)
        return answer


def _encode(answer: dict) -> None:
    answer["EncodingType"] = "url"
    for name in ("Prefix", "Delimiter", "StartAfter"):
        if name in answer:
            answer[name] = quote(answer[name])
    for item in answer.get("Contents", []):
        item["Key"] = quote(item["Key"])
    for item in answer.get("CommonPrefixes", []):
        item["Prefix"] = quote(item["Prefix"])
