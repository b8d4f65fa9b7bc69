"""Wrong traces that no known mistake makes: spoilt truths, and three mistakes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gradoracle import corpus
from gradoracle.arrays import Array
from gradoracle.case import Case
from gradoracle.diagnosis.explaining import differs
from gradoracle.diagnosis.hypotheses import Hypothesis, Space, space
from gradoracle.mistakes.steps import run
from gradoracle.reference import Known, Reference, reference

Trace = dict[str, Array]
Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Strange:
    """A wrong trace, and how it was made."""

    kind: str
    trace: Trace


CASES = (
    "two-layer.relu-bce", "two-layer.tanh-half_squared_error", "n-layer.relu-bce",
    "hidden.silu", "pair.softmax-cross_entropy", "reduction.mean.l2", "reduction.mean_all.ce",
    "depth.4", "shape.square", "shape.growing",
)  # fmt: skip


def thousand(*ids: str) -> Iterator[tuple[Case, Known, Reference, Strange]]:
    """Yield a hundred wrong traces of each case."""
    for case_id in ids or CASES:
        frozen = corpus.find(case_id)
        for dtype, spoilt, mixed in (("float64", 56, 12), ("float32", 32, 0)):
            case, seed = frozen.case.astype(dtype), CASES.index(case_id)
            allowed = reference(case, frozen.truth)
            for one in (*perturbed(case, spoilt, seed), *triples(case, mixed, seed)):
                yield case, frozen.truth, allowed, one


def sparse(a: Array, rng: Rng) -> Array:
    """A few entries off by something."""
    out = a.copy()
    at = rng.choice(a.size, size=int(rng.integers(1, 4)), replace=False)
    out.flat[at] += 10.0 ** rng.uniform(-5, 0) * np.abs(a).max() * rng.normal(size=at.size)
    return out


def dense(a: Array, rng: Rng) -> Array:
    """Every entry off by something."""
    return np.asarray(a + 10.0 ** rng.uniform(-5, 0) * np.abs(a).max() * rng.normal(size=a.shape))


def low_rank(a: Array, rng: Rng) -> Array:
    """An outer product added."""
    outer = rng.normal(size=(a.shape[0], 1)) * rng.normal(size=(1, a.shape[1]))
    return np.asarray(a + 10.0 ** rng.uniform(-5, 0) * np.abs(a).max() * outer)


def scaled(a: Array, rng: Rng) -> Array:
    """Times a number that stands for nothing."""
    return np.asarray(a * rng.uniform(0.2, 3))


def row_scaled(a: Array, rng: Rng) -> Array:
    """One row times a number."""
    out = a.copy()
    out[int(rng.integers(len(a)))] *= rng.uniform(0.2, 0.8)
    return out


def half_zeroed(a: Array, rng: Rng) -> Array:
    """Some entries 0, not all."""
    mask = rng.uniform(size=a.shape) < 0.5
    mask.flat[0], mask.flat[-1] = True, False
    return np.asarray(a * mask)


def signs(a: Array, rng: Rng) -> Array:
    """Some signs flipped, not all."""
    mask = rng.uniform(size=a.shape) < 0.5
    mask.flat[0], mask.flat[-1] = True, False
    return np.where(mask, a, -a)


def squared(a: Array, rng: Rng) -> Array:
    """A power of each entry."""
    return np.asarray(np.sign(a) * np.abs(a) ** rng.uniform(1.2, 2.2))


PERTURBATIONS: tuple[Callable[[Array, Rng], Array], ...] = (
    sparse, dense, low_rank, scaled, row_scaled, half_zeroed, signs, squared,
)  # fmt: skip


def perturbed(case: Case, count: int, seed: int) -> Iterator[Strange]:
    """Yield right traces with one array spoilt, or several."""
    rng = np.random.default_rng([seed, 5])
    right = run(case)
    for index in range(count):
        spoil = PERTURBATIONS[index % len(PERTURBATIONS)]
        trace = {n: a for n, a in right.items() if index % 2 or n[:2] in ("J", "dW", "db")}
        wide = [n for n, a in trace.items() if a.size >= 6 and min(a.shape) >= 2 and a.any()]
        for name in rng.choice(wide, size=min(len(wide), 1 + index % 3), replace=False):
            spoilt = spoil(np.asarray(trace[name], dtype=np.float64), rng)
            trace[str(name)] = spoilt.astype(case.dtype)
        yield Strange(spoil.__name__, trace)


def triples(case: Case, count: int, seed: int) -> Iterator[Strange]:
    """Yield traces of three mistakes in different steps, each of which matters."""
    rng = np.random.default_rng([seed, 3])
    hypotheses = space(case)
    right, made, u = run(case), 0, 2.0**-53
    names = [n for n in right if n[:2] in ("J", "dW", "db")]
    for _ in range(50 * count):
        if made == count:
            return
        parts = [hypotheses.singles[i] for i in rng.choice(len(hypotheses.singles), 3, False)]
        steps = [set(part.replacements(case)) for part in parts]
        if len(set.union(*steps)) < sum(map(len, steps)):
            continue
        whole = _together(hypotheses, parts)
        fewer = [_together(hypotheses, parts[:i] + parts[i + 1 :]) for i in range(3)]
        if whole is None or any(t is None or not differs(whole, t, names, u) for t in fewer):
            continue
        made += 1
        trace = {n: a for n, a in whole.items() if made % 2 or n in names}
        yield Strange(" and ".join(map(str, parts)), trace)


def _together(hypotheses: Space, parts: list[Hypothesis]) -> Trace | None:
    whole = Hypothesis(tuple(part for one in parts for part in one.parts))
    found = hypotheses.predict(whole)
    return found[0].arrays if found else None
