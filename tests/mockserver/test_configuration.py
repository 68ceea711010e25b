"""The TOML file: option names in either spelling, values of the option's kind, paths from where the file stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockserver.configuration import ConfigurationError, Kind, read_configuration

if TYPE_CHECKING:
    from pathlib import Path

KNOWN: dict[str, Kind] = {
    "port": "number", "port_file": "text", "seed": "text", "accept_any_token": "switch", "token": "list",
    "overlay": "list", "documents": "list", "profile": "text", "store": "text", "session_life": "decimal",
}  # fmt: skip


def read(folder: Path, text: str) -> dict[str, object]:
    path = folder / "mock.toml"
    path.write_text(text, encoding="utf-8")
    return read_configuration(path, KNOWN)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("port = 9000", {"port": 9000}),
        ("accept-any-token = true", {"accept_any_token": True}),
        ("accept_any_token = false", {"accept_any_token": False}),
        ("seed = 'a'", {"seed": "a"}),
        ("seed = 5", {"seed": "5"}),
        ("token = 'a'", {"token": ["a"]}),
        ("session-life = 1.5", {"session_life": 1.5}),
        ("session-life = 5", {"session_life": 5}),
        ("store = 'redis://a/0'", {"store": "redis://a/0"}),
        ("token = ['a', 'b']", {"token": ["a", "b"]}),
    ],
)
def test_option_is_read_by_its_name(tmp_path: Path, text: str, found: dict[str, object]) -> None:
    assert read(tmp_path, text) == found


def test_relative_paths_start_from_the_folder_of_the_file(tmp_path: Path) -> None:
    text = "port-file = 'p.txt'\noverlay = 'o.yaml'\ndocuments = ['a.yaml', '/b.yaml']\nprofile = 'observed'"
    assert read(tmp_path, text) == {
        "port_file": str(tmp_path / "p.txt"),
        "overlay": [str(tmp_path / "o.yaml")],
        "documents": [str(tmp_path / "a.yaml"), "/b.yaml"],
        "profile": "observed",
    }
    assert read(tmp_path, "store = 'sqlite:s.db'") == {"store": f"sqlite:{tmp_path / 's.db'}"}
    assert read(tmp_path, "store = 'sqlite:///s.db'") == {"store": "sqlite:/s.db"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("prot = 1", "there is no option 'prot'. Did you mean 'port'?"),
        ("accept_any_tokens = true", "Did you mean 'accept-any-token'?"),
        ("zzz = 1", "there is no option 'zzz'."),
        ("port = '9000'", "'port' takes a whole number."),
        ("port = 80.5", "'port' takes a whole number."),
        ("session_life = '5'", "'session_life' takes a number."),
        ("session_life = true", "'session_life' takes a number."),
        ("port = true", "'port' takes a whole number."),
        ("[port]", "'port' takes a whole number."),
        ("accept-any-token = 'yes'", "'accept-any-token' takes true or false."),
        ("accept_any_token = 1", "'accept_any_token' takes true or false."),
        ("seed = true", "'seed' takes text in quotes."),
        ("seed = 1.5", "'seed' takes text in quotes."),
        ("seed = ['a']", "'seed' takes text in quotes."),
        ("token = [1]", "'token' takes a list of texts"),
        ("token = 1", "'token' takes a list of texts"),
        ("port = ", "is not TOML"),
        ("port = 1\nport = 2", "is not TOML"),
        ("\ufeffport = 1", "is not TOML"),
    ],
)
def test_mistake_is_told_with_the_file_and_how_to_fix_it(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    assert told in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "mock.toml"))


def test_value_of_a_key_is_never_repeated(tmp_path: Path) -> None:
    for text in ("token = [1, 'sk-secret']", "seed = ['sk-secret']", "token = {a = 'sk-secret'}"):
        with pytest.raises(ConfigurationError) as caught:
            read(tmp_path, text)
        assert "sk-secret" not in str(caught.value)


def test_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        read_configuration(tmp_path / "none.toml", KNOWN)
    (tmp_path / "latin.toml").write_bytes(b"seed = '\xff'")
    with pytest.raises(ConfigurationError, match="is not TOML"):
        read_configuration(tmp_path / "latin.toml", KNOWN)
