"""The signs of a formula as it stands on paper, and the tokens they are read into.

One table a kind of sign; `docs/notation.md` shows them. Nothing is normalised in silence: a sign
that is in no table is refused by its Unicode name, with the plain sign it looks like where there is
one.
"""

from __future__ import annotations

import unicodedata

from gradoracle.derivation.limits import LINE_CHARACTERS, DerivationError

OPERATORS = {
    **dict.fromkeys("∘⊙∗⋆⊛", "*"),
    **dict.fromkeys("·⋅∙×", "·"),  # the factors decide: a number scales, two matrices are refused
    **dict.fromkeys("−–‐‑‒", "-"),  # hyphens and the figure dash, as PDF files have them
    **dict.fromkeys("÷∕⁄", "/"),
    "′": "'",
    **dict.fromkeys("≥⩾", ">="),
    **dict.fromkeys("≤⩽", "<="),
    "≠": "!=",
    **dict.fromkeys("←≔≕≜≝", "="),
    **dict.fromkeys("→⟶↦", "→"),  # w → w - ... sets w, as = does
    **dict.fromkeys("‖∥", "‖"),
    **dict.fromkeys("Σ∑", "Σ"),
    "∂": "∂",
    "∇": "∇",
    "𝟙": "𝟙",
    "⊤": "⊤",
}
NAMES = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "ϵ": "epsilon",
    "ζ": "zeta",
    "η": "eta",
    "θ": "theta",
    "λ": "lam",
    "μ": "mu",
    "µ": "mu",  # the micro sign of many keyboards
    "ρ": "rho",
    "σ": "sigmoid",
    "τ": "tau",
    "φ": "phi",
    "ϕ": "phi",
    "ψ": "psi",
    "ω": "omega",
    "ℓ": "ell",
    "ℒ": "J",
    "𝓛": "J",
    "√": "sqrt",
}
ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar"}
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ˡᴸᵀ⊺ⁿᵐⁱᴺ", "0123456789+-()lLTTnmiN", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎₌ₗₙₘᵢⱼₖ", "0123456789+-()=lnmijk", strict=True))
FRACTIONS = {"½": "1/2", "¼": "1/4", "⅓": "1/3"}
SPACES = " \t\n\r\u00a0\u2009\u202f"

LOOK_ALIKES = dict(
    zip(
        "АВЕКМНОРСТХаеорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧνο",  # Cyrillic, then Greek
        "ABEKMHOPCTXaeopcyxABEZHIKMNOPTYXvo",
        strict=True,
    )
)
MENDS = {
    "⊗": "write outer(a, b)",
    "…": "write every term, or a loop `for l in range(L, 0, -1):`",
    "⋯": "write every term, or a loop `for l in range(L, 0, -1):`",
    "≈": "write =",
    "•": "write ∘ (*) for the elementwise product, @ for the matrix product",
    **dict.fromkeys("⇒⟹∴", "leave it out: every line is one formula"),
    "Δ": "write delta",
    "’": "write ' or ′ for a derivative, ᵀ or .T for a transpose",
    "″": "only first derivatives have a name",
}
LETTERS = {  # of mathematics, slanted or bold: 𝑊 is W and 𝜎 is σ, as they are copied from a PDF
    sign: unicodedata.normalize("NFKC", chr(sign))
    for sign in (0x210E, *range(0x1D400, 0x1D800))
    if chr(sign) not in (*OPERATORS, *NAMES)
}
INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


class NotationError(DerivationError):
    """A formula that cannot be read as it stands; its column counts from 1."""


def upright(line: str) -> str:
    """Return a line with its letters of mathematics upright; every sign keeps its column.

    >>> upright("𝑍₁ = 𝜎(𝐖)")
    'Z₁ = σ(W)'
    """
    return line.translate(LETTERS)


def refuse_unseen(line: str) -> None:
    """Refuse what no reader of the line can see, comments included, and lines without end.

    Raises
    ------
    NotationError
    """
    if len(line) > LINE_CHARACTERS:
        raise NotationError(
            f"a line of at most {LINE_CHARACTERS:,} characters",
            f"{len(line):,} characters",
            "split the formula with helper names",
            column=LINE_CHARACTERS + 1,
        )
    for column, sign in enumerate(line):
        if unicodedata.category(sign) in INVISIBLE and sign not in SPACES:
            raise refused(sign, column)


def refused(sign: str, column: int) -> NotationError:
    """Return the refusal of a sign by its Unicode name, with the mend; columns from 0."""
    name = unicodedata.name(sign, "a sign without a name")
    shown = "" if unicodedata.category(sign)[0] in "CMZ" else f" {sign}"
    plain = unicodedata.normalize("NFKC", sign)
    if sign in MENDS:
        mend = MENDS[sign]
    elif sign in LOOK_ALIKES:
        mend = f"it looks like the Latin letter {LOOK_ALIKES[sign]}: type that"
    elif unicodedata.category(sign) in INVISIBLE:
        mend = "delete it: it cannot be seen"
    elif len(plain) == 1 and plain.isascii() and plain.isprintable():
        mend = "type a space" if plain == " " else f"type {plain}"
    else:
        mend = "write it in plain signs: docs/notation.md lists what is read"
    return NotationError(
        "a sign of docs/notation.md", f"U+{ord(sign):04X} {name}{shown}", mend, column=column + 1
    )
