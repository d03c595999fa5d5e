"""LOGICAL_NOT: all shapes."""
from cases import _elementwise as e
from single_op import op, options, tensor


def cases(r):
    for shape in e.SHAPES + [(300,), (1,), (2, 0)]:
        for _ in range(7):
            yield op('LOGICAL_NOT', [tensor('bool', shape)], [tensor('bool', shape)], options('LogicalNotOptions'))
