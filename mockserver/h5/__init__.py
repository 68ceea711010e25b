"""The page behind an H5Link, on which a person with a phone plays the verification."""

from mockserver.h5.page import h5

__all__ = ["h5"]
