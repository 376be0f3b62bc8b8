"""Two operations of moto's DynamoDB whose cost grows with the whole table, made to grow with what they touch.

- A transaction copied every item of its tables, to be able to go back. It now copies the items that it names.
- A query went through all items of the table, and measured each of the partition. It now goes through those of its key range.

With a ledger of some thousand items, that is the difference between milliseconds and seconds.
"""

import copy
from collections.abc import Iterator
from contextvars import ContextVar

from localstack.utils.patch import patch
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_transaction: ContextVar[list[dict] | None] = ContextVar("transaction", default=None)


def speed_up_moto() -> None:
    """Applies the patches; to be called once, when DynamoDB is first used."""

    @patch(DynamoDBBackend.transact_write_items)
    def transact_write_items(fn, self: DynamoDBBackend, transact_items: list[dict]):
        token = _transaction.set(transact_items)
        try:
            return fn(self, transact_items)
        finally:
            _transaction.reset(token)

    def deepcopy_table(self: Table, memo: dict) -> Table:
        transaction = _transaction.get()
        return _whole_copy(self, memo) if transaction is None else _snapshot(self, transaction)

    Table.__deepcopy__ = deepcopy_table

    @patch(Table.query)
    def query(fn, self: Table, hash_key, range_comparison, range_objs, *args, **kwargs):
        by_index = kwargs.get("index_name") or (args[4] if len(args) > 4 else None)
        table = self if by_index else _key_range(self, hash_key, range_comparison, range_objs)
        return fn(table, hash_key, range_comparison, range_objs, *args, **kwargs)


def _whole_copy(table: Table, memo: dict) -> Table:
    result = table.__class__.__new__(table.__class__)
    memo[id(table)] = result
    result.__dict__.update(copy.deepcopy(table.__dict__, memo))
    return result


def _snapshot(table: Table, transaction: list[dict]) -> Table:
    """A table to go back to: its own dictionaries down to the items, and copies of the items that will be written."""
    result = copy.copy(table)
    result.items = table.items.copy()
    result.stream_shard = copy.deepcopy(table.stream_shard)
    owned = set()
    for key in _keys(table, transaction):
        hash_value = DynamoType(key[table.hash_key_attr])
        held = result.items.get(hash_value)
        if held is None:
            continue
        if table.range_key_attr is None:
            result.items[hash_value] = copy.deepcopy(held)
            continue
        if hash_value not in owned:
            owned.add(hash_value)
            held = result.items[hash_value] = held.copy()
        range_value = DynamoType(key[table.range_key_attr])
        if range_value in held:
            held[range_value] = copy.deepcopy(held[range_value])
    return result


def _keys(table: Table, transaction: list[dict]) -> Iterator[dict]:
    """The keys in this table that a transaction names. What is malformed is left for moto to refuse."""
    for entry in transaction:
        for operation in entry.values():
            key = operation.get("Key") or operation.get("Item") or {}
            if operation.get("TableName") == table.name and all(name in key for name in table.table_key_attrs):
                yield key


def _key_range(table: Table, hash_key: DynamoType, comparison: str | None, operands: list[DynamoType]) -> Table:
    """The table with only the items that the query's key condition admits."""
    held = table.items.get(hash_key)
    view = copy.copy(table)
    view.items = {}
    if held is None:
        return view
    if isinstance(held, Item):
        view.items[hash_key] = held
    elif comparison:
        view.items[hash_key] = {key: item for key, item in held.items() if key.compare(comparison, operands)}
    else:
        view.items[hash_key] = held
    return view
