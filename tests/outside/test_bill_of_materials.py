"""The bill of materials: it fits its schema, which its maker checks, and names all that an installation has."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_bill_of_materials_fits_its_schema_and_has_every_locked_package_with_its_hashes() -> None:
    bill = ROOT / "dist" / "sbom.cdx.json"
    bill.unlink(missing_ok=True)
    done = subprocess.run(
        ["make", "--no-print-directory", "sbom"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr  # `--validate` compares with the schema of CycloneDX
    made = json.loads(bill.read_text(encoding="utf-8"))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert made["metadata"]["component"]["name"] == "anyfast-mockserver"
    lock = (ROOT / "requirements" / "image.txt").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+)", lock, re.MULTILINE))
    assert {(one["name"], one["version"]) for one in made["components"]} == locked
    hashes = {one["bom-ref"]: [h["content"] for ref in one["externalReferences"] for h in ref.get("hashes", [])]
              for one in made["components"]}  # fmt: skip
    assert all(hashes.values())


def test_lock_that_is_damaged_makes_no_bill(tmp_path: Path) -> None:
    (tmp_path / "lock.txt").write_text("click==8 --hash=sha256:zz\n", encoding="utf-8")
    maker = ROOT / ".cache" / "tools" / "supply" / "bin" / "cyclonedx-py"
    command = [str(maker), "requirements", str(tmp_path / "lock.txt")]
    done = subprocess.run([*command, "--validate"], capture_output=True, check=False)
    assert done.returncode != 0
