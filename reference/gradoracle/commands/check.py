"""``gradoracle check``: the oracle for anybody's gradients."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradoracle.arrays import DTYPES
from gradoracle.case import LEVELS
from gradoracle.commands.options import errors, output
from gradoracle.commands.progress import progress
from gradoracle.errors import GradoracleError, InputError
from gradoracle.status import Status

if TYPE_CHECKING:
    from gradoracle.checking.report import Report
    from gradoracle.checking.request import Request


MODEL = ("loss", "batch", "seed", "device", "compiled", "autocast")  # for model objects alone
Decorator = Callable[[Callable[..., Status]], Callable[..., Status]]


class WithProgram(click.Command):
    """A command whose arguments after ``--`` are a program with its own arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the program away before click sees it: it would forget where ``--`` stood."""
        own, program = args, list[str]()
        if "--" in args:
            at = args.index("--")
            own, program = args[:at], args[at + 1 :]
        ctx.params["program"] = tuple(program)
        return super().parse_args(ctx, own)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return what the help shows behind the name of the command."""
        return ["[OPTIONS]", "TARGET… | -- PROGRAM ARG…"]


def file_option(name: str, what: str) -> Decorator:
    """Return an option for a report that is written to a file."""
    return click.option(f"--{name}", metavar="FILE", help=what)


def above_zero(name: str, unit: str, what: str) -> Decorator:
    """Return an option for a limit."""
    return click.option(
        f"--{name}", type=click.FloatRange(0, 1e9, min_open=True), metavar=unit, help=what
    )


def judging_options(command: Callable[..., Status]) -> Callable[..., Status]:
    """Add what all commands share that judge traces: verdicts, reports, what is printed."""
    for option in reversed(
        (
            click.option(
                "--kink",
                type=click.Choice(["contract", "any"]),
                default="contract",
                help="The derivative at an exact kink: the contract's, or any between the "
                "one-sided ones.",
            ),
            file_option("json", "Write the report as JSON (- for standard output)."),
            file_option("junit", "Write JUnit XML."),
            file_option("html", "Write a page that works offline."),
            file_option("markdown", "Write a summary in Markdown."),
            file_option("badge", "Write a shields endpoint badge; not for a partial run."),
            click.option("--no-mend", is_flag=True, help="Withhold mends and right numbers."),
            click.option("--strict", is_flag=True, help="'cannot tell' counts as wrong."),
            click.option("--quiet", is_flag=True, help="Print nothing but errors."),
        )
    ):
        command = option(command)
    return command


@click.command(cls=WithProgram)
@click.argument("targets", nargs=-1, metavar="TARGET…")
@click.option(
    "--case", "patterns", multiple=True, metavar="PATTERN", help="Only cases like 'two-layer.*'."
)
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice(LEVELS),
    help="Of the corpus (repeatable). Default: required.",
)
@click.option(
    "--dtype", "dtypes", multiple=True, type=click.Choice(list(DTYPES)), help="Only this dtype."
)
@click.option("--loss", metavar="NAME", help="The loss of a model object that comes without one.")
@click.option("--batch", metavar="N", type=click.IntRange(1), help="Examples for a model object.")
@click.option("--seed", metavar="K", type=click.IntRange(0), help="Of that batch. Default: 0.")
@click.option("--device", metavar="NAME", help="Where a torch model runs, e.g. cuda.")
@click.option("--compile", "compiled", is_flag=True, help="Check torch.compile(model).")
@click.option("--autocast", is_flag=True, help="Check a torch model under bfloat16 autocast.")
@click.option(
    "--wire",
    type=click.Choice(["json", "text"]),
    default="json",
    help="How a program is spoken to: JSON lines, or lines of tokens.",
)
@click.option("--lint", is_flag=True, help="Hold every line of a program against the schemas.")
@above_zero("timeout", "S", "A case may take. Default: 30 s.")
@above_zero("total-timeout", "S", "The whole run may take.")
@above_zero("memory", "GB", "It may use. Default: 8 GB.")
@click.option(
    "--diagnose-budget",
    "budget",
    type=click.FloatRange(0, 1e9),
    metavar="S",
    default=10.0,
    help="Naming the mistakes may take, in all. Default: 10 s.",
)
@click.option(
    "--known-failures",
    "known",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What is known to fail; an entry that does not come true fails the run.",
)
@click.option(
    "--update-known-failures",
    "update",
    metavar="REASON",
    help="Rewrite that file; new entries get this reason.",
)
@click.option("--csv", "table", metavar="FILE", help="Write a line for each of many targets.")
@judging_options
def check(targets: tuple[str, ...], program: tuple[str, ...], **options: Any) -> Status:
    """Check a candidate's gradients against the proven truth.

    TARGET is file.py:name or module:name: a function case -> {"J": J, "dW1": dW1, "db1": db1, …},
    a torch module, a Keras model or one of scikit-learn's MLPs. After -- stands a program that
    speaks JSON lines (docs/wire.md).

    The candidate is executed, in a child process with limits. One example per column; W[l] is
    (n_l, n_{l-1}); every dV is the plain derivative of J, the mean's 1/n included.
    """
    from gradoracle.checking.request import Limited, Request  # imported late: --help is quick

    wanted = outputs_of(options)
    _check_request(targets, program, wanted, options)
    model = {name: options[name] for name in MODEL}
    request = Request(
        program=program,
        levels=options["levels"],
        patterns=options["patterns"],
        dtypes=tuple(name for name in DTYPES if name in options["dtypes"]),
        any_side=options["kink"] == "any",
        strict=options["strict"],
        model={name: value for name, value in model.items() if value is not None},
        wire=options["wire"],
        lint=options["lint"],
        limits=Limited(options["timeout"], options["total_timeout"], options["memory"]),
        budget=options["budget"],
        known=options["known"],
        update=options["update"],
    )
    rows: list[Report | tuple[str, GradoracleError]] = []
    for target in targets or (shlex.join(program),):
        try:
            report = _run(request, target, quiet=options["quiet"])
        except GradoracleError as error:
            if len(targets) < 2:
                raise
            errors().print(f"gradoracle: {target}: {error}", style="red", markup=False)
            rows.append((target, error))  # one bad hand-in must not cost the others theirs
            continue
        rows.append(report)
        show(report, wanted, mend=not options["no_mend"], quiet=options["quiet"])
        if report.status is Status.INTERRUPTED:
            break
    if options["table"]:
        from gradoracle.report.outputs import put
        from gradoracle.report.table import to_csv

        put(to_csv(rows), options["table"])
    return worst([Status.BAD_REQUEST if isinstance(row, tuple) else row.status for row in rows])


def _check_request(
    targets: Sequence[str],
    program: Sequence[str],
    outputs: dict[str, str],
    options: dict[str, Any],
) -> None:
    """Refuse what contradicts itself before anything is run."""
    from gradoracle.report.outputs import check_targets

    if bool(targets) == bool(program):
        raise InputError(
            "a TARGET, or a program behind --",
            "both" if program else "neither",
            "gradoracle check my_net.py:my_net, or gradoracle check -- ./my_net",
        )
    if len(targets) > 1 and outputs:
        raise InputError(
            "one target with --" + ", --".join(outputs), f"{len(targets)}", "--csv serves many"
        )
    for name in ("wire", "lint"):
        if targets and options[name] not in ("json", False):
            raise InputError(f"a program behind -- with --{name}", "a TARGET", "leave it out")
    model = [name for name in MODEL if options[name]]
    if program and model:
        raise InputError("a model object with --" + model[0], "a program", "leave it out")
    if options["update"] is not None and options["known"] is None:
        raise InputError(
            "--known-failures FILE with --update-known-failures", "none", "name the file"
        )
    check_targets(**outputs, csv=options["table"])


def _run(request: Request, target: str, *, quiet: bool) -> Report:
    from gradoracle.checking.request import perform

    with progress(quiet=quiet) as shown:

        def advance(done: int, total: int) -> None:
            shown.done, shown.total = done, total

        return perform(request, target, shown.say, advance)


def outputs_of(options: dict[str, Any]) -> dict[str, str]:
    """Take the reports that are to be written out of the options, with their files."""
    names = ("json", "junit", "html", "markdown", "badge")
    return {name: target for name in names if (target := options.pop(name))}


def show(report: Report, outputs: dict[str, str], *, mend: bool, quiet: bool) -> None:
    """Print a report, unless standard output is taken, and write the files."""
    from gradoracle.report.check import render
    from gradoracle.report.outputs import write

    if not quiet and "-" not in outputs.values():
        output().print(render(report, mend=mend))
    for note in write(report, mend=mend, **outputs):
        errors().print(f"note: {note}", style="yellow", markup=False)


def worst(statuses: Sequence[Status]) -> Status:
    """Return the first exit status that applies to several runs."""
    order = (Status.INTERRUPTED, Status.BAD_REQUEST, Status.WRONG, Status.CRASHED, Status.NOTHING)
    return next((status for status in order if status in statuses), Status.OK)
