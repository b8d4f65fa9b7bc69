"""The derivations that come with this package: as they were published, and beside it mended.

Facts about formulas in the spelling of this notation, nothing of the prose. A product that a text
writes by juxtaposition is read as the one that is right, if any is, and else as the matrix product;
what else is granted stands in a comment of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from gradoracle.derivation.api import Derivation, Text, judged, shipped
from gradoracle.derivation.judging.taken import judged_on
from gradoracle.derivation.reading.source import read
from gradoracle.derivation.truth.networks import Setting, given
from gradoracle.derivation.verdicts import Verdict

PRINTED, CORRECTED = "-printed", "-corrected"
RIGHT_OTHERWISE = "right for the true"


@dataclass(frozen=True)
class Published:
    """One derivation.

    Attributes
    ----------
    name : str
        Of its files, but for ``-printed`` and ``-corrected``.
    note : str
        What is to be known before it is read.
    link : str
        Where it was read; empty where no address is known.
    lost : bool
        Whether the copy at hand has lost lines of it: what reads them is then no error of the text.
    """

    name: str
    note: str
    link: str = ""
    lost: bool = False

    @property
    def printed(self) -> str:
        """The name of the file as printed."""
        return self.name + PRINTED

    @property
    def corrected(self) -> str:
        """The name of the mended file; empty if nothing was to be mended."""
        return self.name + CORRECTED if self.name + CORRECTED in shipped() else ""


TEXT_1 = (
    Published(
        "text1-linear-regression",
        "The cost and its derivatives were pictures and are lost in the copy at hand: that is no "
        "error of the text. The cost is granted, so that there is a definition; what reads the "
        "derivatives is right for the true ones.",
        lost=True,
    ),
    Published(
        "text1-logistic-regression",
        "Two lines of it are left, and the updates of the linear regression; the cost and its "
        "derivatives are lost as above.",
        lost=True,
    ),
    Published(
        "text1-chain-rule",
        "Only the left sides are wrong. The factors are granted in the order and with the "
        "transposes that matrices ask for; the text prints them from left to right.",
    ),
    Published(
        "text1-two-layers",
        "The text says that 1/n is left out, to be divided by in code: every derivative is n times "
        "that of J. `[1]` is read as a column of n ones, which is right, and is lost again in the "
        "next equation.",
    ),
    Published(
        "text1-n-layers",
        "The loops run over L = 2, 3 and 4 layers; tanh stands for the hidden activation g, which "
        "the text leaves open.",
    ),
    Published(
        "text1-dimensions",
        "The best part of the text: order and transposes are right, and so is every shape that it "
        "names. Its notes say that db is summed with axis=1 and that dW and db are divided by n.",
    ),
)

TEXT_2 = (
    Published(
        "text2-network",
        "dLdZ2 and dLdZ1 are n times the derivative of L, the per-example convention: no error.",
    ),
    Published(
        "text2-slide",
        "Read with the sigmoid outputs of the same text. diff_hid is taken as -1/2 of the "
        "derivative of E_total by the hidden pre-activation, which is what the slide needs: "
        "E_total has no 1/2, and E_out is d - out.",
    ),
)

OTHERS = (
    Published(
        "other-gradient-without-mean",
        "Row-wise, softmax. The loss is divided by n, its gradient is not, weight decay included:"
        " it trains as with a learning rate n times as large, and a gradient check fails. Under "
        "`convention: undivided` all lines pass.",
        "https://github.com/dennybritz/nn-from-scratch/issues/13",
    ),
    Published(
        "other-updated-weights",
        "Every formula is right, the order is not: the hidden delta is computed from output "
        "weights that were updated two lines above.",
        "https://github.com/joelgrus/data-science-from-scratch/issues/31",
    ),
    Published(
        "other-softmax-diagonal",
        "Row-wise, softmax. The loss is the binary cross-entropy of every output, and the "
        "derivative of softmax its diagonal. The two together give p - y, the right gradient of "
        "another loss: the cross-entropy. A training curve looks well; the loss that is reported "
        "is not the one that is minimised.",
        "https://github.com/eriklindernoren/ML-From-Scratch/issues/71",
    ),
    Published(
        "other-three-errors",
        "One example after the other. The output delta lacks 2 / n_2 and the sigmoid's derivative, "
        "and the hidden delta is computed from updated weights: both are found, though the second "
        "stands behind the first.",
        "https://github.com/Bot-Academy/NeuralNetworkFromScratch/pull/3",
    ),
    Published(
        "other-tanh",
        "Right as printed. It has the factor 1 - A1² of text 2, where it belongs: after tanh.",
        "http://media5.datahacker.rs/2018/10/010_backward_pass.html",
    ),
    Published(
        "other-four-equations",
        "Right as printed, for one example: equations for every layer, in small letters. BP3 and "
        "BP4 are printed by entries and stand here for whole matrices.",
        "http://neuralnetworksanddeeplearning.com/chap2.html",
    ),
)

ALL = (*TEXT_1, *TEXT_2, *OTHERS)


def text(name: str) -> str:
    """Return what stands in a file that comes with the package."""
    return shipped()[name].read_text(encoding="utf-8")


@cache
def checked(name: str) -> Derivation:
    """Check a file that comes with the package."""
    return judged(Text(name, text(name)))


def lost(entry: Published) -> frozenset[int]:
    """Return the lines as printed that only lack what the copy has lost.

    They read a derivative that no line sets, and are right for the true one.
    """
    lines = checked(entry.printed).wrong if entry.lost else ()
    return frozenset(
        one.line.number
        for one in lines
        if one.verdict is Verdict.UNDEFINED and RIGHT_OTHERWISE in one.detail
    )


@cache
def wrong_for_one_unit(name: str) -> frozenset[int]:
    """Return the lines that stay wrong for one unit in every layer and a single example.

    There all products are the same, a transpose changes nothing and a sum has one term: these
    lines are wrong in the calculus, the others in the notation of matrices.
    """
    found = checked(name)
    layers = found.header.layers or 3
    # one number cannot lie on both sides of a kink, as `given` asks where there is one
    smooth = replace(found.header, activations=("identity",) * len(found.header.activations))
    one = given(smooth, Setting((1,) * (layers + 1), 1, "one unit", 5))
    outcomes = judged_on(found.header, read(text(name)), one, found.reading).outcomes
    return frozenset(o.step.line.number for o in outcomes if o.verdict.is_wrong)
