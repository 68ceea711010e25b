"""The operators, by their subject. Importing this registers them all, in the order in which they are told."""

from contract_tests.strength.operators import structure  # isort: split

from contract_tests.strength.operators import values  # isort: split

from contract_tests.strength.operators import writing  # isort: split

from contract_tests.strength.operators import statuses  # isort: split

from contract_tests.strength.operators import headers  # isort: split

from contract_tests.strength.operators import secrets  # isort: split

from contract_tests.strength.operators import delivery

__all__ = ["delivery", "headers", "secrets", "statuses", "structure", "values", "writing"]
