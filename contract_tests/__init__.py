"""The contract suite: plays the consumer of the contract, against the mock or a host. It never imports the mock.

PYTEST_DONT_REWRITE: pytest would warn that the command has imported this before it.
"""
