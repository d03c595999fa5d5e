"""SELECT_V2: types, and all three inputs broadcast."""
from cases import _elementwise as e
from single_op import op, options, tensor

SHAPES = [((2, 3), (2, 3), (2, 3)), ((), (2, 3), (3,)), ((2, 1), (2, 3), ()), ((3,), (2, 1), (1, 3)), ((), (), ()), ((1,), (1,), (1,)),
          ((4, 1, 1, 3), (2, 1, 1), (5, 1)), ((2, 0), (1,), (2, 1)), ((2, 3, 1, 2, 1), (1, 1, 4, 1, 5), (3, 1, 1, 1)), ((0, 1), (3,), ())]


def cases(r):
    for dtype in ('float32', 'bool', 'int8', 'uint8', 'int16', 'int32', 'int64'):
        for c, x, y in SHAPES:
            yield op('SELECT_V2', [tensor('bool', c), tensor(dtype, x), tensor(dtype, y)],
                     [tensor(dtype, e.output_shape(c, x, y))], options('SelectV2Options'))
