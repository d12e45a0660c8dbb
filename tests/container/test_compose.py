"""compose.yaml says what the README promises; the tests of the image start it with the same words."""

from __future__ import annotations

from tests.container import compose


def test_it_keeps_state_in_a_volume_and_settings_in_env() -> None:
    """What outlives the container is the volume at /data; what tells it where to go is `.env`."""
    service = compose.service()
    assert service["env_file"] == ".env"
    assert service["environment"] == {"NUTGRAF_DATA_DIR": "/data"}
    assert [volume.rpartition(":")[2] for volume in service["volumes"]] == ["/data"]


def test_it_gives_the_daemon_time_to_drain() -> None:
    """The runtime waits longer than the nine seconds that the daemon takes at most."""
    assert int(compose.service()["stop_grace_period"].removesuffix("s")) > 10


def test_it_locks_the_container_down() -> None:
    """A read-only root, no capability, no new privilege; any key beyond those is refused until a test tries it out."""
    assert {"--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges:true"} == set(compose.run_options())
