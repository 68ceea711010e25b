"""The page at `/_mock/`, on which a person sees what the mock was asked and why it answered as it did."""

from mockserver.overview.page import overview

__all__ = ["overview"]
