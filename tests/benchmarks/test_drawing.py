"""The picture: well formed, complete, and nothing in it covers anything else."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest

from benchmarks.drawing import WIDTH, drawn
from benchmarks.figures import Figures, Result
from benchmarks.peers import PEERS
from benchmarks.probing import NEW_TOKEN
from tests.benchmarks.making import figures, result

SVG = "{http://www.w3.org/2000/svg}"
WIDEST = 0.64
"""Of a letter on average, in parts of the size, in the widest font that a browser may choose."""


class Box(NamedTuple):
    """Where something is drawn, and what."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def covers(self, other: Box) -> bool:
        """Tell whether the two share a place."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def parts(picture: str) -> tuple[list[Box], list[Box], Box]:
    """Give the texts, the bars and the whole of a picture."""
    root = ET.fromstring(picture)  # noqa: S314 - written by us
    texts = []
    for text in root.iter(f"{SVG}text"):
        size = {"title": 16.0, "muted small": 11.0}.get(text.get("class", ""), 12.0)
        said = "".join(text.itertext())
        x, y = float(text.get("x", "")), float(text.get("y", ""))
        texts.append(Box(x, y - 0.75 * size, x + WIDEST * size * len(said), y + 0.25 * size, said))
    ground, *bars = (
        Box(x, y, x + width, y + height, one.get("class", ""))
        for one in root.iter(f"{SVG}rect")
        for x, y, width, height in [[float(one.get(name, "")) for name in ("x", "y", "width", "height")]]
    )
    return texts, bars, ground


def awkward() -> Result:
    """Make a result with the longest figures, the widest differences, and a server without figures."""
    servers = [figures("anyfast-mockserver", 0.2), figures("prism", 999.0), figures("bare-wsgi", 0.2)]
    return Result({}, [*servers, Figures("openapi-backend", "5.21.2", "peer", "", why_not="<none> & no more")])


def test_every_server_and_its_version_is_named() -> None:
    texts, bars, _ = parts(drawn(result()))
    assert {one.title for one in PEERS} <= {text.what for text in texts}
    assert len(bars) == 6 * len(PEERS)
    assert sum(bar.what == "ours" for bar in bars) == 6


@pytest.mark.parametrize("made", [result(), awkward()], ids=["usual", "awkward"])
def test_nothing_covers_anything_and_nothing_is_cut_off(made: Result) -> None:
    texts, bars, ground = parts(drawn(made))
    shown = [*texts, *bars]
    assert [(one.what, other.what) for one, other in combinations(shown, 2) if one.covers(other)] == []
    assert [one.what for one in shown if one.left < ground.left or one.right > ground.right] == []
    assert [one.what for one in shown if one.top < ground.top or one.bottom > ground.bottom] == []
    assert ground.right < WIDTH


def test_bars_are_as_long_as_their_figures() -> None:
    ours, twice = figures("anyfast-mockserver"), figures("prism", 2.0)
    _, bars, _ = parts(drawn(Result({}, [ours, twice])))
    widths = [round(bar.right - bar.left, 1) for bar in bars]
    pairs = list(zip(widths[::2], widths[1::2], strict=True))
    assert [one > other for one, other in pairs] == [False, True, False, True, False, False]
    assert all(max(pair) == pytest.approx(2 * min(pair), abs=0.11) for pair in pairs)


def test_server_without_figures_is_named_as_not_measured() -> None:
    texts, _, _ = parts(drawn(awkward()))
    (missing,) = (text for text in texts if text.what == "openapi-backend 5.21.2")
    (note,) = (text for text in texts if text.what == "not measured")
    assert abs(note.top - missing.top) < 2


def test_picture_says_its_figures_in_words_and_knows_the_dark() -> None:
    picture = drawn(result())
    described = ET.fromstring(picture).findtext(f"{SVG}desc") or ""  # noqa: S314 - written by us
    assert "anyfast-mockserver: cold start s 0.200, 2c requests/s 20000, 2c p99 ms 2.00," in described
    assert "@media (prefers-color-scheme: dark)" in picture


def test_picture_tells_who_checked_and_who_made_a_token() -> None:
    ours, lenient, limit = figures("anyfast-mockserver"), figures("scalar"), figures("bare-wsgi")
    ours.probes[NEW_TOKEN] = "yes"
    lenient.probes["no key"] = "200"
    told = [text.what for text in parts(drawn(Result({}, [ours, lenient, limit])))[0]]
    assert "Key and body are checked by: anyfast-mockserver" in told
    assert "A new token for each call is made by: anyfast-mockserver" in told
    assert "A new token for each call is made by: nobody" in [text.what for text in parts(drawn(result()))[0]]


def test_panels_without_figures_are_left_out() -> None:
    texts, bars, _ = parts(drawn(Result({}, [Figures("ours", "", "ours", "", cold_starts=[0.2])])))
    assert len(bars) == 1
    assert "Requests/s" not in [text.what for text in texts]
