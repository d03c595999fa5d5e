"""BITWISE_XOR: types and broadcasting."""
from cases import _elementwise as e
from single_op import op, options, tensor


def cases(r):
    for dtype in ('int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'):
        for a, b in e.BROADCASTS:
            values = (0 if dtype[0] == 'u' else -40, 40)
            yield op('BITWISE_XOR', [tensor(dtype, a, values=(values[0], 120)), tensor(dtype, b, values=values)],
                     [tensor(dtype, e.output_shape(a, b))], options('BitwiseXorOptions'))
