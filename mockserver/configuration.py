"""Where the options of `mockserver serve` come from beside the command line: a TOML file.

Precedence: command line, then `ANYFAST_MOCK_*` in the environment, then the TOML file, then the default.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

__all__ = ["DEFAULT_FILE", "ConfigurationError", "read_configuration"]

DEFAULT_FILE = Path("anyfast-mock.toml")
"""Read from the current folder when it is there and no other file is named."""


class ConfigurationError(Exception):
    """A TOML file cannot be used; `str()` says where and how to fix it."""


def read_configuration(path: Path, known: Collection[str]) -> dict[str, Any]:
    """Read a TOML file: option names as keys, with `-` or `_`; relative paths start from the file's folder.

    Raises `ConfigurationError` for a file that cannot be read or parsed, and for a key that is no option.
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
        if isinstance(value, dict):
            raise ConfigurationError(f"{path}: {key!r} takes a value, not a table.")
        found[name] = _placed(name, value, path.parent)
    return found


_PATHS = frozenset({"documents", "overlay", "port_file"})


def _placed(name: str, value: object, folder: Path) -> object:
    if name not in _PATHS:
        return value
    if isinstance(value, list):
        return [str(folder / str(item)) for item in value]
    return str(folder / str(value))
