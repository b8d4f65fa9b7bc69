"""Cases and answers as documents: what is asked is built, what is answered is read.

The two forms of the conversation, `json_lines` and `text`, differ only in how one is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from gradoracle.arrays import DTYPES, Array, is_number, is_whole, shown
from gradoracle.candidate.answer import CRASHES, Answer, Complaint, Crashed, Returned, Skipped
from gradoracle.case import Case
from gradoracle.errors import InputError
from gradoracle.network import Batch, Network, Parameters
from gradoracle.wire import numbers
from gradoracle.wire.faults import protocol
from gradoracle.wire.fields import fields, one_of, text, texts
from gradoracle.wire.tensors import read_tensor, write_input, write_returned

Document = Mapping[str, object]

NETWORK = ("sizes", "activations", "loss", "reduction", "l2")
CASE = ("id", "dtype", "n", "network", "inputs")
STOP: Document = {"cmd": "stop"}


def write_case(case: Case, form: numbers.Form, folder: Path | None = None) -> Document:
    """Return a case, without an answer; large arrays by file if there is a folder for them."""
    arrays: dict[str, Array] = {}
    for layer in case.W:
        arrays |= {f"W{layer}": case.W[layer], f"b{layer}": case.b[layer]}
    arrays |= {"X": case.X, "Y": case.Y}
    network = case.network
    return {
        "id": case.id,
        "dtype": str(case.dtype),
        "n": case.n,
        "network": {
            "sizes": list(network.sizes),
            "activations": list(network.activations),
            "loss": network.loss,
            "reduction": network.reduction,
            "l2": numbers.write_number(network.l2, form),
        },
        "inputs": {name: write_input(name, a, form, folder) for name, a in arrays.items()},
    }


def read_case(document: object, folder: Path | None) -> Case:
    """Read a case.

    Raises
    ------
    Fault
        For what is no case.
    """
    one = fields(document, CASE, (), "a case")
    dtype = DTYPES[one_of(one["dtype"], DTYPES, "dtype")]
    said = fields(one["network"], NETWORK, (), "network")
    given = one["inputs"]
    if not isinstance(given, Mapping):
        raise protocol(f"inputs: expected an object, got {shown(given)}")
    arrays = {name: read_tensor(value, name, dtype, folder) for name, value in given.items()}
    L = (len(arrays) - 2) // 2
    try:
        network = Network(
            said["sizes"],  # type: ignore[arg-type]
            texts(said["activations"], "activations"),
            text(said["loss"], "loss"),
            text(said["reduction"], "reduction"),
            numbers.read_scalar(said["l2"], "l2")[0],
        )
        parameters = Parameters(
            {i: arrays[f"W{i}"] for i in range(1, L + 1)},  # type: ignore[misc]
            {i: arrays[f"b{i}"] for i in range(1, L + 1)},  # type: ignore[misc]
        )
        batch = Batch(arrays["X"], arrays["Y"])  # type: ignore[arg-type]
        return Case(text(one["id"], "id"), network, parameters, batch)
    except InputError as error:
        raise protocol(str(error)) from None
    except KeyError as error:
        raise protocol(f"inputs has no {error.args[0]}") from None


def write_run(seq: int, case: Document) -> Document:
    """Return the request to run a case that is a document already."""
    return {"cmd": "run", "seq": seq, "case": case}


def write_answer(seq: int, answer: Answer, folder: Path | None) -> Document:
    """Return what a Python candidate answered."""
    if isinstance(answer, Skipped):
        return {"seq": seq, "skipped": answer.reason}
    if isinstance(answer, Crashed):
        return {"seq": seq, "crashed": write_crash(answer)}
    trace = {
        name if isinstance(name, str) else shown(name): write_returned(f"out-{i}", value, folder)
        for i, (name, value) in enumerate(answer.trace.items())
    }
    document: dict[str, object] = {"seq": seq, "trace": trace, "seconds": answer.seconds}
    if answer.complaints:
        document["complaints"] = [asdict(complaint) for complaint in answer.complaints]
    return document


def read_answer(document: object, seq: int, case: Case, folder: Path | None) -> Answer:
    """Read the answer to request ``seq``, which was this case.

    Raises
    ------
    Fault
        For an answer to another request, and what is no answer.
    """
    ways = ("trace", "skipped", "errored", "crashed")
    one = fields(document, ("seq",), (*ways, "seconds", "complaints"), "an answer")
    if one["seq"] != seq or not is_whole(one["seq"]):
        raise protocol(f"expected the answer to seq {seq}, got one to {shown(one['seq'])}")
    said = [way for way in ways if way in one]
    if len(said) != 1:
        raise protocol(f"expected one of {', '.join(ways)}, got {' and '.join(said) or 'none'}")
    if said == ["skipped"]:
        return Skipped(text(one["skipped"], "skipped") or "it does not say why")
    if said == ["errored"]:
        what = text(one["errored"], "errored", 64 * 1024)
        return Crashed("raised", (what.splitlines() or ["it does not say what"])[0], what)
    if said == ["crashed"]:
        return read_crash(one["crashed"])
    trace = one["trace"]
    if not isinstance(trace, Mapping):
        raise protocol(f"trace: expected an object, got {shown(trace)}")
    arrays = {n: read_tensor(value, n, case.dtype, folder) for n, value in trace.items()}
    complaints = tuple(_complaint(c) for c in _list(one.get("complaints", []), "complaints"))
    return Returned(arrays, complaints, _seconds(one.get("seconds", 0.0)))  # type: ignore[arg-type]


def write_crash(crashed: Crashed) -> Document:
    """Return how a Python candidate crashed."""
    return {"kind": crashed.kind, "reason": crashed.reason, "context": crashed.context}


def read_crash(document: object) -> Crashed:
    """Read how a Python candidate crashed."""
    one = fields(document, ("kind", "reason", "context"), (), "crashed")
    return Crashed(
        one_of(one["kind"], CRASHES, "kind"),
        text(one["reason"], "reason"),
        text(one["context"], "context", 64 * 1024),
    )


def write_smoke(seq: int, values: Mapping[str, float], form: numbers.Form) -> Document:
    """Return the request to send some numbers back."""
    return {
        "cmd": "smoke",
        "seq": seq,
        "values": {name: numbers.write_number(value, form) for name, value in values.items()},
    }


def read_smoke(document: object, seq: int) -> dict[str, float]:
    """Read the numbers that came back."""
    one = fields(document, ("seq", "values"), (), "the answer to smoke")
    if one["seq"] != seq or not is_whole(one["seq"]):
        raise protocol(f"expected the answer to seq {seq}, got one to {shown(one['seq'])}")
    values = one["values"]
    if not isinstance(values, Mapping):
        raise protocol(f"values: expected an object, got {shown(values)}")
    return {name: numbers.read_scalar(value, name)[0] for name, value in values.items()}


def _complaint(document: object) -> Complaint:
    one = fields(document, ("finding", "tensor", "detail"), (), "a complaint")
    return Complaint(**{name: text(value, name) for name, value in one.items()})


def _list(value: object, where: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise protocol(f"{where}: expected a list, got {shown(value)}")
    return value


def _seconds(value: object) -> float:
    if not is_number(value) or value < 0:  # type: ignore[operator]
        raise protocol(f"seconds: expected a number, got {shown(value)}")
    return float(value)  # type: ignore[arg-type]
