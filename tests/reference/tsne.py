"""What scikit-learn makes of points in twelve dimensions by t-SNE: `python tests/reference/tsne.py > tests/reference/tsne.json`.

scikit-learn 1.9.1, NumPy 2.4.6. The points: five groups of 24, two of them near each other, one long and thin. `start` are two of
their principal components. `divergence` is of the places `start`, in double precision from scikit-learn's neighbourhoods; `fitted` is
of scikit-learn's maps from `start` and from nine drawn starts (each with a standard deviation of 1e-4, as its own `init="pca"` has),
told in the same way, and `trust` their trustworthiness (Venna and Kaski 2001) of ten neighbours.
"""

import json

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities_nn
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

rng = np.random.default_rng(5)
centres = rng.normal(size=(5, 12)) * 4
centres[1] = centres[0] + rng.normal(size=12) * 1.2
groups = [centre + rng.normal(size=(24, 12)) for centre in centres]
groups[4] = centres[4] + np.linspace(-6, 6, 24)[:, None] * rng.normal(size=12) / 2 + rng.normal(size=(24, 12)) * 0.3
points = np.round(np.concatenate(groups), 3).astype(np.float32)
start = np.round(PCA(n_components=2, svd_solver="full").fit_transform(points), 3).astype(np.float32)


def neighbourhoods(perplexity):
    count = int(3 * perplexity)
    graph = NearestNeighbors(n_neighbors=count).fit(points).kneighbors_graph(mode="distance")
    graph.data **= 2
    return _joint_probabilities_nn(graph, perplexity, 0).toarray().astype(np.float64)


def divergence(p, places):
    q = 1 / (1 + pairwise_distances(places.astype(np.float64), squared=True))
    np.fill_diagonal(q, 0)
    q /= q.sum()
    there = p > 0
    return float((p[there] * np.log(p[there] / q[there])).sum())


told = []
for perplexity in (5, 15, 30):
    p = neighbourhoods(perplexity)
    drawn = [rng.normal(size=start.shape).astype(np.float32) for _ in range(9)]
    inits = [init / init[:, 0].std() * 1e-4 for init in [start, *drawn]]
    maps = [TSNE(perplexity=perplexity, init=init, max_iter=1000).fit_transform(points) for init in inits]
    told.append(
        {
            "perplexity": perplexity,
            "divergence": round(divergence(p, start), 6),
            "fitted": [round(divergence(p, map), 6) for map in maps],
            "trust": [round(float(trustworthiness(points, map, n_neighbors=10)), 6) for map in maps],
        }
    )
rows = [[round(float(x), 3) for x in row] for row in points]
places = [[round(float(x), 3) for x in row] for row in start]
print('{\n "points": [')
print(",\n".join("  " + json.dumps(row) for row in rows))
print(' ],\n "start": [')
print(",\n".join("  " + json.dumps(row) for row in places))
print(' ],\n "told": [')
print(",\n".join("  " + json.dumps(row) for row in told))
print(" ]\n}")
