"""The tables of the comparison as Markdown."""

from __future__ import annotations

from benchmarks.figures import Figures, Result
from benchmarks.peers import PEERS
from benchmarks.tables import markdown
from tests.benchmarks.making import figures, result


def test_every_server_has_medians_a_ratio_a_probe_and_a_range() -> None:
    lines = markdown(result()).splitlines()
    assert "| anyfast-mockserver | 0.200 | 20000 | 0.10 / 2.00 | 20000 | 0.10 / 2.00 | 50 | 30 / 30 |" in lines
    assert "| anyfast-mockserver | 401 | 400 | 400 | no | no |" in lines
    for peer in PEERS[1:]:
        rows = [line.split(" |")[0] for line in lines]
        assert rows.count(f"| {peer.title}") == 3
        assert rows.count(f"| anyfast-mockserver / {peer.title}") == 1
        assert f"- {peer.title}: {peer.does}" in lines
    assert any(
        line.startswith("| anyfast-mockserver | 0.200 (0.100 to 9.000) | 20000 (18000 to 22000) |") for line in lines
    )


def test_ratios_end_with_the_best_peer_of_each_column() -> None:
    servers = [figures("anyfast-mockserver", 2.0), figures("scalar", 4.0), figures("prism", 8.0), figures("bare-wsgi")]
    lines = markdown(Result({}, servers)).splitlines()
    (best,) = (line for line in lines if "the best peer" in line)
    assert best.count("2.00 (scalar)") == 7, "what is no mock is no peer"
    (limit,) = (line for line in lines if "/ bare-wsgi" in line)
    assert limit.count("0.50") == 7


def test_server_that_could_not_be_measured_has_a_row_that_says_why() -> None:
    missing = Figures("prism", "5.14.2", "peer", "", why_not="npm said | no\nand more")
    lines = markdown(Result({}, [missing, figures("anyfast-mockserver"), figures("scalar")])).splitlines()
    rows = [line for line in lines if line.startswith("| prism 5.14.2")]
    assert rows == ["| prism 5.14.2 | not measured: npm said \\| no |" + "  |" * 6]
    assert not any("/ prism" in line for line in lines)


def test_growth_is_a_ratio_of_its_own() -> None:
    assert "| empty store -> 100,000 sessions | 40.0 (39.0 to 41.0) | 44.0 (42.0 to 46.0) | 1.10 |" in markdown(
        result()
    )


def test_without_load_only_cold_starts_are_told() -> None:
    ours, other = (Figures(name, "", "peer", "", cold_starts=[0.2]) for name in ("ours", "other"))
    ours.role = "ours"
    text = markdown(Result({}, [ours, other]))
    assert "| server | cold start s |\n| --- | --- |\n| ours | 0.200 |" in text
    assert "requests/s" not in text
    assert "| ours / other | 1.00 |" in text
