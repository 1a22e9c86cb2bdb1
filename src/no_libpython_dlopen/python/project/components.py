"""Finds the strongly connected components of a graph, by Tarjan's algorithm without recursion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

Node = TypeVar("Node")


def components(start: Node, successors: Callable[[Node], Collection[Node]]) -> Iterator[list[Node]]:
    """Yield the components that are reached from a node, each after those that it leads to.

    A component is the nodes that are reached from each other. ``successors`` is asked once for
    each node. There is no recursion, since a module may have thousands of names in a chain.
    """
    order: dict[Node, int] = {}  # the number under which a node was entered
    lowest: dict[Node, int] = {}  # the lowest such number that is known to be reached from it
    waiting: list[Node] = []  # nodes whose component is not complete, in that order
    path: list[tuple[Node, Iterator[Node]]] = []

    def enter(node: Node) -> None:
        order[node] = lowest[node] = len(order)
        waiting.append(node)
        path.append((node, iter(successors(node))))

    enter(start)
    while path:
        node, following = path[-1]
        for other in following:
            if other not in order:
                enter(other)
                break
            if other in lowest:  # its component is not complete, so both are in the same
                lowest[node] = min(lowest[node], order[other])
        else:
            path.pop()
            if path:
                lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
            if lowest[node] == order[node]:
                yield list(_take_to(node, waiting, lowest))


def _take_to(node: Node, waiting: list[Node], lowest: dict[Node, int]) -> Iterator[Node]:
    """Yield the last of the waiting nodes down to this one, which wait no more."""
    while True:
        last = waiting.pop()
        del lowest[last]
        yield last
        if last == node:
            return
