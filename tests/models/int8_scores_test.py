"""A uint8 segmentation model becomes int8 inside, floats and scores outside, in two commands: its labels stay."""
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

RESOLVERS = {'reference': OpResolverType.BUILTIN_REF, 'builtin': OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES, 'xnnpack': OpResolverType.AUTO}


def interpreter(file, resolver):
    it = Interpreter(model_path=str(file), num_threads=2, experimental_op_resolver_type=resolver)
    it.allocate_tensors()
    return it


def run(it, x):
    it.set_tensor(it.get_input_details()[0]['index'], x)
    it.invoke()
    return it.get_tensor(it.get_output_details()[0]['index'])[0]


@pytest.fixture(scope='module')
def scores(monolite, shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp('int8')
    model = shared / 'models/coral/deeplabv3_mnv2_dm05_pascal_quant.tflite'
    cut = monolite('edit', model, '-o', folder / 'uint8.tflite', '--outputs', 'ResizeBilinear_2')
    assert cut.returncode == 0, cut.stderr
    made = monolite('quantize', folder / 'uint8.tflite', '-o', folder / 'scores.tflite', '--to', 'int8', '--io', 'float32')
    assert made.returncode == 0, made.stderr
    return model, folder / 'scores.tflite'


@pytest.mark.parametrize('resolver', RESOLVERS)
def test_labels_of_the_int8_model_are_those_of_the_uint8_one(scores, shared, resolver):
    model, made = scores
    before, after = interpreter(model, RESOLVERS[resolver]), interpreter(made, RESOLVERS[resolver])
    assert after.get_input_details()[0]['dtype'] == after.get_output_details()[0]['dtype'] == np.float32
    assert tuple(after.get_output_details()[0]['shape']) == (1, 513, 513, 21)
    assert not [t for t in after.get_tensor_details() if t['dtype'] == np.uint8]
    scale, zero_point = before.get_input_details()[0]['quantization']
    for name in ('cat.jpg', 'dog_segmentation.bmp', 'grace_hopper.bmp'):
        x = np.array(Image.open(shared / 'images' / name).convert('RGB').resize((513, 513)))[None]
        wanted = run(before, x)
        labels = run(after, (x.astype(np.float32) - zero_point) * np.float32(scale)).argmax(2)
        assert len(np.unique(wanted)) > 1
        assert np.mean(labels == wanted) >= 0.999, name
