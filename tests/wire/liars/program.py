"""A program that speaks the protocol from its standard library alone, and lies about one case.

``python program.py FAULT [FILE]``
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BAD = "two-layer.relu-bce"

Message = dict[str, Any]


def put(text: str | bytes) -> None:
    """Write to standard output, past every buffer."""
    data = text.encode() if isinstance(text, str) else text
    while data:
        data = data[os.write(1, data) :]


def say(message: object) -> None:
    put(json.dumps(message) + "\n")


def zeros(shape: list[int]) -> Message:
    return {"shape": shape, "hex": [["0x0p+0"] * shape[1]] * shape[0]}


def answer(message: Message) -> Message:
    """Answer with a gradient of zero."""
    inputs = message["case"]["inputs"]
    trace = {f"d{name}": zeros(a["shape"]) for name, a in inputs.items() if name not in "XY"}
    return {"seq": message["seq"], "trace": {"J": "0x0p+0", **trace}}


def with_array(message: Message, array: object, name: str = "dW1") -> None:
    reply = answer(message)
    say(reply | {"trace": reply["trace"] | {name: array}})


def with_file(make: Callable[[Path], str]) -> Callable[[Message], None]:
    def lie(message: Message) -> None:
        with_array(message, {"shape": [4, 5], "file": make(FOLDER)})

    return lie


def own_file(folder: Path) -> str:
    (folder / "mine.bin").write_bytes(bytes(4 * 5 * 8))
    return "mine.bin"


def short_file(folder: Path) -> str:
    (folder / "mine.bin").write_bytes(bytes(8))
    return "mine.bin"


def outside(folder: Path) -> Path:
    (folder.parent / "outside.bin").write_bytes(bytes(4 * 5 * 8))
    return folder.parent / "outside.bin"


def sparse(message: Message) -> None:
    with (FOLDER / "sparse.bin").open("wb") as file:
        file.truncate(8 * 10**10)
    with_array(message, {"shape": [10**5, 10**5], "file": "sparse.bin"})


def symlink(folder: Path) -> str:
    (folder / "link.bin").symlink_to(__file__)
    return "link.bin"


def hard_link(folder: Path) -> str:
    (folder / "own.bin").write_bytes(bytes(4 * 5 * 8))
    (folder / "link.bin").hardlink_to(folder / "own.bin")
    return "link.bin"


def fifo(folder: Path) -> str:
    os.mkfifo(folder / "fifo.bin")
    return "fifo.bin"


def directory(folder: Path) -> str:
    (folder / "folder.bin").mkdir()
    return "folder.bin"


def line_of_1_gb(message: Message) -> None:
    chunk = b"[" * 2**16
    for _ in range(2**14):
        put(chunk)


def flood_of_lines(message: Message) -> None:
    while True:
        put(b"{}\n" * 2**14)


def many_lists(message: Message) -> None:
    put('{"seq": 1, "trace": [' + "[]," * 2_000_000 + "[]]}\n")


def half_a_line(message: Message) -> None:
    put(json.dumps(answer(message))[:50])
    os._exit(0)


def closes_its_output(message: Message) -> None:
    os.close(1)
    time.sleep(1000)


def grows(message: Message) -> None:
    held: list[bytearray] = []
    while len(held) < 2048:  # 20 GB
        held.append(bytearray(b"x") * (10 * 2**20))
        time.sleep(0.001)


def late(message: Message) -> None:
    time.sleep(3)
    say(answer(message))


def twice(message: Message) -> None:
    reply = json.dumps(answer(message)) + "\n"
    put(reply + reply)


def around(message: Message) -> None:
    put("computing ...\n")
    say(answer(message))


def after(message: Message) -> None:
    put(json.dumps(answer(message)) + "\nthat was it\n")


LIES: dict[str, Callable[[Message], object]] = {
    "none": lambda m: say(answer(m)),
    "errored": lambda m: say({"seq": m["seq"], "errored": "no inverse\nin line 3"}),
    "skipped": lambda m: say({"seq": m["seq"], "skipped": "no relu"}),
    "exits": lambda m: (os.write(2, b"panic: as said\n"), os._exit(4)),
    "around": around,
    "after": after,
    "half a line": half_a_line,
    "closes its output": closes_its_output,
    "another seq": lambda m: say(answer(m) | {"seq": m["seq"] + 1}),
    "seq true": lambda m: say(answer(m) | {"seq": True}),
    "twice": twice,
    "late": late,
    "grows": grows,
    "hangs": lambda m: time.sleep(1000),
    "line of 1 GB": line_of_1_gb,
    "flood of lines": flood_of_lines,
    "many lists": many_lists,
    "empty line": lambda m: put("\n"),
    "invalid UTF-8": lambda m: put(b'{"seq": \xff\xfe}\n'),
    "nested": lambda m: put('{"seq":' + "[" * 100_000 + "]" * 100_000 + "}\n"),
    "bare NaN": lambda m: put(json.dumps(answer(m)).replace('"J": "0x0p+0"', '"J": NaN') + "\n"),
    "bare 1e999": lambda m: put(json.dumps(answer(m)).replace('"0x0p+0"', "1e999", 1) + "\n"),
    "1e999": lambda m: with_array(m, "1e999", "J"),
    "0x1p+9999": lambda m: with_array(m, "0x1p+9999", "J"),
    "decimal as hex": lambda m: with_array(m, {"shape": [1, 1], "hex": [["1.5"]]}),
    "underscores": lambda m: with_array(m, {"shape": [1, 1], "decimal": [["1_0"]]}),
    "long number": lambda m: with_array(m, "1" * 10_000, "J"),
    "NaN": lambda m: with_array(m, "NaN", "J"),
    "Infinity": lambda m: with_array(m, "-Infinity", "J"),
    "nan of printf": lambda m: with_array(m, {"shape": [1, 2], "hex": [["-nan(ind)", "inf"]]}),
    "ragged": lambda m: with_array(m, {"shape": [2, 2], "hex": [["0x0p+0"], ["0x0p+0"] * 3]}),
    "not a list": lambda m: with_array(m, {"shape": [2, 2], "hex": "0x0p+0"}),
    "another shape": lambda m: with_array(m, zeros([5, 4])),
    "too few": lambda m: with_array(m, {"shape": [4, 5], "hex": [["0x0p+0"]]}),
    "huge shape": lambda m: with_array(m, {"shape": [10**11, 10**11], "file": "x.bin"}),
    "bad shape": lambda m: with_array(m, {"shape": "4x5", "hex": []}),
    "no numbers": lambda m: with_array(m, {"shape": [4, 5]}),
    "extra field": lambda m: say(answer(m) | {"note": "hello"}),
    "key twice": lambda m: put(f'{{"seq": {m["seq"]}, "seq": {m["seq"]}, "trace": {{}}}}\n'),
    "a list": lambda m: say([answer(m)]),
    "both": lambda m: say(answer(m) | {"skipped": "and not"}),
    "nothing": lambda m: say({"seq": m["seq"]}),
    "of Python": lambda m: with_array(m, {"type": "x;y"}),
    "own file": with_file(own_file),
    "short file": with_file(short_file),
    "no file": with_file(lambda folder: "none.bin"),
    "absolute": with_file(lambda folder: str(outside(folder))),
    "parent": with_file(lambda folder: f"../{outside(folder).name}"),
    "dots": with_file(lambda folder: ".."),
    "backslash": with_file(lambda folder: "..\\outside.bin"),
    "NUL": with_file(lambda folder: "a\0b"),
    "symlink": with_file(symlink),
    "hard link": with_file(hard_link),
    "fifo": with_file(fifo),
    "sparse": sparse,
    "directory": with_file(directory),
}

STARTS: dict[str, Callable[[], object]] = {
    "start: nothing": lambda: os._exit(0),
    "start: fails": lambda: (os.write(2, b"no such library\n"), os._exit(127)),
    "start: hangs": lambda: time.sleep(1000),
    "start: hello": lambda: put("Hello!\n"),
    "start: version 2": lambda: say({"version": 2, "name": "x"}),
    "start: version true": lambda: say({"version": True, "name": "x"}),
    "start: no name": lambda: say({"version": 1}),
    "start: dtype": lambda: say({"version": 1, "name": "x", "dtypes": ["float16"]}),
    "start: misspelt": lambda: say({"version": 1, "name": "x", "support": {}}),
    "start: kink": lambda: say({"version": 1, "name": "x", "conventions": {"kink": "none"}}),
    "start: layers": lambda: say({"version": 1, "name": "x", "supports": {"layers": ["2"]}}),
}

fault = sys.argv[1]
FOLDER = Path()
for line in sys.stdin:
    message = json.loads(line)
    if message["cmd"] == "stop":
        break
    if message["cmd"] == "start":
        FOLDER = Path(message["folder"])
        if fault == "not again":  # the file remembers the first start
            if Path(sys.argv[2]).exists():
                sys.exit("once was enough")
            Path(sys.argv[2]).touch()
        STARTS.get(fault, lambda: say({"version": 1, "name": "liar"}))()
    elif fault == "not again":
        os._exit(4)
    else:
        LIES[fault if message["case"]["id"] == BAD else "none"](message)
