"""legalize on every real model: LiteRT's reference kernels compute the same before and after, and real runtimes take more."""
import json

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

from conftest import SHARED

DEEPLABS = sorted(SHARED.glob('models/coral/deeplab*.tflite')) + sorted(SHARED.glob('models/deeplab_nnapi/*.tflite')) + \
    sorted(SHARED.glob('models/mlperf/deeplab*.tflite'))
EDGETPU = SHARED / 'models/mlperf/mobilenet_edgetpu_224_1.0_uint8.tflite'


def outputs(file, picture):
    it = Interpreter(model_path=str(file), num_threads=2, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    detail = it.get_input_details()[0]
    h, w = detail['shape'][1:3]
    x = np.array(Image.open(picture).convert('RGB').resize((w, h)))[None]
    if detail['dtype'] == np.int8:
        x = (x.astype(np.int16) - 128).astype(np.int8)
    it.set_tensor(detail['index'], x)
    it.invoke()
    return [it.get_tensor(o['index']) for o in it.get_output_details()]


@pytest.mark.parametrize('target', ['nnapi-29-cpu', 'nnapi-29'])
@pytest.mark.parametrize('model', DEEPLABS, ids=lambda f: f.stem)
def test_deeplab_is_whole_with_the_same_labels(model, target, monolite, shared, tmp_path):
    out = tmp_path / 'out.tflite'
    done = monolite('legalize', model, '-o', out, '--target', target, '--json')
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(monolite('check', out, '--target', target, '--json').stdout)['targets'][0]
    assert verdict['partitions'] == 1 and verdict['cpu_nodes'] == []
    picture = shared / 'images/dog_segmentation.bmp'
    for a, b in zip(outputs(model, picture), outputs(out, picture)):
        assert (a.astype(np.int64) == b.astype(np.int64)).all()


def delegated_by_xnnpack(file):
    it = Interpreter(model_path=str(file), num_threads=1)
    it.allocate_tensors()
    return sum(1 for op in it._get_ops_details() if op['op_name'] == 'DELEGATE')  # one a partition


def test_xnnpack_takes_mobilenet_edgetpu_whole(monolite, shared, tmp_path):
    out = tmp_path / 'out.tflite'
    done = monolite('legalize', EDGETPU, '-o', out, '--target', 'xnnpack', '--json')
    assert done.returncode == 0, done.stdout + done.stderr
    assert delegated_by_xnnpack(EDGETPU) == 16
    assert delegated_by_xnnpack(out) == 1
    a, b = outputs(EDGETPU, shared / 'images/grace_hopper.bmp')[0], outputs(out, shared / 'images/grace_hopper.bmp')[0]
    assert np.abs(a.astype(int) - b.astype(int)).max() <= 1


def test_openvino_takes_mobilenet_edgetpu_whole(monolite, shared, tmp_path):
    out = tmp_path / 'out.tflite'
    done = monolite('legalize', EDGETPU, '-o', out, '--target', 'openvino', '--json')
    assert done.returncode == 0, done.stdout + done.stderr
    assert [r['name'] for r in json.loads(done.stdout)['rewrites']] == ['squeeze_to_reshape']
    picture = shared / 'images/grace_hopper.bmp'
    for a, b in zip(outputs(EDGETPU, picture), outputs(out, picture)):
        assert (a == b).all()
