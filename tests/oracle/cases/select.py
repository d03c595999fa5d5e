"""SELECT: types; a condition of the same shape, a scalar, one a slice."""
from single_op import op, options, tensor

SHAPES = [((2, 3), (2, 3)), ((), (2, 3)), ((2,), (2, 3)), ((3,), (3,)), ((), ()), ((1,), (1,)), ((4,), (4, 2, 1, 3)), ((2, 0), (2, 0)),
          ((0,), (0, 3)), ((2,), (3, 2)), ((1, 3), (2, 3))]


def cases(r):
    for dtype in ('float32', 'bool', 'int8', 'uint8', 'int16', 'int32', 'int64'):
        for condition, shape in SHAPES:
            yield op('SELECT', [tensor('bool', condition), tensor(dtype, shape), tensor(dtype, shape)], [tensor(dtype, shape)], options('SelectOptions'))
