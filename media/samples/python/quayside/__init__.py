"""Quayside: a small engine that runs a harbour from orders, outcomes and bells."""

from quayside.harbour import open_harbour

__all__ = ["open_harbour"]
