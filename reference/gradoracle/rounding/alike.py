"""Terms that round alike: nearly equal numbers, added one by one, drift instead of wandering.

Adding a term to a partial sum S rounds it to the grid of S, of spacing 2 u |S| at most. Terms that
differ by less than that leave the same rest each time, so w of them make w times the rounding of
one, where independent roundings make sqrt(w) times. Saturated activations and outputs near 1/2
make such products by the thousand.

Equal terms need not be neighbours: labels in random order, three of one kind to one of the other,
take a plain loop to 50 times what independent roundings predict, and to 22 times what runs of
neighbours would. So groups are counted in the whole row. That is coarse where partial sums stay far
below the sum of magnitudes: sigma may be up to 50 times too large for n = 11,272 in float32, and
the bound then decides.
"""

from __future__ import annotations

import math

import numpy as np

from gradoracle.arrays import Array

# The rests of k equal terms add up to at most u sum |S| = k u |S_end| / 2 in a plain running sum,
# and k independent roundings of them have a sigma of sqrt(k) u |S_end| / 3: up to so many terms
# the difference is within 8 sigma.
FEW = 28


def alike(x: Array, y: Array, u: float) -> Array | None:
    """Return for each entry of x @ y how many of its terms round alike; None if hardly any do.

    A product can be alike only where both factors are. (m, 1), (1, n) or (m, n).
    """
    if x.shape[1] <= FEW:
        return None
    rows, columns = (x, y.T) if x.size <= y.size else (y.T, x)  # the smaller one first
    first = multiplicity(rows, u)
    if first.max() < 2:
        return None
    second = multiplicity(columns, u)
    if second.max() < 2:
        return None
    found = np.minimum(first[:, np.newaxis], second)
    return found if rows is x else found.T


def multiplicity(rows: Array, u: float) -> Array:
    """Return for each row in how large a group an entry is, on average, that is not 0.

    A group is a cell of the coarsest grid of the partial sums, 2 u sum |x|. Entries in the cell of
    0 are lost where a sum is so large, and count by what is lost: |x| over the deviation of a
    rounding to the grid, its spacing over sqrt(12).
    """
    cell = 2 * u * np.abs(rows).sum(axis=1, keepdims=True)
    cell = np.where(cell > 0, cell, 1.0)
    place = np.sort(np.rint(rows / cell), axis=1)
    starts = np.ones(rows.shape, dtype=bool)
    starts[:, 1:] = place[:, 1:] != place[:, :-1]
    first = np.flatnonzero(starts)
    sizes = np.diff(first, append=rows.size).astype(np.float64)
    sizes[place.ravel()[first] == 0] = 0
    squares = np.add.reduceat(sizes * sizes, np.flatnonzero(first % rows.shape[1] == 0))
    small = np.abs(rows) <= cell / 2
    lost = math.sqrt(12) * (np.abs(rows) / cell * small).sum(axis=1)
    count = np.maximum((rows != 0).sum(axis=1), 1)
    return np.asarray((squares + lost * lost) / count)
