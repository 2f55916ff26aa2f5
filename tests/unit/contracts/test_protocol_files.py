"""Protocols as files: copies have names of their own."""

from __future__ import annotations

import pytest

from osteon.contracts.protocol import Protocol, copy_of
from osteon.errors import ProtocolError


def test_a_copy_is_called_as_its_file_is(tmp_path):
    path = tmp_path / "our_centre.toml"
    copy_of("recommended", path)
    copied, shipped = Protocol.load(path), Protocol.load("recommended")
    assert copied.name == "our_centre"
    assert copied.model_copy(update={"name": "recommended"}).hash == shipped.hash


def test_a_copy_replaces_nothing(tmp_path):
    path = tmp_path / "there.toml"
    path.write_text("")
    with pytest.raises(ProtocolError, match="is there already"):
        copy_of("recommended", path)
    with pytest.raises(ProtocolError, match="does not end in"):
        copy_of("recommended", tmp_path / "there.txt")


def test_a_changed_protocol_does_not_bear_a_shipped_name(tmp_path):
    path = tmp_path / "mine.toml"
    copy_of("recommended", path)
    same = path.read_text().replace('"mine"', '"recommended"')
    path.write_text(same)
    assert Protocol.load(path).name == "recommended"
    path.write_text(same.replace('"syndrome_and_biochemical"', '"syndrome"'))
    with pytest.raises(ProtocolError, match="is not the shipped protocol of that name"):
        Protocol.load(path)
