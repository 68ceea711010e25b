"""`mockserver session`: ask a running mock for a session. The request is `session_request.py`'s affair."""

from __future__ import annotations

from typing import Any

import click

from mockserver.commands.ending import NO_SESSION, stop
from mockserver.commands.options import trust_options

__all__ = ["command"]


@click.group("session")
def command() -> None:
    """Ask a running mock for a session."""


@command.command(
    "new",
    epilog="""\b
Examples:
  mockserver session new --qr
  mockserver session new --url https://127.0.0.1:8080 --ca-bundle mock.pem
  mockserver session new --json --callback-url https://example.com/done

\b
Exit codes: 0 here it is, 1 there is none, 2 usage.""",
)
@click.option(
    "--url", default="http://127.0.0.1:8080", envvar="ANYFAST_BASE_URL", show_envvar=True, show_default=True,
    metavar="URL", help="Of the mock.",
)  # fmt: skip
@click.option("--token", metavar="VALUE", help="Credential to send.  [default: the fake one that works]")
@click.option("--callback-url", metavar="URL", help="Where the browser goes at the end.")
@click.option("--lng", type=click.Choice(["zh", "en", "zh-Hant"]), help="Language of the page; added to the link.")
@click.option("--qr", is_flag=True, help="Draw the link as a QR code, for a phone.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON, for a program.")
@trust_options
def new_session(**options: Any) -> None:  # noqa: ANN401 - click checked the types
    """Ask a running mock for a session: prints its token and its link."""
    from mockserver.credentials import WORKING
    from mockserver.session_command import in_language, show_session
    from mockserver.session_request import NoSession, SessionRequest, UnusableRequest

    for one, other in (("as_json", "qr"), ("ca_bundle", "insecure")):
        if options[one] and options[other]:
            names = (f"--{name.removeprefix('as_').replace('_', '-')}" for name in (one, other))
            raise click.UsageError(f"{' and '.join(names)} exclude each other; drop one.")
    asked = SessionRequest(
        options["url"], options["token"] or WORKING, options["callback_url"], options["ca_bundle"], options["insecure"]
    )
    try:
        body = asked.send()
    except UnusableRequest as error:
        raise click.UsageError(str(error)) from None
    except NoSession as error:
        stop(str(error), NO_SESSION)
    body["H5Link"] = in_language(str(body["H5Link"]), options["lng"])
    show_session(body, as_json=options["as_json"], qr=options["qr"])
