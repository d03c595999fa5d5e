"""Single ops in float, made integer by the verb quantize: LiteRT's reference kernels take each and give nearly the same."""
import json
import zlib

import numpy as np
import oracle
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

CASES = 3  # for each op, evenly spread
# All that src/quantize/op_rules.cpp has a line for, but ELU: the reference resolver lacks it.
OPS = [
    'abs', 'add', 'arg_max', 'average_pool_2d', 'batch_matmul', 'batch_to_space_nd', 'concatenation', 'conv_2d', 'depth_to_space',
    'depthwise_conv_2d', 'div', 'exp', 'expand_dims', 'fully_connected', 'gather', 'gelu', 'hard_swish', 'l2_normalization',
    'leaky_relu', 'log_softmax', 'logistic', 'max_pool_2d', 'maximum', 'mean', 'minimum', 'mirror_pad', 'mul', 'pack', 'pad', 'padv2',
    'prelu', 'reduce_max', 'reduce_min', 'relu', 'relu6', 'relu_0_to_1', 'relu_n1_to_1', 'reshape', 'resize_bilinear',
    'resize_nearest_neighbor', 'reverse_v2', 'rsqrt', 'select', 'select_v2', 'slice', 'softmax', 'space_to_batch_nd', 'space_to_depth',
    'split', 'split_v', 'squared_difference', 'squeeze', 'strided_slice', 'sub', 'sum', 'tanh', 'tile', 'transpose', 'transpose_conv',
    'unpack',
]
# Where one step of an input moves the output by many: quotients near 0, exponents of large numbers, means of many values
# (pools keep their input's scale).
STEEP = {'average_pool_2d': 0.3, 'div': 0.5, 'rsqrt': 0.3, 'exp': 0.1, 'softmax': 0.3, 'log_softmax': 0.3}


def is_float_case(case):
    types = [t.dtype for t in case.inputs if t is not None]
    return 'float32' in types and set(types) <= {'float32', 'int32', 'int64', 'bool'}


def cases_of(name):
    cases = [(i, c) for i, c in enumerate(oracle.cases_of(name)) if is_float_case(c)]
    return cases[::max(1, len(cases) // CASES)][:CASES]


def fed(it, inputs):
    for detail, x in zip(it.get_input_details(), inputs):
        if detail['dtype'] != x.dtype.type:
            scale, zero = detail['quantization']
            limits = np.iinfo(detail['dtype'])
            x = np.clip(np.round(x / scale) + zero, limits.min, limits.max).astype(detail['dtype'])
        it.set_tensor(detail['index'], x)


def outputs(file, inputs):
    it = Interpreter(model_path=str(file), num_threads=1, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    fed(it, inputs)
    it.invoke()
    made = []
    for detail in it.get_output_details():
        value, (scale, zero) = it.get_tensor(detail['index']), detail['quantization']
        made.append((value.astype(np.float64) - zero) * scale if scale and value.dtype.kind in 'iu' else value)
    return made


def off_by(want, have):
    """The largest difference, as a share of what the output spans."""
    worst = 0
    for w, h in zip(want, have):
        finite = np.isfinite(w)
        if w.dtype.kind == 'f' and finite.any():
            span = max(w[finite].max(), 0) - min(w[finite].min(), 0)
            worst = max(worst, np.abs(w[finite] - h[finite]).max() / max(span, 1e-9))
    return worst


@pytest.mark.parametrize('name', OPS)
def test_an_integer_op_is_near_to_the_float_one(monolite, tmp_path, name):
    model, out, integers = tmp_path / 'float.tflite', tmp_path / 'made.tflite', set()
    for i, case in cases_of(name):
        inputs = case.draw(np.random.RandomState(zlib.crc32(f'{name}:{i}'.encode())))
        want = oracle.litert(case.model(), inputs)
        if isinstance(want, str) or any(x.size == 0 for x in inputs) or not all(np.isfinite(w).all() for w in want):
            continue
        model.write_bytes(case.model())
        (tmp_path / f'{i}/0').mkdir(parents=True)
        for k, x in enumerate(inputs):
            np.save(tmp_path / f'{i}/0/{k}.npy', x)
        for to in ('int8', 'uint8', 'int16x8'):
            done = monolite('quantize', model, '-o', out, '--to', to, '--calibration', tmp_path / str(i), '--calibration_method',
                            'minmax', '--json')
            if done.returncode == 3 and 'has an integer kernel' in done.stderr:
                continue  # none for this type
            assert done.returncode == 0, f'{name}:{i} {to}: {done.stderr}'
            if json.loads(done.stdout)['integer_nodes'] > 0:
                integers.add(to)
            assert off_by(want, outputs(out, inputs)) < STEEP.get(name, 0.09), f'{name}:{i} {to}'
    assert integers
