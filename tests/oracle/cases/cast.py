"""CAST: every type to every type, with values beyond the range of the other."""
from single_op import op, options, tensor
import numpy as np

TYPES = ['float32', 'float64', 'float16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'bool']


def values(r, dtype):
    kind = np.dtype(dtype).kind
    if kind == 'f':
        special = [0, -0.0, 0.5, -0.5, 1.5, 127.9, 128, 255.5, 256, -128.9, -129, 32768, 65519, 65520, 70000, 2147483648.0,
                   4294967296.0, 1e19, -1e19, 1e30, -1e30, np.inf, -np.inf, np.nan, 1e-8, 6e-8, 3e-5, 2049, 2051]
        with np.errstate(over='ignore'):
            return np.r_[special, r.uniform(-300, 300, 31)].astype(dtype)
    if kind == 'b':
        return r.randint(0, 2, 60).astype(bool)
    info = np.iinfo(dtype)
    return np.r_[[info.min, info.max, 0, 1], r.randint(info.min, info.max, 28, dtype), r.randint(0, 100, 28)].astype(dtype)


def cases(r):
    for a in TYPES:
        for b in TYPES:
            x = values(r, a)
            yield op('CAST', [tensor(a, x.shape, values=x)], [tensor(b, x.shape)], options('CastOptions'), version=1)
    for shape in ((), (0, 2), (2, 3, 4)):
        for b in ('int32', 'bool', 'float16'):
            yield op('CAST', [tensor('float32', shape)], [tensor(b, shape)], options('CastOptions'), version=1)
