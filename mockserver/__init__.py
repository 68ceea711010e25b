"""The mock: plays the provider of the contract over HTTP, or in process."""

import openapi

if getattr(openapi, "DISTRIBUTION", "") != "anyfast-mockserver":
    raise ImportError(
        f"Another package called 'openapi' is installed at {getattr(openapi, '__file__', None) or 'an unknown place'} "
        "and hides the one of anyfast-mockserver. Uninstall it, or use a virtual environment of its own."
    )

__version__ = "0.1.0"
