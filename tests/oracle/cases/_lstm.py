"""What LSTM cases share: float, hybrid and integer cells; coupled gates, peepholes, projection, layer normalization, clips."""
from single_op import const, op, options, q, tensor, variable
import numpy as np

SIZES = [(1, 1, 1, 1, 1), (1, 5, 3, 4, 4), (2, 4, 5, 8, 8), (3, 2, 2, 6, 3), (1, 8, 16, 17, 5), (2, 3, 4, 4, 7)]  # batch, time, inputs, cells, outputs


def lstm_cases(r, name, is_sequence):
    for kind in ('float32', 'hybrid', 'int8'):
        for sizes in SIZES:
            for cifg in (False, True):
                for peephole in (False, True):
                    for norm in (False, True):
                        for _ in range(2):
                            yield one(r, name, is_sequence, kind, *sizes, cifg, peephole, norm)


def one(r, name, is_sequence, kind, batch, time, inputs, cells, outputs, cifg, peephole, norm):
    integer, projected = kind == 'int8', cells != outputs or r.rand() < 0.3
    if integer and cells != outputs:
        peephole = False  # LiteRT's integer kernel reads past the cell there
    time_major = bool(r.rand() < 0.5)
    lead = (batch,) if not is_sequence else (time, batch) if time_major else (batch, time)

    def matrix(rows, columns):
        if kind == 'float32':
            return const((r.standard_normal((rows, columns)) * 0.5).astype(np.float32))
        return const(r.randint(-127, 128, (rows, columns)).astype(np.int8), q(float(r.uniform(0.002, 0.01)), 0))

    def vector(length, scale=1.0):
        if integer:
            return const(r.randint(-3000, 3000, length).astype(np.int32), q(1e-4, 0))
        return const((r.standard_normal(length) * scale).astype(np.float32))

    def diagonal(length):
        if integer:
            return const(r.randint(-20000, 20000, length).astype(np.int16), q(float(r.uniform(1e-5, 5e-5)), 0))
        if kind == 'hybrid':
            return const(r.randint(-127, 128, length).astype(np.int8), q(0.004, 0))
        return const((r.standard_normal(length) * 0.3).astype(np.float32))

    def coefficients(length):
        if integer:
            return const(r.randint(5000, 30000, length).astype(np.int16), q(float(r.uniform(2e-5, 5e-5)), 0))
        return const(r.uniform(0.5, 1.5, length).astype(np.float32))

    gates = [not cifg, True, True, True]
    tensors = [tensor('int8', (*lead, inputs), q(0.02, int(r.randint(-20, 20)))) if integer
               else tensor('float32', (*lead, inputs))]
    tensors += [matrix(cells, inputs) if g else None for g in gates]
    tensors += [matrix(cells, outputs) if g else None for g in gates]
    tensors += [diagonal(cells) if peephole and g else None for g in (gates[0], True, True)]
    tensors += [vector(cells) if g else None for g in gates]
    tensors += [matrix(outputs, cells) if projected else None, vector(outputs) if projected and r.rand() < 0.7 else None]
    output_q, hidden_q = q(float(r.choice([1 / 128, 0.02])), int(r.randint(-10, 10))), q(float(r.choice([1 / 128, 0.005])), int(r.randint(-10, 10)))
    if integer:
        if not projected:
            hidden_q = output_q
        tensors += [variable('int8', (batch, outputs), output_q), variable('int16', (batch, cells), q(2.0 ** -int(r.choice([9, 11, 13, 15])), 0))]
    else:
        tensors += [variable('float32', (batch, outputs)), variable('float32', (batch, cells))]
    if norm or r.rand() < 0.3:
        tensors += [coefficients(cells) if norm and g else None for g in gates]
    fields = dict(fusedActivationFunction=4 if integer or r.rand() < 0.8 else int(r.choice([1, 3])), cellClip=float(r.choice([0, 0, 0.4, 10])),
                  projClip=float(r.choice([0, 0, 0.3])), asymmetricQuantizeInputs=bool(r.rand() < 0.5))
    made = options('UnidirectionalSequenceLSTMOptions', timeMajor=time_major, **fields) if is_sequence else options('LSTMOptions', **fields)
    out = tensor('int8' if integer else 'float32', (*lead, outputs), output_q if integer else None)
    inner = [tensor('int16', (1,), q(float(r.uniform(1 / 6000, 1 / 2000)), 0)) for _ in range(4)] + [tensor('int8', (1,), hidden_q)] if integer else []
    return op(name, tensors, [out], made, version=3, intermediates=inner)
