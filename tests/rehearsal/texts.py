"""Toy passages and topics: few words, so that a tiny vocabulary holds them all."""

import numpy as np

WORDS = [
    "sparse",
    "dense",
    "matrix",
    "vector",
    "array",
    "tree",
    "graph",
    "mean",
    "sum",
    "sort",
    "row",
    "column",
    "query",
    "passage",
    "index",
    "weight",
    "token",
    "score",
    "rank",
    "list",
    "head",
    "layer",
    "train",
    "step",
    "loss",
    "rate",
    "batch",
    "seed",
    "model",
    "code",
    "hash",
    "bit",
    "byte",
    "page",
    "river",
    "stone",
    "cloud",
    "rain",
    "wind",
    "sun",
    "moon",
    "star",
    "field",
    "grass",
    "horse",
    "bird",
    "fish",
    "bread",
    "salt",
    "water",
    "fire",
    "iron",
    "gold",
    "wheel",
    "road",
]


def passages(count, seed=0):
    """(id, text) of so many passages of eight to fourteen words; ids are numbers, as MS MARCO's are."""
    generator = np.random.default_rng(seed)
    return [
        (str(i), " ".join(generator.choice(WORDS, generator.integers(8, 15))).capitalize() + ".")
        for i in range(count)
    ]


def topics(ids, found_in, seed=1):
    """{topic id: (text, judged passages)}: three words of a passage, graded 3, with one of 1 and one of 0."""
    generator = np.random.default_rng(seed)
    made = {}
    for name in ids:
        first, second, third = generator.choice(len(found_in), 3, replace=False)
        words = found_in[first][1].rstrip(".").lower().split()
        text = " ".join(generator.choice(words, 3, replace=False))
        made[str(name)] = (text, {found_in[first][0]: 3, found_in[second][0]: 1, found_in[third][0]: 0})
    return made
