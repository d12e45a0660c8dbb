"""Tokens at rest: encrypted, and renewed by one process at a time."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from service.contracts import Permanent
from service.edges import sql_facts as facts
from service.edges.sql_store import SqlStore, open_store
from service.edges.token_safe import TokenSafe
from tests.contract.store_examples import DAY, NOW


class TestTokens:
    """Tokens at rest."""

    def test_token_comes_back(self, store: SqlStore) -> None:
        """What was saved last is loaded, by another safe with the same key too."""
        safe = TokenSafe(store, "a key")
        safe.save("gmail", "first")
        safe.save("gmail", "sécond")
        assert TokenSafe(store, "a key").load("gmail") == "sécond"
        assert safe.load("other") is None

    def test_fault_92_token_is_nowhere_in_clear(self, store: SqlStore, tmp_path: Path) -> None:
        """Neither the token nor the key stands in any file of the store."""
        TokenSafe(store, "canary-key").save("gmail", "canary-token")
        content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"gmail" in content
        assert b"canary" not in content

    def test_another_key_is_refused(self, store: SqlStore) -> None:
        """A changed key is named with both ways out."""
        TokenSafe(store, "a key").save("gmail", "token")
        with pytest.raises(Permanent, match="another key") as refusal:
            TokenSafe(store, "b key").load("gmail")
        assert "nutgraf login gmail" in refusal.value.fix

    def test_one_process_renews_at_a_time(self, store: SqlStore, url: str) -> None:
        """A second one, with a store of its own open, waits until the first has saved, and reads what that one saved."""
        first, seen, waiting = TokenSafe(store, "a key"), list[str | None](), threading.Event()
        first.save("gmail", "old")

        def other_process() -> None:
            with closing(open_store(url, reserve=0, low_water=0)) as another:
                second = TokenSafe(another, "a key")
                waiting.set()
                with second.renewing("gmail"):
                    seen.append(second.load("gmail"))

        thread = threading.Thread(target=other_process)
        with first.renewing("gmail"):
            thread.start()
            assert waiting.wait(20)
            with first.renewing("another account"):
                first.save("gmail", "new")
        thread.join(20)
        assert seen == ["new"]

    @pytest.mark.parametrize("until", [NOW, NOW + 400_000 * DAY])
    def test_claim_of_a_process_that_was_killed_runs_out(self, store: SqlStore, until: datetime) -> None:
        """Also one of a time that the clock was ahead."""
        store.database.write(lambda db: facts.once(db, "renewing gmail", f"{until.isoformat()} 0123456789abcdef"))
        with TokenSafe(store, "a key").renewing("gmail"):
            pass
        assert store.database.read(lambda db: facts.known(db, "renewing gmail")) is None

    def test_no_key_is_refused(self, store: SqlStore) -> None:
        """Without a key nothing is stored in clear instead."""
        with pytest.raises(Permanent, match="NUTGRAF_SECRET_KEY"):
            TokenSafe(store, "")
