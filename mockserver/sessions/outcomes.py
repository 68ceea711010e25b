"""How a verification can end, as data: the name we give it, and what the browser brings back to CallbackURL."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OUTCOMES", "PASS", "Outcome", "callback_parameters"]

PASS = "pass"  # noqa: S105 - the word for it, no password


@dataclass(frozen=True, slots=True)
class Outcome:
    """One end of a verification.

    code: `resultCode`; 10000 is passed and every other value is not, no public table of them was found [U1].
    sub_code: `algorithmBaseRespCode`, 0 unless a server failed. billed: `reqMeasureInfoValue`, 1 when it is billed.
    """

    code: int
    sub_code: int
    billed: int
    part: str
    evidence: str


OUTCOMES = {
    PASS: Outcome(10000, 0, 1, "the person passed", "documented upstream [U1]"),
    "fail": Outcome(20001, 0, 0, "the person did not pass", "assumed; the code is a client's fixture [C10]"),
    "server-error": Outcome(50500, 50500, 0, "the check itself failed", "assumed; the code is a gateway's own [C14]"),
}
"""Name -> outcome. The names are ours: the upstream shows none."""


def callback_parameters(token: str, outcome: str) -> tuple[tuple[str, str], ...]:
    """Give the five parameters that the browser brings to CallbackURL, in the order of upstream's document [U1]."""
    one = OUTCOMES[outcome]
    return (
        ("bytedToken", token),
        ("resultCode", str(one.code)),
        ("algorithmBaseRespCode", str(one.sub_code)),
        ("reqMeasureInfoValue", str(one.billed)),
        ("verify_type", "real_time"),
    )
