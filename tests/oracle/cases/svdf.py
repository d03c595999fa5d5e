"""SVDF: float, hybrid (both quantizations of rows) and integer, ranks, batches, bias left out, activations."""
from single_op import const, op, options, q, tensor, variable
import numpy as np

SIZES = [(1, 1, 1, 1, 1), (1, 3, 4, 2, 1), (2, 8, 6, 5, 2), (3, 17, 9, 8, 3), (2, 40, 64, 10, 2)]  # batch, features, filters, steps, rank


def cases(r):
    for kind in ('float32', 'hybrid', 'int8'):
        for sizes in SIZES:
            for has_bias in (True, False):
                for _ in range(3):
                    yield one(r, kind, *sizes, has_bias)


def one(r, kind, batch, features, filters, steps, rank, has_bias):
    units = filters // rank
    if kind == 'int8':
        x = tensor('int8', (batch, features), q(0.02, int(r.randint(-20, 20))))
        weights = const(r.randint(-127, 128, (filters, features)).astype(np.int8), q(float(r.uniform(0.002, 0.01)), 0))
        time = const(r.randint(-20000, 20000, (filters, steps)).astype(np.int16), q(float(r.uniform(1e-5, 5e-5)), 0))
        bias = const(r.randint(-30000, 30000, units).astype(np.int32), q(1e-8, 0))
        state = variable('int16', (batch, filters * steps), q(float(r.uniform(1e-4, 1e-3)), 0))
        y = tensor('int8', (batch, units), q(float(r.uniform(0.005, 0.05)), -128))
        activation = 1
    else:
        if kind == 'float32':
            weights = const(r.standard_normal((filters, features)).astype(np.float32))
            time = const(r.standard_normal((filters, steps)).astype(np.float32))
        else:
            weights = const(r.randint(-127, 128, (filters, features)).astype(np.int8), q(float(r.uniform(0.002, 0.01)), 0))
            time = const(r.randint(-127, 128, (filters, steps)).astype(np.int8), q(float(r.uniform(0.002, 0.01)), 0))
        x = tensor('float32', (batch, features))
        bias = const(r.standard_normal(units).astype(np.float32))
        state = variable('float32', (batch, filters * steps))
        y = tensor('float32', (batch, units))
        activation = int(r.choice([0, 1, 3]))
    made = options('SVDFOptions', rank=rank, fusedActivationFunction=activation,
                   asymmetricQuantizeInputs=bool(kind == 'hybrid' and r.rand() < 0.5))
    return op('SVDF', [x, weights, time, bias if has_bias else None, state], [y], made, version=3 if kind == 'int8' else 2)
