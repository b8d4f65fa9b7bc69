"""A program as a candidate: asked case after case, ended and started again where it must be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Self

from gradoracle.candidate.answer import About, Answer, Crashed, Skipped
from gradoracle.case import Case
from gradoracle.errors import InputError
from gradoracle.wire import messages
from gradoracle.wire.conversation import Conversation, Wire
from gradoracle.wire.faults import CouldNotStart, Fault, protocol
from gradoracle.wire.limits import Limits

__all__ = ["CouldNotStart", "Limits", "ProgramSession"]


class ProgramSession:
    """A program that speaks the protocol of `docs/wire.md`, as a `candidate.answer.Session`.

    A program that crashes or hangs on a case is ended with all its children and started again for
    the next one. If it does not start again, the remaining cases crash at once.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments.
    wire : {"json", "text"}
        Which form of the protocol it speaks.
    limits : Limits
    lint : bool
        Whether every message, either way, is held against its schema.
    env : mapping of str to str, optional
        Added to the environment of this process.
    repeats : bool
        Whether it runs each case twice itself and complains of a difference.

    Raises
    ------
    InputError
        If there is no such program.
    CouldNotStart
        If it was started, and did not answer as it should.
    MissingExtra
        If ``lint`` is asked for and jsonschema is not installed.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        wire: Wire = "json",
        limits: Limits = Limits(),  # noqa: B008 -- frozen
        lint: bool = False,
        env: Mapping[str, str] | None = None,
        repeats: bool = False,
    ) -> None:
        self.repeats = repeats
        self._talk = Conversation(command, wire, limits, lint=lint, env=env, hints=not repeats)
        self._seq = 0
        self._asked: tuple[Case, messages.Document] | None = None
        self._hopeless: Crashed | None = None
        try:
            self._greeting = self._talk.start()
        except Fault as fault:
            crashed = self._ended(fault)
            self.close()
            raise CouldNotStart(str(self._talk), crashed) from None
        except BaseException:
            self.close()
            raise

    @property
    def about(self) -> About:
        """What it says of itself."""
        return self._greeting.about

    def run(self, case: Case) -> Answer:
        """Run it on one case; whatever it does, an answer comes back."""
        return self.run_beside(case, lambda: None)

    def run_beside(self, case: Case, work: Callable[[], object]) -> Answer:
        """Run it on one case, and do some work of ours while it computes."""
        refusal = self._greeting.supports.refusal(case)
        if refusal:
            return Skipped(refusal)
        if not self._talk.running and self._hopeless is None:
            self._hopeless = self._start_again()
        if self._hopeless is not None:
            return self._hopeless
        try:
            return self._ask(case, work)
        except Fault as fault:
            return self._ended(fault)
        except MemoryError:
            return self._ended(protocol("an answer that is too large to be read"))
        except BaseException:  # Ctrl-C in the middle of an exchange
            self._talk.kill()
            raise

    def close(self) -> None:
        """End it, and every process it has started."""
        self._talk.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start_again(self) -> Crashed | None:
        """Start it again, or say how that failed."""
        try:
            self._talk.start()
        except (Fault, InputError) as error:
            fault = error if isinstance(error, Fault) else Fault("exited", str(error))
            fault.reason = f"did not start again after a crash: {fault.reason}"
            return self._ended(fault)
        except BaseException:
            self._talk.kill()
            raise
        return None

    def _ask(self, case: Case, work: Callable[[], object]) -> Answer:
        self._seq += 1
        self._talk.folder.clear()
        request = messages.write_run(self._seq, self._document(case))
        answer = self._talk.ask(request, self._talk.limits.seconds, work)
        return messages.read_answer(answer, self._seq, case, self._talk.folder.path)

    def _document(self, case: Case) -> messages.Document:
        """Return a case as it is sent; the engine asks each one twice."""
        folder = self._talk.folder.path if self._greeting.files else None
        if self._asked is None or self._asked[0] is not case or folder is not None:
            form = self._talk.numbers(self._greeting)
            self._asked = (case, messages.write_case(case, form, folder))
        return self._asked[1]

    def _ended(self, fault: Fault) -> Crashed:
        """End the program, and say how it crashed."""
        stderr = self._talk.kill()
        return Crashed(fault.kind, fault.reason, fault.context or stderr)
