"""The contract: the vendor's OpenAPI documents, what is known beyond them, and their one reader."""

DISTRIBUTION = "anyfast-mockserver"
"""Names the distribution that this package belongs to; another package called `openapi` does not have it."""
