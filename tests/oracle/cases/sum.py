"""SUM: types, ranks, axes, scales apart from each other, integers that overflow, empty inputs.

Not int16: LiteRT's reference kernel leaves half of the output's bytes unwritten.
"""
from cases import mean
from cases._reduce import empty, plain

DTYPES = ('float32', 'uint8', 'int8', 'int32', 'int64')


def cases(r):
    yield from plain(r, 'SUM', DTYPES, quantization=mean.scales)
    yield from plain(r, 'SUM', ('int32', 'int64'), values=(2**30, 2**31 - 2), rounds=2)
    yield from empty(r, 'SUM', ('float32', 'int32', 'int64'))
