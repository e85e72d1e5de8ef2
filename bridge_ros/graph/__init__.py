"""Clients of the running graph: `GraphSession`, of which they are made, and what many of them need.

`operator` gives sentences and records; `task_watch` tells whether a task runs.
"""

from bridge_ros.graph.session import GraphSession

__all__ = ["GraphSession"]
