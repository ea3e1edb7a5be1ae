"""`cellcast-import sam` refuses what containers could not use, before it starts anything."""

import sys

import pytest

from local.__main__ import main
from local.commands import sam
from local.commands.arguments import USAGE_ERROR


@pytest.mark.parametrize("option", ["--address", "--container-address"])
@pytest.mark.parametrize("value", ["host.docker.internal", "172.17.0.1:80", "::1", "0.0.0"])
def test_an_address_must_be_an_ip_address(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sam", option, value]) == USAGE_ERROR

    assert f"{option} must be an IPv4 address such as 172.17.0.1" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["0.0.0.0", "224.0.0.1"])
def test_the_servers_do_not_listen_on_every_address(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sam", "--address", address]) == USAGE_ERROR

    assert "one address of this machine" in capsys.readouterr().err


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sam", "no-such-file.csv"]) == USAGE_ERROR

    assert "no-such-file.csv is not a file" in capsys.readouterr().err


def test_a_bridge_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sam, "_BRIDGES", ("no-bridge", "lo"))
    if sys.platform == "linux":
        assert sam.find_bridge_address() == "127.0.0.1"

    monkeypatch.setattr(sam, "_BRIDGES", ("no-bridge",))
    assert sam.find_bridge_address() == ""
