"""LESS: types, broadcasting, equal and different quantizations."""
from cases import _comparison


def cases(r):
    yield from _comparison.cases(r, 'LESS', 'LessOptions', ('float32', 'int32', 'int64', 'int16', 'int8', 'uint8'))
