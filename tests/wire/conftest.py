"""Servers that several wire tests share: certificates made once, one Dovecot for all who only need users of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import dovecot
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.dovecot import Dovecot


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Return an authority of our own with a good certificate and three bad ones."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[Dovecot]:
    """Start one Dovecot; a test that shares it takes a user of its own."""
    if reason := dovecot.missing():
        pytest.skip(reason)
    with Dovecot() as server:
        yield server
