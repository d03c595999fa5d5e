"""Reshaped models beside the ones that were exported for the size, or beside themselves picture by picture, under LiteRT."""
import itertools
import lzma

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

PASCAL = ['513_os8', '513_os16', '257_os8', '257_os16']


def run(file, x):
    it = Interpreter(model_path=str(file), num_threads=2,
                     experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    it.allocate_tensors()
    detail = it.get_input_details()[0]
    assert list(detail['shape']) == list(x.shape)
    it.set_tensor(detail['index'], x.astype(detail['dtype']))
    it.invoke()
    return [it.get_tensor(o['index']) for o in it.get_output_details()]


def picture(shared, name, height, width):
    return np.array(Image.open(shared / 'images' / name).convert('RGB').resize((width, height)))[None]


@pytest.mark.parametrize('source,target', list(itertools.permutations(PASCAL, 2)))
def test_equals_the_export_for_that_size(monolite, shared, tmp_path, source, target):
    model = 'models/deeplab_nnapi/deeplabv3_mnv2_pascal_{}_quant.tflite'
    size, stride = target.split('_os')
    out = tmp_path / 'out.tflite'
    made = monolite('reshape', shared / model.format(source), '-o', out, '--crop_size', size, '--output_stride', stride)
    assert made.returncode == 0, made.stderr
    x = picture(shared, 'cat.jpg', int(size), int(size))
    assert np.array_equal(run(out, x)[0], run(shared / model.format(target), x)[0])


@pytest.mark.parametrize('model,size', [('models/deeplab_nnapi/deeplabv3_mnv2_pascal_257_os16_quant.tflite', 257),
                                        ('models/detection/ssd_mobilenet_v1_300_uint8_postprocess.tflite', 300),
                                        ('models/mlperf/mobilenet_edgetpu_224_1.0_uint8.tflite', 224)])
def test_each_picture_of_a_batch_has_its_own_result(monolite, shared, tmp_path, model, size):
    out = tmp_path / 'out.tflite'
    made = monolite('reshape', shared / model, '-o', out, '--batch=2')
    assert made.returncode == 0, made.stderr
    x = np.concatenate([picture(shared, name, size, size) for name in ('cat.jpg', 'dog_segmentation.bmp')])
    together = run(out, x)
    for i in range(2):
        for whole, alone in zip(together, run(shared / model, x[i:i + 1])):
            assert np.array_equal(whole[i], alone.reshape(whole[i].shape))


def test_keep_samples_where_the_model_was_trained_to(monolite, shared, tmp_path):
    model = shared / 'models/coral/deeplabv3_mnv2_pascal_quant.tflite'
    cat = Image.open(shared / 'images/cat.jpg').convert('RGB')
    small = np.array(cat.resize((513, round(cat.height * 513 / cat.width)), Image.BILINEAR))

    def labels(file, height, width):
        frame = np.full((1, height, width, 3), 128, np.uint8)
        frame[0, :small.shape[0], :small.shape[1]] = small
        return run(file, frame)[0][0][:small.shape[0], :small.shape[1]]

    trained = labels(model, 513, 513)
    share = {}
    for geometry in ('keep', 'tensorflow'):
        out = tmp_path / f'{geometry}.tflite'
        made = monolite('reshape', model, '-o', out, '--crop_size=384,640', f'--geometry={geometry}')
        assert made.returncode == 0, made.stderr
        assert ('moves by 15 rows and 15 columns' in made.stderr) == (geometry == 'tensorflow')
        share[geometry] = (labels(out, 384, 640) != trained).sum() / (trained > 0).sum()
    assert share['keep'] < 0.01 < 0.1 < share['tensorflow']


def test_dilations_spelled_as_batches_follow_as_dilations(monolite, shared, tmp_path):
    older, newer = tmp_path / 'toco.tflite', tmp_path / 'mlir.tflite'
    for file in (older, newer):
        file.write_bytes(lzma.open(shared / f'fixtures/deeplab_tiny_float/{file.name}.xz').read()
                         if (shared / f'fixtures/deeplab_tiny_float/{file.name}.xz').exists()
                         else (shared / f'fixtures/deeplab_tiny_float/{file.name}').read_bytes())
    results = []
    for file in (older, newer):
        out = tmp_path / f'out_{file.name}'
        made = monolite('reshape', file, '-o', out, '--crop_size=97', '--output_stride=8')
        assert made.returncode == 0, made.stderr
        results.append(run(out, picture(shared, 'cat.jpg', 97, 97) / 127.5 - 1)[0])
    assert (results[0] != results[1]).mean() < 0.001


@pytest.mark.parametrize('size', [(320, 320), (300, 400)])
def test_a_detector_at_another_size_finds_what_it_found(monolite, shared, tmp_path, size):
    model = shared / 'models/detection/ssd_mobilenet_v1_300_uint8_postprocess.tflite'
    out = tmp_path / 'out.tflite'
    made = monolite('reshape', model, '-o', out, f'--crop_size={size[0]},{size[1]}')
    assert made.returncode == 0, made.stderr
    boxes = run(out, picture(shared, 'cat.jpg', *size))[0]
    assert boxes.shape == (1, 100, 4) and np.isfinite(boxes).all()
