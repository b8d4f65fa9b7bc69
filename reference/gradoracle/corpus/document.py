"""A frozen case as a JSON document, and back; `schema/case.json` describes it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradoracle.arrays import DTYPES, Array, is_whole
from gradoracle.case import Case, trace_shapes
from gradoracle.corpus import cotangent
from gradoracle.corpus.fields import FORMAT, Json, different_texts, exactly, in_format, text, texts
from gradoracle.corpus.frozen import Frozen, FrozenTruth, half_unit
from gradoracle.corpus.numbers import decode, encode, from_hex, to_hex
from gradoracle.corpus.place import CorpusError, Place
from gradoracle.errors import InputError
from gradoracle.losses import LOSSES
from gradoracle.network import Batch, Network, Parameters

TEXTS = ("id", "level", "catches")
FLAGS = ("convention", "correlated", "duplicated", "saturated", "scale", "zero")
KEYS = ("format", *TEXTS, "needs", "flags", "dtypes", "network", "inputs", "truth")
NETWORK = ("sizes", "activations", "loss", "reduction", "l2")


def to_document(frozen: Frozen, *, answers: bool = True) -> dict[str, Json]:
    """Return the document of a case, without its truth if ``answers`` is false."""
    case, network = frozen.case, frozen.case.network
    document: dict[str, Json] = {
        "format": FORMAT,
        "id": case.id,
        "level": case.level,
        "catches": case.catches,
        "needs": list(case.needs),
        "flags": sorted(case.flags),
        "dtypes": list(frozen.dtypes),
        "network": {
            "sizes": list(network.sizes),
            "activations": list(network.activations),
            "loss": network.loss,
            "reduction": network.reduction,
            "l2": encode(np.float64(network.l2)),  # type: ignore[arg-type]
        },
        "inputs": {name: encode(array) for name, array in _inputs(case).items()},
    }
    if answers:
        truth = frozen.truth
        document["truth"] = {
            name: encode(values) | _undecided(values, truth.radii[name])
            for name, values in truth.values.items()
        }
    return document


def from_document(document: Json, place: Place) -> Frozen:
    """Read a case and its truth.

    Raises
    ------
    InputError
        Naming file, id and field.
    """
    document = in_format(document, place)
    case_id = document.get("id")
    place = place.of(case_id[:80] if isinstance(case_id, str) else "")
    if "truth" not in document:
        mend = "'gradoracle corpus emit --with-answers' writes it"
        raise place.at("truth").error("this field", "none", mend)
    fields = exactly(document, KEYS, place)
    for name in TEXTS:
        if not text(fields[name], place.at(name)):
            raise place.at(name).error("a text", "an empty one")
    dtypes = different_texts(fields["dtypes"], place.at("dtypes"))
    if not dtypes or not set(dtypes) <= set(DTYPES):
        raise place.at("dtypes").error(f"some of {', '.join(DTYPES)}", ", ".join(dtypes) or "none")
    for i, flag in enumerate(different_texts(fields["flags"], place.at("flags"))):
        if flag not in FLAGS:
            here = place.at("flags").entry(i)
            raise here.error(f"one of {', '.join(FLAGS)}", repr(flag)[:40])
    try:
        case = _case(fields, place)
    except CorpusError:
        raise
    except InputError as error:
        raise place.error(error.expected, error.got) from None
    truth = _truth(fields["truth"], case, place.at("truth"))
    return Frozen(case, truth, dtypes)


def _inputs(case: Case) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for layer in case.W:
        arrays[f"W{layer}"], arrays[f"b{layer}"] = case.W[layer], case.b[layer]
    return arrays | {"X": case.X, "Y": case.Y}


def _undecided(values: Array, radii: Array) -> dict[str, Json]:
    """Return the radii of entries that are not known to be correctly rounded, null elsewhere."""
    wide = radii > half_unit(values)
    if not wide.any():
        return {}
    rows = [
        [to_hex(r) if w else None for r, w in zip(row, flags, strict=True)]
        for row, flags in zip(
            np.atleast_2d(radii).tolist(), np.atleast_2d(wide).tolist(), strict=True
        )
    ]
    return {"radius": rows[0][0] if values.ndim == 0 else rows}


def _case(fields: Mapping[str, Json], place: Place) -> Case:
    network, n = _network(fields["network"], place.at("network")), _n(fields, place)
    sizes = network.sizes
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(1, network.L + 1):
        shapes[f"W{layer}"] = (sizes[layer], sizes[layer - 1])
        shapes[f"b{layer}"] = (sizes[layer], 1)
    shapes |= {"X": (sizes[0], n), "Y": (sizes[-1], n)}
    inputs = exactly(fields["inputs"], tuple(shapes), place.at("inputs"))
    arrays: dict[str, Array] = {}
    for name, shape in shapes.items():
        here = place.at("inputs").at(name)
        arrays[name] = decode(inputs[name], shape, here)
        _check_float32(arrays[name], here)
    layers = range(1, network.L + 1)
    return Case(
        str(fields["id"]),
        network,
        Parameters({i: arrays[f"W{i}"] for i in layers}, {i: arrays[f"b{i}"] for i in layers}),
        Batch(arrays["X"], arrays["Y"]),
        str(fields["catches"]),
        str(fields["level"]),
        different_texts(fields["needs"], place.at("needs")),
        frozenset(texts(fields["flags"], place.at("flags"))),
    )


def _network(document: Json, place: Place) -> Network:
    fields = exactly(document, NETWORK, place)
    sizes, activations = fields["sizes"], texts(fields["activations"], place.at("activations"))
    if not isinstance(sizes, list):
        raise place.at("sizes").error("a list of layer sizes", repr(sizes)[:40])
    l2 = decode(fields["l2"], (), place.at("l2"))
    _check_float32(l2, place.at("l2"))
    if np.signbit(l2):
        raise place.at("l2").error("0 or more, without a sign", repr(float(l2)))
    loss, reduction = (text(fields[name], place.at(name)) for name in ("loss", "reduction"))
    try:
        return Network(tuple(sizes), activations, loss, reduction, float(l2))
    except InputError as error:
        raise place.error(error.expected, error.got) from None


def _n(fields: Mapping[str, Json], place: Place) -> int:
    """Return the number of columns that X says it has."""
    inputs = fields["inputs"]
    X = inputs.get("X") if isinstance(inputs, Mapping) else None
    shape = X.get("shape") if isinstance(X, Mapping) else None
    if not isinstance(shape, list) or len(shape) != 2 or not is_whole(shape[1]) or shape[1] < 1:
        raise place.at("inputs").at("X").at("shape").error("[n_0, n]", repr(shape)[:40])
    return int(shape[1])


def _check_float32(values: Array, place: Place) -> None:
    with np.errstate(over="ignore"):
        exact = values.astype(np.float32) == values
    if not exact.all():
        index = tuple(int(i) for i in np.argwhere(~exact)[0])
        raise place.entry(*index).error(
            "a number that is exact in float32", repr(float(values[index]))
        )


def _truth(document: Json, case: Case, place: Place) -> FrozenTruth:
    shapes = trace_shapes(case.network, case.n)
    last = f"dA{case.L}"
    free = LOSSES[case.network.loss].output is not None
    if free and isinstance(document, Mapping) and last not in document:
        del shapes[last]
    fields = exactly(document, tuple(shapes), place)
    values = {
        name: decode(fields[name], shape, place.at(name), optional=("radius",))
        for name, shape in shapes.items()
    }
    radii = {name: _radii(fields[name], values[name], place.at(name)) for name in shapes}
    if free:
        _check_presence(last, last in values, case, values[f"Z{case.L}"], place.at(last))
    return FrozenTruth(values, radii)


def _check_presence(name: str, present: bool, case: Case, Z: Array, place: Place) -> None:
    """Hold dA^[L] of a cross-entropy to the contract: missing where it is no float, only there."""
    if present and cotangent.must_be_missing(case, Z):
        raise place.error(f"no {name}: it exceeds the largest float64", "numbers")
    if not present and cotangent.must_be_present(case, Z):
        raise place.error(
            "this field", "none, and it is left out only where it exceeds the largest float64"
        )


def _rows(rows: Json) -> list[Json]:
    return rows if isinstance(rows, list) else [rows]


def _radii(field: Json, values: Array, place: Place) -> Array:
    radii = half_unit(values)
    if isinstance(field, Mapping) and "radius" in field:
        rows = field["radius"] if values.ndim else [[field["radius"]]]
        matrix = radii.reshape(np.atleast_2d(values).shape)
        shape = [len(row) if isinstance(row, list) else -1 for row in _rows(rows)]
        if shape != [len(row) for row in matrix]:
            raise place.at("radius").error(f"radii of shape {list(values.shape)}", "another shape")
        for i, row in enumerate(rows):
            for j, number in enumerate(row):
                if number is not None:
                    at = place.at("radius").entry(i, j)
                    radius = from_hex(number, at)
                    if not radius > matrix[i, j]:  # else the entry would be correctly rounded
                        raise at.error(
                            f"more than half a unit, {matrix[i, j]:.3g}", f"{radius:.3g}"
                        )
                    matrix[i, j] = radius
        radii = matrix.reshape(values.shape)
    radii.flags.writeable = False
    return radii
