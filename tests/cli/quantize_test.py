"""The verb quantize as a user meets it; what it makes runs under LiteRT."""
import json
import lzma
import zipfile

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from conftest import ROOT
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
    edsr = shared / 'models/mlperf/edsr_f32b5_fp32.tflite'
    wrong = monolite('quantize', edsr, '-o', out)
    assert wrong.returncode == 2 and '--calibration DIR' in wrong.stderr and '--to dynamic' in wrong.stderr
    assert monolite('quantize', dm05, '-o', out, '--to', 'int4').returncode == 2
    assert monolite('quantize', dm05).returncode == 2
    already = monolite('quantize', dm05, '-o', out, '--to', 'int16x8', '--calibration', shared / 'images')
    assert already.returncode == 3 and 'integers already' in already.stderr
    (tmp_path / 'empty').mkdir()
    for folder in (tmp_path / 'empty', tmp_path / 'absent'):
        wrong = monolite('quantize', edsr, '-o', out, '--calibration', folder)
        assert wrong.returncode == 3 and str(folder) in wrong.stderr
    for flags in (['--calibration_method', 'median'], ['--percentile', '3'], ['--keep_float', 'CONV_2E']):
        wrong = monolite('quantize', shared / 'fixtures/deeplab_tiny_float/mlir.tflite', '-o', out, '--calibration',
                         shared / 'images/cat.jpg', *flags)
        assert wrong.returncode == 2, wrong.stderr
    assert 'did you mean "CONV_2D"' in wrong.stderr
    assert not out.exists()


# Float models: what is made has to run under LiteRT and to be near to the float model there.


def real_inputs(it, value):
    """The float picture as the interpreter's input takes it."""
    detail = it.get_input_details()[0]
    if detail['dtype'] == np.float32:
        return value
    scale, zero = detail['quantization']
    limits = np.iinfo(detail['dtype'])
    return np.clip(np.round(value / scale) + zero, limits.min, limits.max).astype(detail['dtype'])


def output_on(file, value, resolver):
    it = interpreter(file, resolver)
    it.set_tensor(it.get_input_details()[0]['index'], real_inputs(it, value))
    it.invoke()
    detail = it.get_output_details()[0]
    made = it.get_tensor(detail['index'])
    scale, zero = detail['quantization']
    return (made.astype(np.float32) - zero) * scale if scale else made


def scaled_picture(file, size):
    picture = Image.open(file).convert('RGB').resize(size, Image.BILINEAR)
    return (np.asarray(picture, np.float32)[None] - 127.5) / 127.5


@pytest.fixture(scope='module')
def classifier(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp('edgetpu')
    model = folder / 'float.tflite'
    model.write_bytes(lzma.open(shared / 'fixtures/mobilenet_edgetpu_224_1.0_float/float.tflite.xz').read())
    with zipfile.ZipFile(shared / 'data/imagenet_tiny.zip') as archive:
        archive.extractall(folder / 'pictures')
    return model, folder / 'pictures'


@pytest.mark.parametrize('to, inside, least_db', [('int8', np.int8, 15), ('uint8', np.uint8, 15), ('int16x8', np.int16, 22),
                                                  ('float16', np.float16, 45), ('dynamic', np.int8, 18)])
def test_a_float_classifier_keeps_its_answers(monolite, classifier, tmp_path, to, inside, least_db):
    model, pictures = classifier
    out = tmp_path / 'made.tflite'
    few = [] if to == 'int16x8' else ['--report_samples=2']  # asked for, layers are tried in float on slow kernels too
    done = monolite('quantize', model, '-o', out, '--to', to, '--calibration', pictures, *few, '--json')
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report['outputs'][0]['agreement'] == 1 and report['outputs'][0]['sqnr_db'] > least_db
    assert report['bytes']['after'] < (0.55 if to == 'float16' else 0.3) * report['bytes']['before']
    types = {d['dtype'] for d in interpreter(out).get_tensor_details()}
    assert inside in types and (to in ('float16', 'dynamic', 'int16x8') or np.float32 not in types)
    for resolver in (OpResolverType.BUILTIN_REF, OpResolverType.AUTO):
        for file in sorted(pictures.rglob('*.JPEG'))[:2]:
            x = scaled_picture(file, (224, 224))
            want, have = output_on(model, x, OpResolverType.AUTO), output_on(out, x, resolver)
            assert want.argmax() == have.argmax()
            assert 10 * np.log10((want**2).sum() / ((want - have)**2).sum()) > least_db - 5


@pytest.mark.parametrize('net', ['tiny', 'tiny_os8', 'tiny_plus'])
@pytest.mark.parametrize('to', ['int8', 'uint8', 'int16x8', 'float16', 'dynamic'])
def test_float_segmentation_under_litert_and_here(monolite, shared, tmp_path, net, to):
    model, out, fed = shared / f'fixtures/deeplab_{net}_float/mlir.tflite', tmp_path / 'made.tflite', tmp_path / 'x.npy'
    done = monolite('quantize', model, '-o', out, '--to', to, '--calibration', shared / 'images', '--json')
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report['outputs'][0]['label'] and report['outputs'][0]['agreement'] > 0.88  # random weights: hardly a margin
    x = scaled_picture(shared / 'images/cat.jpg', (65, 65))
    want = output_on(model, x, OpResolverType.AUTO)
    for resolver in (OpResolverType.BUILTIN_REF, OpResolverType.AUTO):
        assert np.mean(want == output_on(out, x, resolver)) > 0.85
    it = interpreter(out)
    np.save(fed, real_inputs(it, x))
    assert monolite('run', out, '--input', fed, '--dump-outputs', tmp_path / 'o').returncode == 0
    same = np.mean(np.load(tmp_path / 'o/0.npy') == output_on(out, x, OpResolverType.BUILTIN_REF))
    assert same == 1 if to in ('int8', 'uint8', 'int16x8') else same > 0.99


@pytest.mark.parametrize('to', ['int8', 'uint8', 'int16x8'])
@pytest.mark.parametrize('io, dtype', [('float32', np.float32), ('int8', np.int8), ('uint8', np.uint8)])
def test_a_float_model_gets_the_ends_that_were_asked_for(monolite, shared, tmp_path, to, io, dtype):
    model = shared / 'fixtures/saved_model/tf2_keras.tflite'
    sample, out = shared / 'fixtures/saved_model/tf2_keras_input.npy', tmp_path / 'made.tflite'
    done = monolite('quantize', model, '-o', out, '--to', to, '--io', io, '--calibration', sample, '--verify', sample)
    assert done.returncode == 0, done.stderr
    it = interpreter(out)
    assert it.get_input_details()[0]['dtype'] == dtype and it.get_output_details()[0]['dtype'] == dtype
    x = np.load(sample)
    want, have = output_on(model, x, OpResolverType.BUILTIN_REF), output_on(out, x, OpResolverType.BUILTIN_REF)
    assert np.abs(want - have).max() < 0.05


def test_layers_are_ranked_and_the_worst_can_stay_float(monolite, classifier, tmp_path):
    model, pictures = classifier
    out = tmp_path / 'mixed.tflite'
    base = ['quantize', model, '-o', out, '--calibration', pictures, '--json']
    report = json.loads(monolite(*base).stdout)
    own = [layer['own_sqnr_db'] for layer in report['layers']]
    assert own == sorted(own) and len(own) > 60
    assert [trial['keep_float'] for trial in report['trials']] == [1, 2, 4, 8]
    mixed = json.loads(monolite(*base, '--keep_float', '4').stdout)
    assert len(mixed['float_nodes']) == 4 and mixed['conversions'] > 0
    assert {n['index'] for n in mixed['float_nodes']} == {layer['index'] for layer in report['layers'][:4]}
    assert mixed['outputs'][0]['sqnr_db'] == pytest.approx(report['trials'][2]['outputs'][0]['sqnr_db'])
    x = scaled_picture(next(iter(sorted(pictures.rglob('*.JPEG')))), (224, 224))
    assert output_on(out, x, OpResolverType.BUILTIN_REF).argmax() == output_on(model, x, OpResolverType.AUTO).argmax()
    named = json.loads(monolite(*base, '--keep_float', 'SOFTMAX,' + report['layers'][0]['name']).stdout)
    assert {n['op'] for n in named['float_nodes']} == {'SOFTMAX', report['layers'][0]['op']}
    assert all(n['why'] == 'asked for' for n in named['float_nodes'])


def test_a_model_of_several_inputs_takes_a_folder_a_sample(monolite, shared, tmp_path):
    model, out = tmp_path / 'bert.tflite', tmp_path / 'int8.tflite'
    model.write_bytes(lzma.open(shared / 'fixtures/mobilebert_small/float.tflite.xz').read())
    details = interpreter(model).get_input_details()
    random = np.random.default_rng(1)
    for sample in range(3):
        (tmp_path / f'samples/{sample}').mkdir(parents=True)
        for i, d in enumerate(details):
            most = 1000 if d['name'].startswith('input_ids') else 2
            np.save(tmp_path / f'samples/{sample}/{i}.npy', random.integers(0, most, d['shape']).astype(np.int32))
    done = monolite('quantize', model, '-o', out, '--calibration', tmp_path / 'samples', '--json')
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report['calibrated_on'].startswith('3 folders') and report['integer_nodes'] > 100
    assert all(o['sqnr_db'] > 10 for o in report['outputs'])
    for resolver in (OpResolverType.BUILTIN_REF, OpResolverType.AUTO):
        pair = [interpreter(f, resolver) for f in (model, out)]
        for it in pair:
            for i, d in enumerate(it.get_input_details()):
                it.set_tensor(d['index'], np.load(tmp_path / f'samples/0/{i}.npy'))
            it.invoke()
        scale, zero = pair[1].get_output_details()[0]['quantization']
        want = pair[0].get_tensor(pair[0].get_output_details()[0]['index'])
        have = (pair[1].get_tensor(pair[1].get_output_details()[0]['index']).astype(np.float32) - zero) * scale
        assert np.corrcoef(want.ravel(), have.ravel())[0, 1] > 0.95
    wrong = monolite('quantize', model, '-o', out, '--calibration', shared / 'images')
    assert wrong.returncode == 3 and '3 files each' in wrong.stderr


def test_accuracy_on_labelled_data_before_and_after(monolite, tmp_path):
    net = ['--depth_multiplier=0.5', '--output_stride=16', '--decoder_output_stride=4', '--decoder_filters=48', '--crop_size=129,129']
    graph, model, out = tmp_path / 'float.pb', tmp_path / 'float.tflite', tmp_path / 'int8.tflite'
    assert monolite('export', f'--checkpoint_path={ROOT}/models/scenes/checkpoint_float', f'--export_path={graph}', *net).returncode == 0
    assert monolite('convert', f'--graph_def_file={graph}', '-o', model, '--output_arrays=ArgMax',
                    '--input_arrays=MobilenetV2/MobilenetV2/input').returncode == 0
    assert monolite('demo', '--out', tmp_path / 'demo').returncode == 0
    done = monolite('quantize', model, '-o', out, '--calibration', tmp_path / 'demo/scene.png', '--dataset=scenes',
                    '--split=test', '--eval_samples=60', '--json')
    assert done.returncode == 0, done.stderr
    accuracy = json.loads(done.stdout)['accuracy']
    before, after = accuracy['before'], accuracy['after']
    assert before['samples'] == after['samples'] == 60
    assert before['miou'] > 0.75 and abs(after['miou'] - before['miou']) < 0.01
    alone = json.loads(monolite('eval', 'segmentation', out, '--dataset=scenes', '--split=test', '--samples=60', '--json').stdout)
    assert alone['miou'] == after['miou']
    wrong = monolite('quantize', model, '-o', out, '--to', 'float16', '--images', tmp_path / 'absent', '--masks', tmp_path)
    assert wrong.returncode == 3 and 'absent' in wrong.stderr


def test_a_detectors_boxes_are_found_again(monolite, shared, tmp_path):
    model = tmp_path / 'ssd.tflite'
    model.write_bytes(lzma.open(shared / 'fixtures/ssd_mobilenet_v2_300_float/mlir.tflite.xz').read())
    shares = {}
    for to in ('int8', 'float16'):
        done = monolite('quantize', model, '-o', tmp_path / f'{to}.tflite', '--to', to, '--calibration', shared / 'images', '--json')
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        boxes = report['outputs'][0]
        shares[to] = boxes['boxes_found'] / boxes['boxes']
        if to == 'int8':
            assert [n['op'] for n in report['float_nodes']] == ['TFLite_Detection_PostProcess']
        for resolver in (OpResolverType.BUILTIN_REF, OpResolverType.AUTO):
            it = interpreter(tmp_path / f'{to}.tflite', resolver)
            x = scaled_picture(shared / 'images/cat.jpg', (300, 300))
            it.set_tensor(it.get_input_details()[0]['index'], real_inputs(it, x))
            it.invoke()
            assert it.get_tensor(it.get_output_details()[3]['index'])[0] == 10
    assert shares['float16'] > 0.85 and 0.5 < shares['int8'] <= shares['float16']  # random weights
    text = monolite('quantize', model, '-o', tmp_path / 'x.tflite', '--calibration', shared / 'images').stdout
    assert 'boxes found again' in text
