"""What holds of every answer, and between answers, beyond the schema: each one small function with a code and a basis.

A new check is one function in a module here, by its subject, and one deliberately wrong server in
`tests/wrong_servers/` that fails exactly it. Importing this imports all of them.
"""

from contract_tests.invariants import general, session
from contract_tests.invariants.registry import INVARIANTS, Found, Invariant, Observation, View

__all__ = ["INVARIANTS", "Found", "Invariant", "Observation", "View", "general", "session"]
