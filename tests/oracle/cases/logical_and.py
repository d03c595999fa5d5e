"""LOGICAL_AND: broadcasting."""
from cases import _elementwise as e
from single_op import op, options, tensor


def cases(r):
    for a, b in e.BROADCASTS:
        for _ in range(4):
            yield op('LOGICAL_AND', [tensor('bool', a), tensor('bool', b)], [tensor('bool', e.output_shape(a, b))], options('LogicalAndOptions'))
