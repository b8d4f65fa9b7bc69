"""Functions that printed files define themselves: NumPy and the contract have none like them."""

ERF = '''def erf(z):
    """The error function, entry by entry."""
    return np.vectorize(math.erf, otypes=[z.dtype])(z)'''

DIAG = '''def diag(a):
    """The diagonal matrix of a row or a column; of others the diagonal, as a column."""
    return np.diag(a.ravel()) if 1 in a.shape and a.size > 1 else np.diag(a).reshape(-1, 1)'''

SOFTMAX_OF_ROWS = '''def softmax_of_rows(z):
    """The softmax of each row."""
    return softmax(z.T).T'''

OWN = {"diag": DIAG, "erf": ERF, "softmax_of_rows": SOFTMAX_OF_ROWS}
