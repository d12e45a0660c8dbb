"""What every store promises: one suite for memory, SQLite and PostgreSQL (a `store` fixture says which)."""

from tests.contract.store_clock_contract import ClockContract
from tests.contract.store_copies_contract import CopiesContract
from tests.contract.store_digests_contract import ComposeContract, UpkeepContract
from tests.contract.store_letters_contract import CollectContract, CondenseContract, ReadContract
from tests.contract.store_postings_contract import DeliverContract


class StoreContract(
    CollectContract, ReadContract, CondenseContract, ComposeContract, CopiesContract, DeliverContract, UpkeepContract, ClockContract
):
    """All of it."""
