"""The queue of wishes that the next requests get, whoever sends them: `/_mock/faults`, and `Engine.faults` for Python.

All workers share it: it is one text in the store, changed only if nobody else did so meanwhile: `next 3` are exactly
three. It says which wish a request gets, and knows nothing of how one is answered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from mockserver.faults import NO_WISH, Wish, WrongWish, read_preferences
from mockserver.sessions import owner_of
from openapi.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockserver.credentials import Refusal
    from mockserver.sessions import Store
    from openapi.contract import Contract
    from openapi.operation import Operation

__all__ = ["MOST_ENTRIES", "MOST_TIMES", "FaultQueue", "Queued"]

MOST_ENTRIES = 1000
"""Entries that the queue holds."""

MOST_TIMES = 1_000_000
"""Answers of one entry."""


@dataclass(frozen=True, slots=True)
class Queued:
    """One entry: its wish, and which requests get it.

    times: answers that are left; None: until it is cleared. owner: digest of the credential that it is for; None: for
    each. operation: its operationId or `METHOD /path`; None: each. chance: that a request gets it, drawn by `seed` and
    `seen`, the number of requests that it was drawn for: the same again for the same requests.
    """

    wish: Wish
    times: int | None = 1
    owner: str | None = None
    operation: str | None = None
    chance: float = 1.0
    seed: str = ""
    seen: int = 0

    def is_for(self, owner: str, operation: Operation) -> bool:
        """Whether a request of an owner to an operation may get it."""
        return self.owner in (None, owner) and self.operation in (None, operation.id, operation.name)

    def drawn(self) -> bool:
        """Whether the next request that may get it does."""
        if self.chance >= 1:
            return True
        key = blake2b(self.seed.encode("utf-8", "surrogatepass"), digest_size=32).digest()
        number = int.from_bytes(blake2b(b"%d" % self.seen, digest_size=8, key=key).digest(), "big")
        return number < self.chance * 2**64

    def after(self, *, taken: bool) -> Queued | None:
        """What is left of it after a request, which got it or not."""
        times = self.times if self.times is None or not taken else self.times - 1
        return None if times == 0 else replace(self, times=times, seen=self.seen + 1)


class FaultQueue:
    """The queue of one mock. Every method may raise `StoreUnavailable`."""

    def __init__(self, store: Store, contract: Contract, refused: Callable[[Operation, Wish], Refusal | None]) -> None:
        """Make the queue that lies in a store. `refused` says why an operation cannot answer a wish, or None."""
        self._store = store
        self._contract = contract
        self._refused = refused

    def add(
        self,
        *wishes: str | Wish,
        times: int | None = 1,
        credential: str | None = None,
        operation: str | None = None,
        chance: float = 1.0,
        seed: str = "",
    ) -> None:
        """Put wishes at the end of the queue, each for the next `times` requests that no earlier one takes.

        wishes: such as `"code=429, delay=1"`. times: None means until the queue is cleared. credential, operation: for
        its requests alone. chance: above 0, at most 1; below 1 it needs a seed. Raises `WrongWish`, and adds nothing.
        """
        if times is not None and not 1 <= times <= MOST_TIMES:
            raise WrongWish(f"times is a number from 1 to {MOST_TIMES}.")
        if not 0 < chance <= 1:
            raise WrongWish("chance is a number above 0, and at most 1.")
        if chance < 1 and not seed:
            raise WrongWish("chance needs a seed, any text, so that the same requests get it every time.")
        owner = None if credential is None else owner_of(credential)
        found = [read_preferences(one if isinstance(one, str) else one.applied) for one in wishes]
        for wish in found:
            if wish == NO_WISH:
                raise WrongWish("Say what to answer: code, example, delay or fault.")
            self._check(wish, operation)
        more = [Queued(replace(one, channel="queue"), times, owner, operation, chance, seed) for one in found]
        self._change(lambda queue: [*queue, *more])

    def list(self) -> list[Queued]:
        """Give the queue, the next entry first."""
        return _read(self._store.faults())

    def clear(self, credential: str | None = None) -> int:
        """Remove the entries of one credential, or all; tell how many."""
        owner = None if credential is None else owner_of(credential)
        gone = 0

        def clear(queue: Sequence[Queued]) -> Sequence[Queued]:
            nonlocal gone
            left = [one for one in queue if owner is not None and one.owner != owner]
            gone = len(queue) - len(left)
            return left

        self._change(clear)
        return gone

    def take(self, credential: str, operation: Operation) -> Wish:
        """Take the wish of the first entry that is for a request; `NO_WISH` when there is none."""
        if not self._store.faults():
            return NO_WISH
        taken = NO_WISH

        def take(queue: Sequence[Queued]) -> Sequence[Queued]:
            nonlocal taken
            taken, owner, left = NO_WISH, owner_of(credential), []
            for one in queue:
                kept: Queued | None = one
                if taken is NO_WISH and one.is_for(owner, operation):
                    taken = one.wish if one.drawn() else NO_WISH
                    kept = one.after(taken=taken is not NO_WISH)
                left += [] if kept is None else [kept]
            return left

        self._change(take)
        return taken

    def _change(self, change: Callable[[Sequence[Queued]], Sequence[Queued]]) -> None:
        """Change the queue, again from the start whenever somebody else was quicker: one always is the quickest."""
        while True:
            known = self._store.faults()
            before = _read(known)
            after = change(before)
            if len(after) > MOST_ENTRIES:
                raise WrongWish(f"The queue holds {MOST_ENTRIES} entries at most; clear it.")
            text = _written(after)
            if text == known or self._store.set_faults(text, known):
                return

    def _check(self, wish: Wish, name: str | None) -> None:
        operations = self._contract.operations
        if name is not None:
            operations = tuple(one for one in operations if name in (one.id, one.name))
            if not operations:
                known = [one.id or one.name for one in self._contract.operations]
                hint = nearest(name, known) or f"There are: {', '.join(known)}."
                raise WrongWish(f"There is no operation {name[:60]!r}. {hint}")
        refused = [(one, refusal) for one in operations if (refusal := self._refused(one, wish)) is not None]
        if refused:
            operation, refusal = refused[0]
            advice = " Name the operation that it is for." if len(refused) < len(operations) else ""
            raise WrongWish(f"{operation.name}: {refusal.detail.removeprefix('Prefer: ')}{advice}")


def _written(queue: Sequence[Queued]) -> str:
    """Write the queue as one text; an empty one as ''."""
    rows = [[one.wish.applied, one.times, one.owner, one.operation, one.chance, one.seed, one.seen] for one in queue]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


def _read(text: str) -> list[Queued]:
    rows = json.loads(text) if text else []
    return [Queued(replace(read_preferences(wish), channel="queue"), *rest) for wish, *rest in rows]
