"""Which hosts get the key: this machine, the document's servers over https, and what is allowed by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_tests.targeting import admit
from contract_tests.targets import RefusedTarget
from openapi.contract import packaged_contract
from tests.documents.making import contract, operation_tree

if TYPE_CHECKING:
    from openapi.contract import Contract
    from openapi.reading import Json


@pytest.fixture(scope="module")
def vendor() -> Contract:
    return packaged_contract()


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://www.anyfast.ai", "https://www.anyfast.ai"),
        ("https://www.anyfast.ai/", "https://www.anyfast.ai"),
        ("https://WWW.Anyfast.AI", "https://WWW.Anyfast.AI"),
        ("HTTPS://www.anyfast.ai:443/base/", "https://www.anyfast.ai:443/base"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost/", "http://localhost"),
        ("https://localhost:8443/v1/", "https://localhost:8443/v1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://mock.localhost", "http://mock.localhost"),
        ("http://127.255.0.1", "http://127.255.0.1"),
    ],
)
def test_right_target_is_admitted(vendor: Contract, url: str, base: str) -> None:
    assert admit(url, vendor, ()) == base


REFUSED = {
    # told to write an absolute URL
    "www.anyfast.ai": "absolute URL",
    "": "absolute URL",
    "//www.anyfast.ai": "absolute URL",
    "https://": "absolute URL",
    "https:///path": "absolute URL",
    "ftp://www.anyfast.ai": "absolute URL",
    "file:///etc/passwd": "absolute URL",
    "https://[::1": "absolute URL",
    "https://www.anyfast.ai:port": "absolute URL",
    "https://www.anyfast.ai:99999": "absolute URL",
    "javascript:alert(1)": "absolute URL",
    # more than scheme, host, port and path
    "https://www.anyfast.ai@evil.example": "scheme, host and port",
    "https://user:password@www.anyfast.ai": "scheme, host and port",
    "https://@www.anyfast.ai": "scheme, host and port",
    "https://www.anyfast.ai?token=x": "scheme, host and port",
    "https://www.anyfast.ai?": "scheme, host and port",
    "https://www.anyfast.ai#": "scheme, host and port",
    "https://evil.example#@www.anyfast.ai": "scheme, host and port",
    "https://evil.example\\@www.anyfast.ai": "scheme, host and port",
    "https://www.anyfast.ai\\.evil.example": "scheme, host and port",
    "http://127.0.0.1@evil.example": "scheme, host and port",
    "http://evil.example\\@127.0.0.1": "scheme, host and port",
    "http://127.0.0.1#.evil.example": "scheme, host and port",
    # not this machine, and not over https
    "http://www.anyfast.ai": "over https only",
    "http://127.0.0.1.evil.example": "over https only",
    "http://localhost.evil.example": "over https only",
    "http://0.0.0.0:8080": "over https only",
    "http://10.0.0.1": "over https only",
    "http://[::]": "over https only",
    "http://2130706433": "over https only",
    "http://127.0.0.1,evil.example": "over https only",
    # not the document's
    "https://evil.example": "no server of the document",
    "https://127.0.0.1.evil.example": "no server of the document",
    "https://www.anyfast.ai.evil.example": "no server of the document",
    "https://evil-www.anyfast.ai": "no server of the document",
    "https://anyfast.ai": "no server of the document",
    "https://www.anyfast.ai.": "no server of the document",
    "https://www.anyfast.ai%2eevil.example": "no server of the document",
    "https://www.anyfast.ai%00.evil.example": "no server of the document",
    "https://www.anyfast.ai;evil.example": "no server of the document",
    "https://www.anyfast.ai .evil.example": "no server of the document",
    "https://www.аnyfast.ai": "no server of the document",  # noqa: RUF001 - a Cyrillic letter, on purpose
    "https://evil.example/www.anyfast.ai": "no server of the document",
    "https://evil.example/https://www.anyfast.ai": "no server of the document",
}


@pytest.mark.parametrize("url", REFUSED)
def test_wrong_target_is_refused_with_the_remedy(vendor: Contract, url: str) -> None:
    with pytest.raises(RefusedTarget) as caught:
        admit(url, vendor, ())
    assert REFUSED[url] in str(caught.value)


@pytest.mark.parametrize("mark", ["\t", "\r", "\n"])
def test_mark_that_readers_of_urls_pass_over_hides_no_host(vendor: Contract, mark: str) -> None:
    with pytest.raises(RefusedTarget, match="no server of the document"):
        admit(f"https://www.anyfast.ai{mark}.evil.example", vendor, ())


@pytest.mark.parametrize(
    "url", ["ftp://user:hunter2@www.anyfast.ai", "https://user:hunter2@www.anyfast.ai", "x:hunter2@"]
)
def test_refusal_shows_no_password(vendor: Contract, url: str) -> None:
    with pytest.raises(RefusedTarget) as caught:
        admit(url, vendor, ())
    assert "hunter2" not in str(caught.value)


def test_allowed_host_is_admitted_by_its_own_name_only(vendor: Contract) -> None:
    assert admit("https://gateway.example:8443", vendor, ["Gateway.Example"]) == "https://gateway.example:8443"
    for other in ("https://sub.gateway.example", "https://gateway.example.evil.example", "https://example"):
        with pytest.raises(RefusedTarget, match="--contract-allow-host"):
            admit(other, vendor, ["gateway.example"])


def test_allowed_host_still_needs_https(vendor: Contract) -> None:
    with pytest.raises(RefusedTarget, match="https only"):
        admit("http://gateway.example", vendor, ["gateway.example"])


def test_refusal_names_the_servers_and_the_option(vendor: Contract) -> None:
    with pytest.raises(RefusedTarget) as caught:
        admit("https://evil.example", vendor, ())
    assert "(www.anyfast.ai)" in str(caught.value)
    assert "--contract-allow-host evil.example" in str(caught.value)


def test_every_server_of_a_document_is_known() -> None:
    servers: list[Json] = [{"url": "https://a.example/v1"}, {"url": "https://b.example:8443"}, {"url": "/relative"}]
    made = contract({"servers": servers, **operation_tree({})})
    assert admit("https://a.example", made, ()) == "https://a.example"
    assert admit("https://b.example", made, ()) == "https://b.example"
    with pytest.raises(RefusedTarget, match=r"a\.example, b\.example"):
        admit("https://relative", made, ())


def test_document_without_servers_knows_none() -> None:
    with pytest.raises(RefusedTarget, match=r"\(none\)"):
        admit("https://a.example", contract(operation_tree({})), ())
