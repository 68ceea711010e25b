"""docs/FIDELITY.md is what its generator writes."""

from __future__ import annotations

from pathlib import Path

from mockserver.credentials import FAKES
from mockserver.fidelity import fidelity_page
from openapi.profiles import PROFILES, actions

PAGE = Path(__file__).parents[2] / "docs" / "FIDELITY.md"


def test_the_page_is_what_the_generator_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == fidelity_page(), "run: make effective"


def test_the_page_names_every_action_with_its_basis_and_every_credential() -> None:
    page = fidelity_page()
    for profile in PROFILES:
        for action in actions(profile):
            assert f"| {action.description.strip()} | {action.basis} |" in page
            assert action.evidence, f"{action.place}: an action of ours needs x-evidence"
    assert all(f"`{key}`" in page for key in FAKES)
