"""Strongly connected components are the nodes that reach each other, as a search from each one finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from no_libpython_dlopen.python.project.components import components

GRAPHS = st.dictionaries(st.integers(0, 9), st.sets(st.integers(0, 9)), max_size=10)


def reached(graph: dict[int, set[int]], start: int) -> set[int]:
    found, todo = {start}, [start]
    while todo:
        new = graph.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found


@given(GRAPHS, st.integers(0, 9))
def test_each_component_is_what_reaches_each_other_after_what_it_leads_to(
    graph: dict[int, set[int]], start: int
) -> None:
    seen: set[int] = set()
    for component in components(start, lambda node: graph.get(node, set())):
        alike = {one for one in reached(graph, component[0]) if component[0] in reached(graph, one)}
        assert sorted(component) == sorted(alike)
        assert reached(graph, component[0]) - alike <= seen
        assert seen.isdisjoint(component)
        seen |= alike
    assert seen == reached(graph, start)


def test_a_long_chain_and_a_long_circle_need_no_recursion() -> None:
    many = 50_000
    chain = components(0, lambda node: [node + 1] if node < many else [])
    assert sum(1 for _ in chain) == many + 1
    (circle,) = components(0, lambda node: [(node + 1) % many])
    assert len(circle) == many
