"""What cannot be used is said before anything is sent, with the way to mend it."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING

import pytest

from contract_tests.preparing import CannotRun, Options, admitted_target, make_run, read_contract, target_of
from contract_tests.quiet_logs import mask_logs
from contract_tests.targets import RefusedTarget
from openapi.contract import packaged_contract

if TYPE_CHECKING:
    from pathlib import Path

HERE = "http://127.0.0.1:1"
KEY = "sk-preparing-4242"

UNUSABLE = [
    pytest.param(Options(HERE), "put it into the variable ANYFAST_API_KEY. A mock of this project takes sk-", id="key"),
    pytest.param(Options("https://www.anyfast.ai"), "put it into the variable ANYFAST_API_KEY.", id="key-of-a-host"),
    pytest.param(Options(HERE, key="two words"), "characters that no key has", id="key-with-a-blank"),
    pytest.param(Options(HERE, key="sk-line-end\n"), "characters that no key has", id="key-with-a-line-end"),
    pytest.param(Options(HERE, key="sk-ключ"), "characters that no key has", id="key-in-another-script"),
    pytest.param(Options(HERE, proxy="p:3128", key=KEY), "the URL of a proxy, such as", id="proxy"),
    pytest.param(Options(HERE, ca_bundle="gone.pem", key=KEY), "gone.pem: No such file", id="certificates-missing"),
]

REFUSED = [
    pytest.param(Options("localhost:80"), "no absolute URL", id="no-scheme"),
    pytest.param(Options("http://[::1"), "no absolute URL", id="broken"),
    pytest.param(Options(f"{HERE}234567"), "no absolute URL", id="port"),
    pytest.param(Options("ftp://127.0.0.1"), "no absolute URL", id="scheme"),
    pytest.param(Options("http://www.anyfast.ai"), "over https only", id="http"),
    pytest.param(Options("https://me:secret@www.anyfast.ai"), "the key goes into ANYFAST_API_KEY", id="user"),
    pytest.param(Options("https://host.example"), "add --contract-allow-host host.example", id="unknown-host"),
    pytest.param(Options(HERE, proxy="http://p.example:1"), "it would see the key", id="proxy-elsewhere"),
]


@pytest.mark.parametrize(("options", "sentence"), UNUSABLE)
def test_what_cannot_be_used_is_explained(options: Options, sentence: str) -> None:
    with pytest.raises(CannotRun) as raised:
        admitted_target(options, packaged_contract())
    assert sentence in str(raised.value)
    assert not options.key or options.key not in str(raised.value)


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_a_target_that_must_not_get_the_key_is_refused(options: Options, sentence: str) -> None:
    with pytest.raises(RefusedTarget) as raised:
        admitted_target(options, packaged_contract())
    assert sentence in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "options",
    [
        Options(HERE, key=KEY),
        Options("https://www.anyfast.ai/", key=KEY),
        Options("https://host.example", allowed_hosts=("host.example",), key=KEY),
        Options("https://www.anyfast.ai", proxy="http://p.example:1", key=KEY),
    ],
)
def test_a_target_that_may_have_the_key_is_admitted(options: Options) -> None:
    assert admitted_target(options, packaged_contract()) == options.target.rstrip("/")


def test_certificates_that_are_none_are_explained(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate\n", encoding="utf-8")
    with pytest.raises(CannotRun, match="ca-bundle"):
        admitted_target(Options(HERE, ca_bundle=str(tmp_path / "ca.pem"), key=KEY), packaged_contract())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (Options(profile="publisht"), "Did you mean 'published'?"),
        (Options(documents=("gone.yaml",)), "gone.yaml"),
        (Options(documents=("x.yaml",), profile="observed"), "leave it out with --contract-document"),
    ],
)
def test_a_contract_that_cannot_be_read_is_explained(options: Options, sentence: str) -> None:
    with pytest.raises(CannotRun) as raised:
        read_contract(options)
    assert sentence in str(raised.value)


def test_the_key_is_shown_by_no_value_of_a_run() -> None:
    options = Options(HERE, key=KEY)
    run = make_run(options, packaged_contract(), HERE)
    assert run.target.key == KEY
    assert KEY not in f"{options!r} {run!r} {run.target!r}"


def test_the_password_of_a_proxy_is_shown_by_no_value_and_masked() -> None:
    options = Options(HERE, key=KEY, proxy="http://ann:p%40ss-4242@127.0.0.1:1")
    run = make_run(options, packaged_contract(), HERE)
    assert "p%40ss" not in f"{options!r} {run!r}"
    sent = base64.b64encode(b"ann:p@ss-4242").decode()
    assert run.redactor.text(f"p%40ss-4242, p@ss-4242, Basic {sent}") == "***, ***, Basic ***"


def test_what_the_client_library_quotes_of_an_answer_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("urllib3.connection")
    undo = mask_logs(make_run(Options(HERE, key=KEY), packaged_contract(), HERE))
    with caplog.at_level(logging.DEBUG, logger.name):
        try:
            int("quoted")
        except ValueError:
            logger.warning("Failed (url=%s): %s, unparsed data: %r", HERE, "broken", "quoted", exc_info=True)
    undo()
    assert caplog.messages == [f"Failed (url={HERE}): broken (ValueError)"]
    assert "quoted" not in caplog.text


def test_the_key_is_masked_in_what_the_client_library_logs(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("urllib3.connectionpool")
    undo = mask_logs(make_run(Options(HERE, key=KEY), packaged_contract(), HERE))
    with caplog.at_level(logging.DEBUG, logger.name):
        logger.debug('%s "GET %s"', HERE, f"/x?access_token={KEY}")
        undo()
        logger.debug("as it is: %s", KEY)
    assert KEY not in caplog.messages[0]
    assert "/x" in caplog.messages[0]
    assert KEY in caplog.messages[1], "undone, so the first line was masked by us"


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        (Options(), 10),
        (Options(HERE, key=KEY), 2),
        (Options(max_response_time=1), 1),
        (Options(HERE, "", max_response_time=1), 1),
    ],
)
def test_our_mock_may_take_longer_unless_the_user_says_how_long(options: Options, seconds: float) -> None:
    assert target_of(options, HERE).max_response_time == seconds
