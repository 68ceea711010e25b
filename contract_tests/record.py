"""`contract-tests record`: keep the shapes of a host's answers in a file that the user commits; never a value.

Plan, budget and ledger are those of the suite. What is in the file widens with every observation.
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests.command_line import SENDING, CommandParser, carry_out, options_of
from contract_tests.outcomes import together
from contract_tests.plan import plan_lines
from contract_tests.preparing import CannotRun, read_contract
from contract_tests.report_files import ReportFile
from contract_tests.shape_changes import changed_since, observed
from contract_tests.shape_files import SHAPES_FILE, Recorded, read_shapes, written
from contract_tests.sides import learn, opened, plan_for, send_all, walk_journey
from contract_tests.terms import host_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from contract_tests.events import DifferenceFound
    from contract_tests.targets import Exchange

__all__ = ["main"]

INCONCLUSIVE = 10
TROUBLE = 500
"""From this status on an answer is trouble of the host, and no shape to be kept."""


def main(arguments: list[str]) -> int:
    """Record shapes. Exit status: 0, 2 interrupted, 4 usage, 10 when no answer was to be kept, 14 refused."""
    parser = CommandParser(
        "record", "Keep the shapes of a host's answers: keys, types, lengths; never a value.", SENDING
    )
    add = parser.add_argument
    add("--target", "--contract-target", required=True, metavar="URL", help="the host; its key in ANYFAST_API_KEY")
    add("--output", type=Path, default=Path(SHAPES_FILE), metavar="FILE", help=f"the file to widen ({SHAPES_FILE})")
    asked = parser.parse_args(arguments)
    return carry_out("record", lambda: _run(asked))


def _run(asked: argparse.Namespace) -> int:
    options = options_of(asked, asked.target)
    contract = read_contract(options)
    plan = plan_for(options, contract)
    if asked.contract_plan:
        print("\n".join(plan_lines(plan)))  # noqa: T201 - what a command says
        return 0
    hashes = tuple(sorted(document.sha256 for document in contract.documents if not document.reconstructed))
    before = read_shapes(asked.output) if asked.output.exists() else None
    if before is not None and before.host != host_of(plan.target):
        raise CannotRun(f"{asked.output} has the shapes of {before.host}: name another file with --output.")
    file = ReportFile(asked.output, "--output")
    try:
        with opened(contract, [(asked.target, options, plan.left_out)]) as (side,):
            send_all([side])
            if asked.contract_journey:
                walk_journey(side, contract)
            learn([side])
            made = list(side.run.exchanges.all().values())
            kept = [one for one in made if one.status < TROUBLE]
            today = datetime.now(timezone.utc).date().isoformat()
            seen = together(observed(kept, contract, side.run.redactor, today))
            account = side.run.spending.ledger.read()
        now = Recorded(host_of(plan.target), contract.profile, hashes, seen)
        changed = [] if before is None else changed_since(before, seen, str(asked.output))
        if seen:
            file.write(written(now if before is None else before.and_also(now)))
    finally:
        file.discard()
    price = f", {account.paid} of them may have cost something" if account.paid else ""
    print(f"requests  {len(account.sent)}{price}")  # noqa: T201 - what a command says
    print("\n".join(_lines(asked.output, now, made, changed)))  # noqa: T201 - what a command says
    return 0 if seen else INCONCLUSIVE


def _lines(path: Path, now: Recorded, made: Sequence[Exchange], changed: Sequence[DifferenceFound]) -> Iterator[str]:
    if now.cases:
        yield f"recorded  {len(now.cases)} cases of {now.host} in {path}; commit it"
    else:
        yield "Nothing came that could be recorded."
    trouble = [one for one in made if (one.inconclusive and not one.left_out) or one.status >= TROUBLE]
    left_out = [one for one in made if one.left_out]
    for label, some in (("no shape", trouble), ("left out", left_out)):
        if some:
            reasons = dict.fromkeys(one.trouble or f"the target answered {one.status}" for one in some)
            yield f"{label:<10}{len(some)} requests: {'; '.join(reasons)}"
    for one in changed:
        yield f"widened   {one.case}: {one.place}: {one.left} was recorded, {one.right} came"
