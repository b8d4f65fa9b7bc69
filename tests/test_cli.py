"""The command line: what it prints, and what it tells the shell."""

from __future__ import annotations

import io
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from gradoracle import cli, corpus, implementations
from gradoracle.case import Case, Trace
from gradoracle.commands.progress import Progress
from gradoracle.implementations import Implementation
from gradoracle.network import Batch, Network, Parameters
from gradoracle.report.show import print_cases
from gradoracle.status import Status
from gradoracle.verify import status_of, verify
from gradoracle_numpy import implementation as by_hand


def run(*arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, after some Python."""
    program = (
        f"import sys; {code}\nfrom gradoracle.cli import main\nsys.exit(main({list(arguments)}))"
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GRADORACLE_")}
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**clean, **environment},
        check=False,
    )


unix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows sends no signal to one process, and has no bash"
)

TWO = ("--case", "two-layer.sigmoid-bce", "--case", "two-layer.relu-bce")


def hidden(*names: str) -> str:
    """Return Python that makes modules look as if they were not installed."""
    return f"""
import importlib.abc
class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())"""


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """The error is one line on standard error, and nothing is on standard output."""
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("gradoracle: ")
    return lines[0]


@pytest.fixture
def one_implementation(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Put one implementation in the place of those installed."""

    def put(run) -> None:  # type: ignore[no-untyped-def]
        monkeypatch.setattr(implementations, "load", lambda name, say: Implementation(name, run))

    return put


def wrong_by_hand(case: Case) -> Trace:
    """tanh's derivative behind a relu, as the second text prints it."""
    t = dict(by_hand(case))
    t["dZ1"] = (t["dA1"] * (1 - t["A1"] ** 2)).astype(case.dtype)
    t["dW1"], t["db1"] = t["dZ1"] @ case.X.T, t["dZ1"].sum(axis=1, keepdims=True)
    return Trace(t, case.network)


def test_verify_numpy_passes_on_everything() -> None:
    result = run("verify", "--impl", "numpy")
    assert result.returncode == 0, result.stderr
    last = result.stdout.strip().splitlines()[-1]
    assert "none fails" in last
    passed, of = last.split("in all")[1].split("cases agree with the truth")[0].split(" of ")
    assert int(of) == len(corpus.load(None)) + 2 >= 152
    vague = {line.split()[2] for line in result.stdout.splitlines() if "cannot tell " in line}
    assert int(passed) == int(of) - len(vague)
    assert vague == {
        "logits.left-zeros",
        "logits.right-ones",
        "saturated.cross_entropy-hard.40",
        "weights.zero",
        "weights.zero-first",
    }
    required = run("verify", "--impl", "numpy", "--level", "required")
    assert required.returncode == 0
    assert "cannot" not in required.stdout
    assert "uci-digits.64-16-1.sigmoid-bce" in result.stdout


def test_verify_with_scipy_and_pairs() -> None:
    result = run("verify", "--impl", "numpy", "--impl", "scipy", *TWO)
    assert result.returncode == 0, result.stderr
    assert "2 of 2 cases pass" in result.stdout
    assert "check_grad" in result.stdout
    result = run("verify", "--impl", "numpy", "--impl", "torch", "--pairs", *TWO)
    assert result.returncode == 0, result.stderr
    assert "numpy~torch" in result.stdout
    assert "2 of 2 cases agree between every pair" in result.stdout


def test_a_wrong_implementation_is_named(
    one_implementation,
    capsys: pytest.CaptureFixture[str],  # type: ignore[no-untyped-def]
) -> None:
    one_implementation(wrong_by_hand)
    status = cli.main(["verify", "--impl", "mine", "--case", "two-layer.relu-bce"])
    out = capsys.readouterr().out
    assert status == Status.WRONG
    assert "first wrong  dZ1 (4, 11)   dA1 and everything before it are right" in out
    assert "also wrong   dW1, db1" in out
    assert "proven wrong" in out
    assert "wrong formula" in out
    assert "0 of 1 cases agree" in out
    assert "--impl mine --case two-layer.relu-bce --dtype float64" in out


def test_a_trace_with_a_tensor_missing_is_wrong(
    one_implementation,
    capsys: pytest.CaptureFixture[str],  # type: ignore[no-untyped-def]
) -> None:
    def silent(case: Case) -> Trace:
        return Trace({k: v for k, v in by_hand(case).items() if k != "dW1"}, case.network)

    one_implementation(silent)
    status = cli.main(["verify", "--impl", "mine", "--case", "two-layer.relu-bce"])
    assert status == Status.WRONG
    assert "not returned" in capsys.readouterr().out


def test_a_crash_is_told_and_the_rest_goes_on(
    one_implementation,
    capsys: pytest.CaptureFixture[str],  # type: ignore[no-untyped-def]
) -> None:
    def fragile(case: Case) -> Trace:
        if case.id == "two-layer.relu-bce":
            raise RuntimeError("out of luck [bold]")
        return by_hand(case)

    one_implementation(fragile)
    status = cli.main(["verify", "--impl", "mine", *TWO])
    out = capsys.readouterr().out
    assert status == Status.CRASHED
    assert "raised RuntimeError: out of luck [bold]" in out
    assert "1 of 2 cases agree" in out


@pytest.mark.parametrize("answer", [None, [1], {}, 3.0, {"dw1": np.zeros((4, 5))}])
def test_an_answer_that_is_no_trace_is_told(
    one_implementation,  # type: ignore[no-untyped-def]
    answer: object,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one_implementation(lambda case: answer)
    status = cli.main(["verify", "--impl", "mine", "--case", "two-layer.relu-bce"])
    out = capsys.readouterr().out
    assert status == (Status.WRONG if answer == {} else Status.CRASHED)
    assert "0 of 1 cases agree" in out
    assert "1 fail" in out


def test_an_implementation_that_exits_is_a_crash(
    one_implementation,  # type: ignore[no-untyped-def]
    capsys: pytest.CaptureFixture[str],
) -> None:
    one_implementation(lambda case: sys.exit(0))
    assert cli.main(["verify", "--impl", "mine", *TWO]) == Status.CRASHED
    assert "raised SystemExit" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["Z1", "A2", "J", "dZ2", "dW2", "db1", "dX"])
def test_every_tensor_that_is_missing_is_wrong(name: str) -> None:
    """dA^[L] of a cross-entropy alone may be left out."""
    frozen = corpus.find("two-layer.relu-bce")

    def without(case: Case) -> Trace:
        return Trace({k: v for k, v in by_hand(case).items() if k != name}, case.network)

    cells = list(verify([frozen], [Implementation("mine", without)], differences=False))
    assert len(cells) == 2
    assert not any(cell.passed for cell in cells)
    assert status_of(cells, len(cells), strict=False) == Status.WRONG


def test_fewer_cells_than_there_must_be_is_no_success() -> None:
    frozen = corpus.find("two-layer.relu-bce")
    cells = list(verify([frozen], [Implementation("mine", by_hand)], differences=False))
    assert status_of(cells, 2, strict=True) == Status.OK
    assert status_of(cells[:1], 2, strict=False) == Status.NOTHING
    assert status_of([], 0, strict=False) == Status.NOTHING


def test_weights_that_float32_rounds_have_a_truth_of_their_own() -> None:
    rng = np.random.default_rng(3)
    case = Case(
        "third.1",
        Network((3, 2, 1), ("tanh", "sigmoid"), "binary_cross_entropy"),
        Parameters(
            [rng.normal(size=(2, 3)) / 3, rng.normal(size=(1, 2)) / 3],
            [rng.normal(size=(2, 1)) / 3, rng.normal(size=(1, 1)) / 3],
        ),
        Batch(rng.normal(size=(3, 5)) / 3, rng.uniform(size=(1, 5))),
    )
    for order in (("float64", "float32"), ("float32", "float64")):
        cells = list(verify([case], [Implementation("mine", by_hand)], order, differences=False))
        assert [cell.passed for cell in cells] == [True, True]


def test_cannot_tell_is_wrong_only_when_strict(
    one_implementation,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]
) -> None:
    from gradoracle.rounding.bound import Bound
    from gradoracle.rounding.sigma import Sigma

    one_implementation(by_hand)
    for model in (Sigma, Bound):  # nothing can be told where rounding may do anything
        whole = model._matmul

        def vague(self, x, y, plus, value, whole=whole):  # type: ignore[no-untyped-def]
            quantity = whole(self, x, y, plus, value)
            return type(quantity)(quantity.value, np.full_like(quantity.error, 1e9))

        monkeypatch.setattr(model, "_matmul", vague)
    some = ["verify", "--impl", "mine", "--case", "two-layer.sigmoid-bce", "--quiet"]
    assert cli.main(some) == Status.NOTHING  # nothing passed
    assert cli.main([*some, "--strict"]) == Status.WRONG


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["verify", "--impl", "tourch"], 2, "expected an implementation out of numpy, torch"),
        (["verify", "--case", "two-lair.*"], 5, "none of the"),
        (["verify", "--dtype", "float16"], 2, "'float64', 'float32'"),
        (["verify", "--data", "/no/such/folder"], 2, "/no/such/folder"),
        (["verify", "--impl", "scipy", "--pairs"], 2, "whole trace"),
        (["verify", "--nonsense"], 2, "--nonsense"),
        (["train", "--layers", "64-x-1"], 2, "64-x-1"),
        (["train", "--layers", "32-8-1", "--impl", "numpy"], 2, "64-8-1"),
        (["train", "--iterations", "0", "--impl", "numpy"], 2, "iterations"),
        (["train", "--impl", "jax"], 2, "jax"),
        (["verify", "--data", ""], 2, "an empty path came"),
        (["mnist", ""], 2, "an empty path came"),
        (["verify", "--impl", "numpy", "--pairs"], 5, "a single implementation with --pairs"),
        (["verify", "--impl", "scipy", "--dtype", "float32"], 5, "float64 alone"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_bad_requests_are_one_line(
    arguments: list[str], status: int, says: str, tmp_path: Path
) -> None:
    if arguments[0] == "train":
        arguments = [*arguments, "--out", str(tmp_path / "out")]
    result = run(*arguments)
    assert result.returncode == status
    assert says in one_line(result)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "extra"), [("torch", "torch"), ("tensorflow", "tensorflow")])
def test_a_missing_framework_names_the_install_command(name: str, extra: str) -> None:
    result = run("verify", "--impl", name, code=hidden(name))
    assert result.returncode == 2
    assert f'python -m pip install "gradoracle[{extra}]"' in one_line(result)


def test_without_frameworks_the_rest_runs_and_says_what_is_missing() -> None:
    result = run("verify", *TWO, code=hidden("torch", "tensorflow"))
    assert result.returncode == 0
    assert "numpy" in result.stdout
    assert "torch" not in result.stdout
    assert '"gradoracle[torch]"' in result.stderr
    assert '"gradoracle[tensorflow]"' in result.stderr


def test_an_interrupt_of_python_is_130() -> None:
    code = """
def interrupted(level):
    raise KeyboardInterrupt
import gradoracle.corpus
gradoracle.corpus.load = interrupted"""
    result = run("verify", "--impl", "numpy", code=code)
    assert result.returncode == 130
    assert "interrupted" in one_line(result)


@unix
@pytest.mark.parametrize("when", ["early", "importing", "late"])
def test_ctrl_c_is_one_line(when: str) -> None:
    """As an import begins, inside an extension module that turns it into ImportError, at work."""
    send = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    code = {
        "early": f"""
import importlib.abc
class Send(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "numpy":
            {send}
sys.meta_path.insert(0, Send())""",
        "importing": f"""
import importlib.abc
class Send(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "torch":
            try:
                {send}
            except KeyboardInterrupt:
                raise ImportError("initialization failed")
sys.meta_path.insert(0, Send())""",
        "late": f"""
import gradoracle.verify
def sent(*rest):
    {send}
gradoracle.verify.judge = sent""",
    }[when]
    result = run("verify", "--impl", "torch" if when == "importing" else "numpy", *TWO, code=code)
    assert result.returncode == 130
    assert one_line(result) == "gradoracle: interrupted"


@unix
@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2])
def test_ctrl_c_at_any_moment(seconds: float) -> None:
    """From the moment that the command line has been reached: all imports are still to come."""
    program = "import sys; from gradoracle.cli import main; print(flush=True); sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", program, "verify"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130
    assert out == ""
    # before that, whatever TensorFlow's import had to say: its silence ends with the import
    assert err.endswith("gradoracle: interrupted\n")
    assert "Traceback" not in err


@unix
def test_ctrl_c_that_is_ignored_stays_ignored() -> None:
    """As in the background of a script, and behind nohup."""
    code = "import os, signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
    result = run("cases", code=f"{code}; os.kill(os.getpid(), signal.SIGINT)")
    assert result.returncode == 0


COMMANDS = [
    ["verify", "--impl", "numpy", "--case", "two-layer.*"],
    ["cases"],
    ["cases", "--json", "-"],
    ["show", "two-layer.relu-bce"],
    ["corpus", "verify", "--case", "two-layer.relu-bce"],
    ["--help"],
    ["--version"],
]


def piped(arguments: list[str], rest: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell; its exit status is that of the command line."""
    program = f"set -o pipefail; {shlex.join([sys.executable, '-m', 'gradoracle', *arguments])}"
    return subprocess.run(
        ["bash", "-c", f"{program} {rest}"], capture_output=True, text=True, check=False
    )


@unix
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_reader_that_leaves_is_no_error(arguments: list[str]) -> None:
    result = piped(arguments, "| true")
    assert (result.returncode, result.stderr) == (0, "")


@unix
def test_a_reader_that_leaves_changes_no_verdict() -> None:
    """cannot tell is wrong when strict, whoever reads on."""
    vague = ["verify", "--impl", "numpy", "--case", "weights.zero", "--strict"]
    result = piped(vague, "| true")
    assert (result.returncode, result.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_output_that_cannot_be_written_is_one_line(arguments: list[str]) -> None:
    result = piped(arguments, "> /dev/full")
    assert result.returncode == 2
    assert one_line(result) == "gradoracle: cannot write the answer: No space left on device"


@unix
def test_streams_that_are_closed() -> None:
    assert piped(["cases"], ">&-").returncode == 0
    for redirection in ("2>&-", "2>/dev/full"):
        result = piped(["nonsense"], redirection)
        assert (result.returncode, result.stdout) == (2, "")


SLOW = """
import gradoracle.commands.progress as progress, gradoracle.implementations as implementations
progress.SECONDS = 0.5
load = implementations.load
def slowly(name, say):
    implementation = load(name, say)
    import time; time.sleep(1.2)
    return implementation
implementations.load = slowly"""


@pytest.mark.parametrize("command", ["verify", "train"])
def test_off_a_terminal_a_line_now_and_then(command: str, tmp_path: Path) -> None:
    arguments = {
        "verify": ["verify", "--impl", "numpy", *TWO],
        "train": ["train", "--impl", "numpy", "--iterations", "2", "--out", str(tmp_path / "out")],
    }[command]
    start = time.monotonic()
    result = run(*arguments, code=SLOW)
    assert result.returncode == 0, result.stderr
    lines = result.stderr.splitlines()
    assert 2 <= len(lines) <= (time.monotonic() - start) / 0.5
    assert lines[0].endswith(" s, importing numpy")
    quiet = run(*arguments, "--quiet", code=SLOW)
    assert (quiet.returncode, quiet.stderr) == (0, "")


def test_progress_counts_in_words() -> None:
    shown = Progress()
    shown.total, shown.done = 1234, 56
    shown.say("two-layer.relu-bce float32: numpy")
    assert str(shown) == "0 s, 56 of 1,234, two-layer.relu-bce float32: numpy"


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_cases_are_readable_on_any_terminal(width: int) -> None:
    """Ids stay whole, and whatever goes on in another line is indented."""
    console = Console(width=width, file=io.StringIO())
    everything = corpus.load(None)
    print_cases(everything, len(everything), "1.0.0", console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    ids = {frozen.case.id for frozen in everything}
    assert max(map(len, lines)) <= max(width, max(map(len, ids)))
    left = [line for line in lines[:-2] if line[:1].strip()]
    assert {line.split()[0] for line in left} - {"case"} == ids
    assert len([line for line in left if line.split()[0] in ids]) == len(ids)


def test_without_a_command_help_is_shown() -> None:
    result = run()
    assert result.returncode == 2
    assert "verify" in result.stdout + result.stderr


def test_help_answers_without_heavy_imports() -> None:
    loaded = "print('torch' in sys.modules or 'flint' in sys.modules)"
    result = run("verify", "--help", code=f"import atexit; atexit.register(lambda: {loaded})")
    assert result.returncode == 0
    assert result.stdout.strip().endswith("False")


def test_train_has_the_defaults_of_the_request() -> None:
    from gradoracle.commands.group import cli
    from gradoracle.training import TrainingRequest

    request = TrainingRequest()
    shown = {option.name: option.default for option in cli.commands["train"].params}
    for name in ("learning_rate", "iterations", "activation", "l2", "dtype", "seed"):
        assert shown[name] == getattr(request, name)


def test_train_writes_curves_parameters_and_numbers(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("train", "--impl", "numpy", "--iterations", "30", "--out", str(out))
    assert result.returncode == 0, result.stderr
    assert "64-16-1" in result.stdout
    names = {path.name for path in out.iterdir()}
    assert names == {"costs.png", "costs.svg", "result.json", "parameters-64-16-1-numpy.npz"}
