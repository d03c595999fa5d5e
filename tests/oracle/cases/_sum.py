"""The cases of ADD and SUB."""
from cases import _elementwise as e
from single_op import const, op, options, q, tensor
import numpy as np


def cases(r, name, table):
    for dtype in ('uint8', 'int8', 'int16', 'float32', 'int32', 'int64'):
        for a, b in e.BROADCASTS:
            for activation in (0, 1, 2, 3):
                yield one(r, name, table, dtype, a, b, activation, pot=False)
    for a, b in [((2, 3, 4), (2, 3, 4)), ((7,), (7,)), ((1, 2, 3), (2, 3))] + (e.BROADCASTS if name == 'SUB' else []):
        for exponents in ((-12, -12), (-12, -14), (-15, -12), (-12, -27), (-14, -13)):
            for activation in (0, 1, 2, 3):
                quantizations = [q(2.0 ** x, 0) for x in exponents] + [q(2.0 ** max(exponents), 0)]
                made = options(table, fusedActivationFunction=activation, potScaleInt16=True)
                yield op(name, [tensor('int16', a, quantizations[0]), tensor('int16', b, quantizations[1])],
                         [tensor('int16', e.output_shape(a, b), quantizations[2])], made, version=3)


def one(r, name, table, dtype, a, b, activation, pot):
    made = options(table, fusedActivationFunction=activation, potScaleInt16=pot)
    # Where the larger input's scale is above 2^14 (int16) of the output's, LiteRT's ADD aborts, and its SUB shifts by less than 0.
    scales = [0.02, 0.5, 1 / 128, 3.0, 2e-4, 0.25]
    quantizations = [e.quantization(r, dtype, scales) for _ in range(3)]
    if dtype == 'int16' and name == 'ADD' and r.rand() < 0.3:
        quantizations = [None] * 3
    ranges = [e.values(r, dtype, r.rand() < 0.2) for _ in range(2)]
    inputs = [tensor(dtype, a, quantizations[0], ranges[0]), tensor(dtype, b, quantizations[1], ranges[1])]
    if r.rand() < 0.3 and dtype in ('uint8', 'int8') and len(b):
        low, high = e.LIMITS[dtype]
        inputs[1] = const(r.randint(low, high + 1, b).astype(dtype), quantizations[1])
    return op(name, inputs, [tensor(dtype, e.output_shape(a, b), quantizations[2])], made, version=3)
