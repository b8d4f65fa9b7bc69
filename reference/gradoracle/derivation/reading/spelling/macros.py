"""The macros of LaTeX that a formula may hold, one table a kind."""

from __future__ import annotations

from gradoracle.derivation.reading.spelling.signs import NotationError

SIGNS = {
    **dict.fromkeys(("odot", "circ", "ast", "star", "circledast"), "∘"),
    **dict.fromkeys(("cdot", "times"), "·"),
    "div": "÷",
    "partial": "∂",
    "nabla": "∇",
    "sum": "Σ",
    **dict.fromkeys(("leq", "le", "leqslant"), "≤"),
    **dict.fromkeys(("geq", "ge", "geqslant"), "≥"),
    **dict.fromkeys(("neq", "ne"), "≠"),
    "lt": "<",
    "gt": ">",
    **dict.fromkeys(("leftarrow", "gets", "coloneqq", "triangleq", "coloneq"), "="),
    **dict.fromkeys(("rightarrow", "longrightarrow", "to", "mapsto"), "→"),
    **dict.fromkeys(("lVert", "rVert", "Vert", "|"), "‖"),
    **dict.fromkeys(("lvert", "rvert", "vert"), "|"),
    "prime": "′",
    "top": "⊤",
    **dict.fromkeys(("lbrace", "{"), "("),
    **dict.fromkeys(("rbrace", "}"), ")"),
    **dict.fromkeys(("lbrack",), "["),
    **dict.fromkeys(("rbrack",), "]"),
}
GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "lambda": "λ",
    "mu": "μ",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "varphi": "φ",
    "psi": "ψ",
    "omega": "ω",
    "ell": "ℓ",
}
WORDS = {name: name for name in ("exp", "log", "tanh")} | {"ln": "log", "max": "max", "min": "min"}
FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac")
UPRIGHT = ("operatorname", "text", "mathrm", "textrm", "mathsf", "mathtt", "textsf", "texttt")
FONTS = ("mathbf", "boldsymbol", "bm", "mathit", "textbf", "textit", "vec")
SCRIPTS = ("mathcal", "mathscr")
ONES = ("mathbb", "mathds", "mathbbm")
HATS = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde"}
NOTHING = (
    *("left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr"),
    *("biggl", "biggr", "Biggl", "Biggr", "quad", "qquad", ",", ";", ":", "!", " ", ">", "\n"),
    *("displaystyle", "textstyle", "limits", "nolimits", "nonumber", "notag"),
    *("small", "normalsize", "large", "Large"),
)
DROPPED = ("label", "tag", "hspace")
ENVIRONMENTS = ("align", "aligned", "equation", "gather", "gathered", "split", "multline")
MENDS = {
    "otimes": r"write \operatorname{outer}(a, b)",
    **dict.fromkeys(
        ("dots", "cdots", "ldots"), "write every term, or a loop `for l in range(L, 0, -1):`"
    ),
    **dict.fromkeys(
        ("therefore", "implies", "Rightarrow", "Longrightarrow", "iff"),
        "leave it out: every line is one formula",
    ),
    "bullet": r"write \odot for the elementwise product",
    "approx": "write =",
    "prod": "write every factor",
    "Delta": r"write \delta",
}


def unknown_macro(got: str, column: int) -> NotationError:
    """Return the refusal of what is in no table."""
    mend = MENDS.get(got.lstrip("\\"), "docs/notation.md lists the macros that are read")
    return NotationError("a macro of docs/notation.md", got, mend, column=column + 1)
