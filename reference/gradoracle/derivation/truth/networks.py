"""The networks on which a derivation is checked: small, random, exact, and of telling shapes.

Two have distinct sizes, so that a transpose does not fit; in one all sizes that may be equal are,
the number of examples too, so that what hides behind a square does not. Sizes that are 1 in the
pattern are 1; in one more network they are 2, which fails nothing but finds what is right for the
ones alone.

Every number is a multiple of 2^-24 in (-1, 1), exact in a float: the inputs are exact balls.
Without a network the second draw is eight times as wide, so that a hinge has both its sides.

What a pass means: labels, lam and the rates are drawn from 2^24 - 1 numbers, the others from twice
as many. A wrong identity between polynomials of degree d, at these sizes and not hidden below the
digits that are compared, therefore agrees on one network with a chance of at most d / (2^24 - 1)
(Schwartz 1980, Zippel 1979), times the readings that are tried, at most seven. For other smooth
functions no such theorem holds: they would have to agree to 40 digits at random points by accident.
What compares is another formula on each side of its comparison: where all networks took one side,
nothing is said of it. Layers with a kink are drawn anew until both its sides occur.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from gradoracle.activations import activate
from gradoracle.arrays import Array
from gradoracle.derivation.limits import ENTRIES, NAMES, DerivationError
from gradoracle.derivation.reading.header import Header
from gradoracle.derivation.reading.syntax import Name, Node, constant, show
from gradoracle.derivation.truth.evaluate import Scope, UndefinedError
from gradoracle.derivation.truth.matrices import Matrix, exactly, scalar

STEP = 2.0**-24
ANY_LABELS = ("squared_error", "half_squared_error", "linear")  # for the others 0 <= y <= 1
LEARNING = ("lr", "rate", "learning_rate", "step_size", "epsilon")  # for alpha, not explained
KINKED = ("relu", "leaky_relu", "elu")
SIZES = (3, 5, 4, 2, 6, 8, 9, 10, 11, 12, 13, 14, 15)  # with 7 examples
WIDE = (4, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)  # with 5 examples
ONES = "ones are two"  # the kind of a network that the header does not have
OPEN = (3, 5, 4, 6, 7, 9, 10, 11, 12, 13, 14, 15)  # where ones are two, with 8 examples
EXAMPLES = (5, 7, 4, *range(8, 3 * NAMES))  # without a network
EQUAL = 3
WIDER = 8.0
TWO = "1 is 2"  # of a pattern: no size can be written so
TRIES = 200
OF_EXAMPLES = re.compile(r"X|Y|b\d+")
TRACE = re.compile(r"X|Y|[Wb]\d+")


@dataclass(frozen=True)
class Setting:
    """One network of a family.

    Attributes
    ----------
    sizes : tuple of int
        n_0 ... n_L; a single one where there is no network.
    n : int
        Number of examples.
    kind : str
        ``distinct``, ``square``, or ``ones are two``.
    seed : int
    scale : float
        The inputs without a network are so many times as wide.
    """

    sizes: tuple[int, ...]
    n: int
    kind: str
    seed: int
    scale: float = 1.0

    @property
    def L(self) -> int:
        """Number of layers."""
        return len(self.sizes) - 1

    def __str__(self) -> str:
        sizes = f"{'-'.join(map(str, self.sizes))}, " if self.L else ""
        return f"{sizes}n = {self.n}"


@dataclass(frozen=True, eq=False)
class Given:
    """The numbers of one network, in the layout of the text.

    Attributes
    ----------
    setting : Setting
    floats : mapping of str to numpy.ndarray
        X, Y, W1 ..., b1 ... (if there are any) as floats, an example a column and W^[l] out by in;
        lam, alpha, eta and further inputs.
    values : mapping of str to Matrix
        The same as exact balls in the layout of the text, with n and the sizes n0 ... nL.
    numbers : mapping of str to int
        L, and what else an index may name.
    walked : dict
        What was found of J on these numbers, as every reading asks for it again: see
        `gradoracle.derivation.truth.definition`.
    """

    setting: Setting
    floats: Mapping[str, Array]
    values: Mapping[str, Matrix]
    numbers: Mapping[str, int]
    walked: dict[tuple[str, int], object] = field(default_factory=dict)


def settings(header: Header) -> list[Setting]:
    """Return the networks for a header: three or more that count, and one for the ones."""
    found = _settings(header)
    return [replace(one, n=1) for one in found] if header.single else found


def _settings(header: Header) -> list[Setting]:
    if not header.network:
        written = {constant(size) for _, *shape in header.inputs for size in shape}
        free_n = [n for n in EXAMPLES if n not in written][:3]
        scales = (1.0, WIDER, 1.0)
        return [
            Setting((1,), n, "distinct", seed, scale)
            for seed, (n, scale) in enumerate(zip(free_n, scales, strict=True))
        ]
    if not header.layers:
        patterns = [tuple(f"s{i}" for i in range(L + 1)) for L in (3, 2, 4)]
    else:
        free = tuple(f"s{i}" for i in range(header.layers + 1))
        patterns = [header.sizes or free] * 3
    softmax = "softmax" in header.activations
    found = [
        Setting(_sizes(patterns[0], SIZES), 7, "distinct", 1),
        Setting(_sizes(patterns[1], WIDE), 5, "distinct", 2),
        Setting(_sizes(patterns[2], (EQUAL,)), EQUAL, "square", 3),
    ]
    if "1" in patterns[0] and not softmax:
        opened = tuple(TWO if size == "1" else size for size in patterns[0])
        found.append(Setting(_sizes(opened, OPEN), 8, ONES, 4))
    return found


def _sizes(pattern: tuple[str, ...], of: tuple[int, ...]) -> tuple[int, ...]:
    """Give each symbol of a pattern a size of its own; 1 stays 1."""
    symbols = [s for s in dict.fromkeys(pattern) if s not in ("1", TWO)]
    chosen = {symbol: of[i % len(of)] for i, symbol in enumerate(symbols)}
    return tuple(({"1": 1, TWO: 2} | chosen)[size] for size in pattern)


def given(header: Header, setting: Setting, own: Collection[str] = ()) -> Given:
    """Draw the numbers of a network; relu and its like see both sides of their kink.

    Parameters
    ----------
    header : Header
    setting : Setting
    own : collection of str
        Names that the text sets: it means by them what it says, not what they often mean.
    """
    for attempt in range(TRIES):
        rng = np.random.default_rng((setting.seed, attempt))
        floats = _drawn(rng, header, setting)
        if not header.network or _both_sides(header, setting, floats):
            break
    else:
        raise DerivationError(
            "layers that reach both sides of their kink",
            "none in all draws",
            "widen the layers",
            header.at.get("network", 0),
        )
    values = {name: exactly(array) for name, array in floats.items()}
    for name in floats if header.network else ():
        turned = header.rows if OF_EXAMPLES.fullmatch(name) else not header.out_by_in
        if turned and TRACE.fullmatch(name):
            values[name] = values[name].T
    if header.loss == "linear":
        values["C"] = values["Y"]
    own = {*own, *floats, *(name.base for name, _ in header.means)}
    values |= {name: scalar(setting.n) for name in ("m", "N") if name not in own}
    others = np.random.default_rng((setting.seed, 1)).integers(1, 2**24, size=len(LEARNING))
    rates = zip(LEARNING, others.tolist(), strict=True)
    values |= {name: scalar(Fraction(rate, 2**24)) for name, rate in rates if name not in own}
    values["n"] = scalar(setting.n)
    if not header.network:
        return Given(setting, floats, values, {})
    values |= {f"n{layer}": scalar(size) for layer, size in enumerate(setting.sizes)}
    return Given(setting, floats, values, {"L": setting.L})


def _drawn(rng: np.random.Generator, header: Header, setting: Setting) -> dict[str, Array]:
    def signed(rows: int, columns: int) -> Array:
        numbers = rng.integers(1, 2**24, size=(rows, columns)) * STEP
        return np.asarray(numbers * rng.choice((-1.0, 1.0), size=(rows, columns)))

    def positive(rows: int, columns: int) -> Array:
        return np.asarray(rng.integers(1, 2**24, size=(rows, columns)) * STEP)

    sizes, n = setting.sizes, setting.n
    floats = {name: positive(1, 1) for name in ("lam", "alpha", "eta")}
    if header.network:
        for layer in range(1, setting.L + 1):
            floats[f"W{layer}"] = signed(sizes[layer], sizes[layer - 1])
            if header.biases:
                floats[f"b{layer}"] = signed(sizes[layer], 1)
        floats["X"] = signed(sizes[0], n)
        labels = (signed if header.loss in ANY_LABELS else positive)(sizes[-1], n)
        floats["Y"] = _summing_to_one(rng, *labels.shape) if _labels_sum(header) else labels
    shapes = _shapes(header, setting)
    for name, shape in shapes.items():
        drawn = positive(*shape) if name[0] in "yY" else signed(*shape) * setting.scale
        floats[name] = np.asarray(drawn)
    return floats


def _labels_sum(header: Header) -> bool:
    return header.loss == "cross_entropy" or (
        not header.loss and header.activations[-1] == "softmax"
    )


def _summing_to_one(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Return positive columns that sum to exactly 1."""
    cuts = np.sort(rng.integers(1, 2**24, size=(columns, rows - 1)), axis=1)
    edges = np.hstack([np.zeros((columns, 1)), cuts, np.full((columns, 1), 2**24)])
    return np.asarray(np.diff(edges, axis=1).T * STEP)


def _shapes(header: Header, setting: Setting) -> dict[str, tuple[int, int]]:
    """Return the shapes of further inputs: each has entries, and all together not too many."""
    found: dict[str, tuple[int, int]] = {}
    for name, rows, columns in header.inputs:
        found[name] = _size(rows, setting), _size(columns, setting)
        entries = sum(height * width for height, width in found.values())
        if min(found[name]) < 1 or entries > ENTRIES:
            raise DerivationError(
                f"1 to {ENTRIES:,} entries, of sizes made of numbers, n, L and n0 to nL",
                f"{name} ({show(rows)[:20]}, {show(columns)[:20]})",
                "small sizes prove as much: inputs: x (3, n), w (1, 3)",
                header.at.get("inputs", 0),
            )
    return found


def _size(node: Node, setting: Setting) -> int:
    """Return a size of the header; 0 if it names what is none."""
    scope = Scope({}, {"n": setting.n, "m": setting.n, "N": setting.n, "L": setting.L})
    try:
        if not (isinstance(node, Name) and node.index is not None):
            return scope.index(node)
        layer = scope.index(node.index)
    except UndefinedError:
        return 0
    known = setting.L and node.base == "n" and layer in range(setting.L + 1)
    return setting.sizes[layer] if known else 0


def _both_sides(header: Header, setting: Setting, floats: Mapping[str, Array]) -> bool:
    """Whether every layer with a kink has pre-activations on both sides of it, none near it."""
    A = floats["X"]
    for layer in range(1, setting.L + 1):
        Z = floats[f"W{layer}"] @ A + floats.get(f"b{layer}", 0.0)
        name = header.activation(layer, setting.L)
        if name in KINKED and not ((Z > 0).any() and (Z < 0).any() and (np.abs(Z) > STEP).all()):
            return False
        A = activate(name, Z)
    return True
