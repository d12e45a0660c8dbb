"""What every store promises of letters that come by several ways."""

from __future__ import annotations

from typing import Any

import pytest

from service.contracts import Store
from service.records import Outcome
from tests.contract.store_examples import DAY, NOW, condense_all, digest, letter, newsletter, put, read_one


class CopiesContract:
    """One letter in two folders or mailboxes: its bytes differ, its Message-ID does not."""

    def test_further_copy_of_a_shown_letter_is_merged(self, store: Store) -> None:
        """What comes by a second way differs in its bytes; who has read it need not read it again, and others may."""
        store.first_seen("daily", NOW)
        put(store, letter("one"), letter("one, by another way"))
        for _ in range(2):
            read_one(store, newsletter("Rain", message_id="<1@example.org>"))
        condense_all(store)
        first, copy = store.material("daily")
        assert (first.outcome, copy.outcome) == (None, None)
        store.add_digest(digest(first))
        (again,) = store.material("daily")
        assert (again.fingerprint, again.outcome) == (copy.fingerprint, Outcome.MERGED)
        assert [item.outcome for item in store.material("weekly")] == [None, None]

    @pytest.mark.parametrize("other", [{"date": NOW - DAY}, {"source": "other.example.org"}, {"message_id": None}])
    def test_another_letter_is_no_copy(self, store: Store, other: dict[str, Any]) -> None:
        """Some senders write the same Message-ID into every issue, and some write none."""
        store.first_seen("daily", NOW)
        put(store, letter("one"), letter("two"))
        read_one(store, newsletter("Rain", message_id=other.get("message_id", "<1@example.org>")))
        read_one(store, newsletter("Rain", **({"message_id": "<1@example.org>"} | other)))
        condense_all(store)
        first, _ = store.material("daily")
        store.add_digest(digest(first))
        assert [item.outcome for item in store.material("daily")] == [None]
