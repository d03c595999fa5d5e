"""WHERE: types; some and all elements true (with none, Python cannot read LiteRT's output)."""
from single_op import const, op, options, tensor
import numpy as np


def cases(r):
    for dtype in ('bool', 'float32', 'int32', 'int64', 'int8', 'uint8', 'uint32'):
        for shape in ((5,), (2, 3), (2, 3, 4), (17,), (2, 1, 3, 2)):
            for share in (0.3, 0.7, 1.0):
                values = (r.rand(*shape) < share) * (1 if dtype == 'bool' else 7)
                x = const(values.astype(dtype)) if r.rand() < 0.3 else tensor(dtype, shape, values=values)
                yield op('WHERE', [x], [tensor('int64', (0, len(shape)))], options('WhereOptions'))
    yield op('WHERE', [tensor('bool', ())], [tensor('int64', (0, 0))], options('WhereOptions'))
