"""The comparison as one picture: a row for each server, a panel of bars for each figure. SVG, for light and dark.

It carries its own ground, so that it is readable whatever lies behind it. Measures nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from benchmarks.figures import CONNECTIONS, column, in_order
from benchmarks.probing import NEW_TOKEN, REFUSALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.figures import Column, Figures, Result

__all__ = ["WIDTH", "drawn"]

WIDTH = 920
MARGIN, NAMES, ROW, BAR = 20, 176, 26, 14
HEAD, FOOT = 118, 88
LABEL = 50
"""Room for a figure behind the longest bar."""

STYLE = """
svg { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
.ground { fill: #ffffff; stroke: #d1d9e0; } .rule { stroke: #d1d9e0; }
text { fill: #1f2328; } .muted { fill: #59636e; } .small { font-size: 11px; }
.title { font-size: 16px; font-weight: 600; } .strong { font-weight: 600; }
.ours { fill: #0969da; } .peer { fill: #afb8c1; } .limit { fill: none; stroke: #818b98; stroke-dasharray: 3 2; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117; stroke: #3d444d; } .rule { stroke: #3d444d; }
text { fill: #f0f6fc; } .muted { fill: #9198a1; }
.ours { fill: #4493f8; } .peer { fill: #656c76; } .limit { stroke: #9198a1; }
}
"""


@dataclass(frozen=True, slots=True)
class _Panel:
    """One figure: its column of the table, and what stands above the bars, in three lines."""

    column: Column
    what: str
    where: str
    unit: str


PANELS = (
    _Panel(column("cold start s"), "Cold start, s", "to first answer", "less is better"),
    *(
        panel
        for count in CONNECTIONS
        for panel in (
            _Panel(column(f"{count}c requests/s"), "Requests/s", f"{count} connections", "more is better"),
            _Panel(column(f"{count}c p99 ms"), "p99, ms", f"{count} connections", "less is better"),
        )
    ),
    _Panel(column("memory after MB"), "Memory, MB", "after load, PSS", "less is better"),
)


def drawn(result: Result) -> str:
    """Draw a result; panels that nobody has figures for are left out."""
    servers = in_order(result.servers)
    panels = [panel for panel in PANELS if any(panel.column.values(one) for one in servers)]
    height = HEAD + ROW * len(servers) + FOOT
    machine = f"{result.about.get('processor', '')}, {result.about.get('began', '')[:10]}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">',
        "<title>Mock servers compared</title>",
        f"<desc>{escape(_described(servers, panels))}</desc>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>',
        _text(MARGIN, 32, "Mock servers answering the same valid POST", "title"),
        *_panels(panels, servers),
        *_names(servers),
        _rule(HEAD - 8),
        *(
            _text(MARGIN, height - FOOT + 26 + 16 * line, text, "muted small")
            for line, text in enumerate((*_work(servers), _footnote(servers), machine))
        ),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _panels(panels: Sequence[_Panel], servers: Sequence[Figures]) -> Iterator[str]:
    step = (WIDTH - 2 * MARGIN - NAMES) / max(len(panels), 1)
    for number, panel in enumerate(panels):
        left = MARGIN + NAMES + number * step
        for line, (text, classes) in enumerate(
            ((panel.what, "strong"), (panel.where, "muted small"), (panel.unit, "muted small"))
        ):
            yield _text(left, 66 + 16 * line, text, classes)
        medians = {one.title: median(panel.column.values(one)) for one in servers if panel.column.values(one)}
        longest = max(medians.values()) or 1.0
        for row, one in enumerate(servers):
            if one.title in medians:
                value = medians[one.title]
                width = max(value / longest * (step - LABEL - 10), 1.5)
                top = HEAD + ROW * row + (ROW - BAR) / 2
                yield (
                    f'<rect class="{one.role}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{BAR}" rx="2"/>'
                )
                classes = "strong" if one.role == "ours" else ""
                yield _text(left + width + 5, top + BAR - 3, f"{value:,.{_digits(value)}f}", classes)


def _names(servers: Sequence[Figures]) -> Iterator[str]:
    for row, one in enumerate(servers):
        y = HEAD + ROW * row + ROW / 2 + 4
        version = f' <tspan class="muted small">{escape(one.version)}</tspan>' if one.version else ""
        classes = ' class="strong"' if one.role == "ours" else ""
        yield f'<text x="{MARGIN}" y="{y:.1f}"{classes}>{escape(one.name)}{version}</text>'
        if one.why_not:
            yield _text(MARGIN + NAMES, y, "not measured", "muted small")


def _described(servers: Sequence[Figures], panels: Sequence[_Panel]) -> str:
    """Say in words what the bars show, for those who do not see them."""
    told = []
    for one in servers:
        figures = [
            f"{panel.column.title} {median(panel.column.values(one)):.{panel.column.digits}f}"
            for panel in panels
            if panel.column.values(one)
        ]
        told.append(f"{one.title}: {', '.join(figures) or 'not measured'}.")
    return " ".join(told)


def _work(servers: Sequence[Figures]) -> tuple[str, str]:
    """Say who did more than to answer: bars do not show that."""
    mocks = [one for one in servers if one.role != "limit" and one.probes]
    checking = [one.name for one in mocks if all(one.probes[probe].startswith("4") for probe in REFUSALS)]
    making = [one.name for one in mocks if one.probes[NEW_TOKEN] == "yes"]
    return (
        f"Key and body are checked by: {', '.join(checking) or 'nobody'}",
        f"A new token for each call is made by: {', '.join(making) or 'nobody'}",
    )


def _footnote(servers: Sequence[Figures]) -> str:
    rounds = max((len(one.cold_starts) for one in servers), default=0)
    loads = max((len(one.after) for one in servers), default=0)
    text = f"Medians of one interleaved run: {rounds} cold starts, {loads} rounds of load with wrk."
    if any(one.role == "limit" for one in servers):
        text += " Dashed: no mock, but a constant under our server."
    return text


def _digits(value: float) -> int:
    """Three significant digits are enough; none behind the point from 100 on."""
    return 0 if value >= 100 else 1 if value >= 10 else 2


def _text(x: float, y: float, text: str, classes: str = "") -> str:
    marked = f' class="{classes}"' if classes else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{marked}>{escape(text)}</text>'


def _rule(y: float) -> str:
    return f'<line class="rule" x1="{MARGIN}" y1="{y}" x2="{WIDTH - MARGIN}" y2="{y}"/>'
