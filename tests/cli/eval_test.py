"""`monolite eval segmentation` beside the same figures by numpy, from labels that LiteRT gave; data sets made here."""
import json

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from conftest import ROOT
from PIL import Image

MODEL = ROOT / 'models/scenes/scenes_uint8.tflite'
SIZE, CLASSES, COUNT = 129, 8, 6


def save_mask(labels, path):
    """As a palette PNG: the pixels are the labels."""
    made = Image.fromarray(labels.astype(np.uint8)).convert('P')
    made.putdata(labels.astype(np.uint8).ravel().tolist())
    made.putpalette([(37 * i + c * 91) % 256 for i in range(256) for c in range(3)])
    made.save(path)


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    """Blurred noise in several sizes, with blocky labels in which nothing is right but by chance, and ignored ones."""
    root, random = tmp_path_factory.mktemp('eval'), np.random.default_rng(5)
    for folder in ('images', 'masks', 'crops', 'own'):
        (root / folder).mkdir()
    for i in range(COUNT):
        w, h = [(129, 129), (200, 120), (90, 150), (64, 64), (333, 129), (129, 100)][i]
        blocks = lambda low, high, shape: np.kron(random.integers(low, high, shape), np.ones((16, 16) + (1,) * (len(shape) - 2), int))
        Image.fromarray(blocks(0, 256, (h // 16 + 1, w // 16 + 1, 3))[:h, :w].astype(np.uint8)).save(root / f'images/p{i}.png')
        labels = blocks(0, CLASSES + 1, (h // 16 + 1, w // 16 + 1))[:h, :w]
        save_mask(np.where(labels == CLASSES, 255, labels), root / f'masks/p{i}.png')
    return root


def litert(picture, resize):
    """The model's labels for a picture, and the part of the 129x129 that the picture has."""
    it = Interpreter(str(MODEL), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    w, h = picture.size
    scale = SIZE / max(w, h)
    if resize == 'pad' and max(w, h) <= SIZE:
        scale = 1
    size = (SIZE, SIZE) if resize == 'stretch' else (round(w * scale), round(h * scale))
    # Rows first: Pillow 13 takes columns first where that is less work, which rounds otherwise.
    fed = np.full((SIZE, SIZE, 3), 128, np.uint8)
    fed[:size[1], :size[0]] = np.array(picture.resize((size[0], h), Image.BILINEAR).resize(size, Image.BILINEAR))
    it.set_tensor(it.get_input_details()[0]['index'], fed[None])
    it.invoke()
    return it.get_tensor(it.get_output_details()[0]['index'])[0], size


def nearest(array, width, height):
    """Pixel centres half a pixel in."""
    rows = np.floor((np.arange(height) + 0.5) * array.shape[0] / height).astype(int)
    columns = np.floor((np.arange(width) + 0.5) * array.shape[1] / width).astype(int)
    return array[rows][:, columns]


def figures(pairs, classes=CLASSES, ignore=255):
    confusion = np.zeros((classes, classes + 1), np.int64)
    for labels, predicted in pairs:
        counts = labels != ignore
        np.add.at(confusion, (labels[counts], np.minimum(predicted[counts], classes)), 1)
    right, rows, columns = np.diag(confusion), confusion.sum(1), confusion.sum(0)[:classes]
    union = rows + columns - right
    iou = [r / u for r, u in zip(right.tolist(), union.tolist()) if u]
    return confusion, iou, sum(iou) / len(iou), right.sum() / confusion.sum()


def agree(done, wanted):
    assert done.returncode == 0, done.stderr
    got, (confusion, iou, miou, accuracy) = json.loads(done.stdout), wanted
    assert np.array_equal(got['confusion'], confusion)
    assert [c['iou'] for c in got['classes'] if c['iou'] is not None] == iou
    assert got['miou'] == miou and got['pixel_accuracy'] == accuracy
    return got


@pytest.mark.parametrize('resize', ['fit', 'stretch', 'pad'])
@pytest.mark.parametrize('in_crop', [False, True])
def test_figures_equal_numpys_to_the_last_digit(monolite, data, resize, in_crop):
    pairs = []
    for i in range(COUNT):
        labels = np.array(Image.open(data / f'masks/p{i}.png'))
        predicted, (w, h) = litert(Image.open(data / f'images/p{i}.png'), resize)
        predicted = predicted[:h, :w]
        pairs.append((nearest(labels, w, h), predicted) if in_crop else (labels, nearest(predicted, labels.shape[1], labels.shape[0])))
    for threads in (1, 3):
        done = monolite('eval', 'segmentation', MODEL, '--images', data / 'images', '--masks', data / 'masks', '--resize', resize,
                        f'--in_crop={in_crop}', '--num_threads', threads, '--json')
        got = agree(done, figures(pairs))
    assert got['samples'] == COUNT and got['num_classes'] == CLASSES


def test_predictions_of_a_device_in_the_models_size_or_the_pictures_own(monolite, data):
    pairs = []
    for i in range(COUNT):
        labels = np.array(Image.open(data / f'masks/p{i}.png'))
        predicted, (w, h) = litert(Image.open(data / f'images/p{i}.png'), 'fit')
        own = nearest(predicted[:h, :w], labels.shape[1], labels.shape[0])
        pairs.append((labels, own))
        np.save(data / f'crops/p{i}.npy', predicted[None] if i % 2 else np.eye(CLASSES, dtype=np.float32)[predicted])
        save_mask(own, data / f'own/p{i}.png')
        for folder, array in (('raw', predicted.astype('<i8')), ('raw4', predicted.astype('<i4')), ('raw1', own.astype(np.uint8))):
            (data / folder).mkdir(exist_ok=True)
            array.tofile(data / f'{folder}/p{i}.raw')
    for folder in ('crops', 'own', 'raw', 'raw4', 'raw1'):
        agree(monolite('eval', 'segmentation', '--predictions', data / folder, '--images', data / 'images', '--masks', data / 'masks',
                       '--num_classes', CLASSES, '--json'), figures(pairs))


def test_labels_get_other_numbers(monolite, data):
    table, pairs = np.array([0, 0, 1, 1, 2, 2, 255, 255] + [255] * 248), []
    for i in range(COUNT):
        labels = np.array(Image.open(data / f'masks/p{i}.png'))
        pairs.append((table[labels], table[np.array(Image.open(data / f'masks/p{(i + 1) % COUNT}.png').resize(labels.shape[::-1], Image.NEAREST))]))
        (data / 'mapped').mkdir(exist_ok=True)
        save_mask(pairs[-1][1], data / f'mapped/p{i}.png')
    agree(monolite('eval', 'segmentation', '--predictions', data / 'mapped', '--images', data / 'images', '--masks', data / 'masks',
                   '--num_classes=3', '--label_map', '0=0,1=0,2=1,3=1,4=2,5=2,*=ignore', '--json'), figures(pairs, 3))


def test_a_label_out_of_range_is_named(monolite, data):
    done = monolite('eval', 'segmentation', MODEL, '--images', data / 'images', '--masks', data / 'masks', '--num_classes=5')
    assert done.returncode == 3
    assert 'p0.png' in done.stderr and '0 to 4, or 255' in done.stderr and '--label_map' in done.stderr


def test_a_picture_without_a_prediction_is_named(monolite, data, tmp_path):
    done = monolite('eval', 'segmentation', '--predictions', tmp_path, '--images', data / 'images', '--masks', data / 'masks', '--num_classes=8')
    assert done.returncode == 3 and 'p0.png' in done.stderr and 'no prediction' in done.stderr


def test_checkpoint_and_graph_are_measured_and_agree_with_the_integer_model(monolite, tmp_path):
    net = ['--depth_multiplier=0.5', '--output_stride=16', '--decoder_output_stride=4', '--decoder_filters=48', '--quantize_delay_step=0']
    checkpoint, graph, data = ROOT / 'models/scenes/checkpoint_qat', tmp_path / 'graph.pb', ['--dataset=scenes', '--samples=40', '--json']
    assert monolite('export', f'--checkpoint_path={checkpoint}', f'--export_path={graph}', '--crop_size=129,129', *net).returncode == 0
    by = {'checkpoint': monolite('eval', 'segmentation', checkpoint, '--eval_crop_size=129,129', *net, *data), 'graph': monolite('eval', 'segmentation', graph, *data),
          'integer': monolite('eval', 'segmentation', MODEL, *data)}
    got = {name: json.loads(done.stdout) for name, done in by.items()}
    assert got['checkpoint']['confusion'] == got['graph']['confusion']
    assert abs(got['graph']['miou'] - got['integer']['miou']) < 0.005 and got['integer']['miou'] > 0.75


def test_several_views_of_a_checkpoint_are_those_of_its_export(monolite, tmp_path):
    net = ['--depth_multiplier=0.5', '--output_stride=16', '--decoder_output_stride=4']
    checkpoint, graph, data = ROOT / 'models/scenes/checkpoint_float', tmp_path / 'views.pb', ['--dataset=scenes', '--samples=6', '--json']
    done = monolite('export', f'--checkpoint_path={checkpoint}', f'--export_path={graph}', '--crop_size=129,129', *net, '--inference_scales=0.75,1.25', '--add_flipped_images')
    assert done.returncode == 0, done.stderr
    views = ['--eval_scales=0.75', '--eval_scales=1.25', '--add_flipped_images']
    got = [json.loads(monolite('eval', 'segmentation', *words, *data).stdout)['confusion']
           for words in ([checkpoint, '--eval_crop_size=129,129', *net, *views], [graph], [checkpoint, '--eval_crop_size=129,129', *net])]
    assert got[0] == got[1] and got[0] != got[2]
    done = monolite('eval', 'segmentation', MODEL, '--dataset=scenes', '--samples=1', *views)
    assert done.returncode == 2 and '--inference_scales' in done.stderr


def test_text_picture_and_bar(monolite, tmp_path):
    picture = tmp_path / 'confusion.png'
    done = monolite('eval', 'segmentation', MODEL, '--dataset=scenes', '--samples=5', '--picture', picture, '--min_miou=0.99')
    assert done.returncode == 1 and 'below 0.99' in done.stderr
    assert 'mIoU ' in done.stdout and 'vegetation' in done.stdout and 'label 255 ignored' in done.stdout
    assert Image.open(picture).size[0] > 400


def test_a_model_for_something_else_is_refused(monolite, shared):
    for file in ('mlperf/edsr_f32b5_fp32.tflite', 'mlperf/mobilenet_edgetpu_224_1.0_uint8.tflite'):
        model = shared / 'models' / file
        assert model.exists()
        done = monolite('eval', 'segmentation', model, '--dataset=scenes', '--samples=1')
        assert done.returncode == 3 and 'a model for ' in done.stderr, done.stderr


@pytest.mark.parametrize('words, said', [([], 'TASK'), (['classification'], 'segmentation'), (['segmentation'], 'MODEL, or --predictions'),
                                         (['segmentation', MODEL], '--dataset'), (['segmentation', MODEL, '--dataset=scenes', '--split=dev'], 'train, val or test')])
def test_wrong_usage(monolite, words, said):
    done = monolite('eval', *words)
    assert done.returncode == 2 and said in done.stderr
