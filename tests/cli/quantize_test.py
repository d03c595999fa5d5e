"""The verb quantize as a user meets it; what it makes runs under LiteRT."""
import json

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image


@pytest.fixture
def dm05(shared):
    return shared / 'models/coral/deeplabv3_mnv2_dm05_pascal_quant.tflite'


def interpreter(file, resolver=OpResolverType.BUILTIN_REF):
    it = Interpreter(model_path=str(file), experimental_op_resolver_type=resolver)
    it.allocate_tensors()
    return it


def run(file, value):
    it = interpreter(file)
    it.set_tensor(it.get_input_details()[0]['index'], value)
    it.invoke()
    return it.get_tensor(it.get_output_details()[0]['index'])


def picture(shared):
    return np.array(Image.open(shared / 'images/cat.jpg').convert('RGB').resize((513, 513)))[None]


@pytest.mark.parametrize('wide', ['exact', 'requantize'])
def test_labels_of_the_int8_model_are_nearly_the_same(monolite, shared, dm05, tmp_path, wide):
    out = tmp_path / 'int8.tflite'
    done = monolite('quantize', dm05, '-o', out, '--to', 'int8', '--wide_weights', wide, '--json')
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    x = picture(shared)
    changed = np.mean(run(dm05, x) != run(out, (x.astype(np.int16) - 128).astype(np.int8)))
    assert changed < 0.01
    inside = {d['dtype'] for d in interpreter(out).get_tensor_details()}
    assert np.uint8 not in inside and np.int8 in inside
    layers = report['layers']
    assert layers and sum(layer['wide'] for layer in layers) < 200
    if wide == 'exact':
        repeated = [layer for layer in layers if layer['op'] == 'CONV_2D']
        assert all(layer['repeated_inputs'] > 0 and layer['requantized_channels'] == 0 for layer in repeated)
        assert 1 < report['macs']['after'] / report['macs']['before'] < 1.05
    else:
        assert report['macs']['after'] == report['macs']['before']
        assert all(layer['repeated_inputs'] == 0 and 0 < layer['largest_error'] <= 1.01 for layer in layers)


@pytest.mark.parametrize('io, dtype', [('uint8', np.uint8), ('float32', np.float32)])
def test_inputs_have_the_type_that_was_asked_for(monolite, shared, dm05, tmp_path, io, dtype):
    out = tmp_path / 'made.tflite'
    assert monolite('quantize', dm05, '-o', out, '--io', io).returncode == 0
    detail = interpreter(out).get_input_details()[0]
    assert detail['dtype'] == dtype
    x = picture(shared)
    scale, zero = interpreter(dm05).get_input_details()[0]['quantization']
    fed = x if io == 'uint8' else ((x.astype(np.float32) - zero) * scale).astype(np.float32)
    assert np.mean(run(dm05, x) != run(out, fed)) < 0.01


def test_the_reference_engine_has_the_bits_of_litert(monolite, shared, dm05, tmp_path):
    out, fed = tmp_path / 'int8.tflite', tmp_path / 'x.npy'
    assert monolite('quantize', dm05, '-o', out).returncode == 0
    x = (picture(shared).astype(np.int16) - 128).astype(np.int8)
    np.save(fed, x)
    for backend in ('reference', 'fast'):
        assert monolite('run', out, '--input', fed, '--backend', backend, '--dump-outputs', tmp_path / backend).returncode == 0
        assert np.array_equal(np.load(tmp_path / backend / '0.npy'), run(out, x))


def test_says_what_it_cannot_do(monolite, shared, dm05, tmp_path):
    out = tmp_path / 'no.tflite'
    wrong = monolite('quantize', shared / 'models/mlperf/edsr_f32b5_fp32.tflite', '-o', out)
    assert wrong.returncode == 3 and 'uint8' in wrong.stderr
    assert monolite('quantize', dm05, '-o', out, '--to', 'int4').returncode == 2
    assert monolite('quantize', dm05).returncode == 2
    assert not out.exists()
