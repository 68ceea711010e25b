"""What is read of wrk."""

from __future__ import annotations

import pytest

from benchmarks.loading import read_result

SAID = """Running 1s test @ http://127.0.0.1:8080/volc/asset/CreateVisualValidateSession
  1 threads and 2 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   120.15us  301.06us   6.73ms   97.61%
    Req/Sec    19.89k     1.75k   22.77k    70.00%
  Latency Distribution
     50%   80.00us
     99%    1.23ms
  19789 requests in 1.00s, 7.11MB read
Requests/sec:  19785.15
Transfer/sec:      7.11MB

RESULT {"requests": 19789, "microseconds": 1000194, "bytes": 7455353, "p50": 80, "p99": 1230, "refused": 0, "broken": 0}
"""


def test_result_is_read_among_what_wrk_says() -> None:
    result = read_result(SAID)
    assert (result["requests"], result["microseconds"], result["bytes"]) == (19_789, 1_000_194, 7_455_353)
    assert (result["p50"], result["p99"]) == (80, 1230)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("unable to connect to 127.0.0.1:1 Connection refused\n", "wrk failed: unable to connect"),
        ("", "wrk failed"),
        (SAID.replace('"refused": 0', '"refused": 3'), "of 19789 requests 3 were refused, 0 connections broke"),
        (SAID.replace('"broken": 0', '"broken": 1'), "0 were refused, 1 connections broke"),
        (SAID.replace('"requests": 19789', '"requests": 0'), "of 0 requests"),
    ],
)
def test_stretch_that_did_not_go_well_has_no_result(said: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_result(said)
