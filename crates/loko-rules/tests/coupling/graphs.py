#!/usr/bin/env python3
"""Random directed graphs with what networkx says of them, one JSON object a line.

    python3 graphs.py SEED COUNT > graphs.jsonl

`graphs.jsonl` beside this file was written by `python3 graphs.py 7 12` with networkx 3.6.1. The fewest edges to cut are found by
trying every order of the nodes, so graphs for which they are told have at most seven. Without networkx it exits with 3.
"""
import itertools
import json
import random
import sys

try:
    import networkx as nx
    from networkx.algorithms.link_analysis.pagerank_alg import _pagerank_python  # needs no numpy
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)


def fewest_cut(graph):
    best = graph.number_of_edges()
    for order in itertools.permutations(graph.nodes):
        place = {node: at for at, node in enumerate(order)}
        best = min(best, sum(place[a] > place[b] for a, b in graph.edges))
    return best


def describe(count, share, rng):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(count))
    pairs = itertools.permutations(range(count), 2)
    graph.add_edges_from(pair for pair in pairs if rng.random() < share)
    reached = [sorted(nx.descendants(graph, node) | {node}) for node in range(count)]
    return {
        "nodes": count,
        "edges": sorted(graph.edges),
        "components": sorted(sorted(group) for group in nx.strongly_connected_components(graph)),
        "reached": [len(nodes) for nodes in reached],
        "propagation_cost": sum(map(len, reached)) / count**2,
        "betweenness": [value for _, value in sorted(nx.betweenness_centrality(graph).items())],
        "pagerank": [value for _, value in sorted(_pagerank_python(graph, alpha=0.85, tol=1e-14, max_iter=5000).items())],
        "fewest_cut": fewest_cut(graph) if count <= 7 else None,
    }


def main():
    rng = random.Random(int(sys.argv[1]))
    for at in range(int(sys.argv[2])):
        count = rng.randint(3, 7) if at % 2 else rng.randint(8, 40)
        share = rng.choice([0.3, 0.45]) if at % 2 else rng.choice([1.0, 1.6, 3.0]) / count
        print(json.dumps(describe(count, share, rng)))


main()
