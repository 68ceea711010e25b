"""Where the options of `mockserver serve` come from beside the command line: a TOML file.

Precedence: command line, then `ANYFAST_MOCK_*` in the environment, then the TOML file, then the default.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["DEFAULT_FILE", "ConfigurationError", "Kind", "read_configuration"]

DEFAULT_FILE = Path("anyfast-mock.toml")
"""Read from the current folder when it is there and no other file is named."""


class ConfigurationError(Exception):
    """A TOML file cannot be used; `str()` says where and how to fix it."""


Kind: TypeAlias = Literal["text", "number", "decimal", "switch", "list"]


def read_configuration(path: Path, known: Mapping[str, Kind]) -> dict[str, Any]:
    """Read a TOML file: option names as keys, with `-` or `_`; relative paths start from the file's folder.

    Raises `ConfigurationError` for a file that cannot be read or parsed, for a key that is no option, and for a value
    of another kind than the option's.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}.") from None
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known:
            from openapi.errors import nearest

            hint = nearest(name, known).replace("_", "-")
            raise ConfigurationError(f"{path}: there is no option {key!r}. {hint}".rstrip())
        read = _READERS[known[name]](value)
        if read is None:
            raise ConfigurationError(f"{path}: {key!r} takes {_TAKES[known[name]]}.")
        found[name] = _placed(name, read, path.parent)
    return found


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _list(value: object) -> list[str] | None:
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, list) and all(isinstance(item, str) for item in value) else None


_READERS: dict[Kind, Callable[[object], object]] = {
    "text": _text,
    "number": lambda value: value if isinstance(value, int) and not isinstance(value, bool) else None,
    "decimal": lambda value: value if isinstance(value, int | float) and not isinstance(value, bool) else None,
    "switch": lambda value: value if isinstance(value, bool) else None,
    "list": _list,
}
_TAKES: dict[Kind, str] = {
    "text": "text in quotes",
    "number": "a whole number",
    "decimal": "a number",
    "switch": "true or false",
    "list": 'a list of texts, such as ["one", "two"]',
}


_SQLITE = "sqlite:"
_PATHS = frozenset({"documents", "overlay", "port_file", "ready_file", "log_file", "tls_cert", "tls_key"})


def _placed(name: str, value: object, folder: Path) -> object:
    if name == "store" and str(value).startswith(_SQLITE):
        return f"{_SQLITE}{folder / str(value).removeprefix(_SQLITE).removeprefix('//')}"
    if name not in _PATHS:
        return value
    if isinstance(value, list):
        return [str(folder / str(item)) for item in value]
    return str(folder / str(value))
