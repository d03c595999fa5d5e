"""Each known fault is made here, with LiteRT, numpy and Pillow; `monolite diagnose` has to name it."""
import json

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from flatbuffers import Builder
from PIL import Image

SIZE, RIGHT, PAD = 513, 'the model as it is', 128


@pytest.fixture(scope='module')
def model(shared):
    return shared / 'models/coral/deeplabv3_mnv2_dm05_pascal_quant.tflite'


@pytest.fixture(scope='module')
def picture(shared):
    return Image.open(shared / 'images/cat.jpg').convert('RGB')


def run(content, value):
    it = Interpreter(model_content=content, experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    it.allocate_tensors()
    it.set_tensor(it.get_input_details()[0]['index'], value[None].astype(np.uint8))
    it.invoke()
    return it.get_tensor(it.get_output_details()[0]['index'])[0]


def with_resize(content, align_corners, half_pixel):
    made = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    for node in made.subgraphs[0].operators:
        if node.builtinOptionsType == schema.BuiltinOptions.ResizeBilinearOptions:
            node.builtinOptions.alignCorners, node.builtinOptions.halfPixelCenters = align_corners, half_pixel
    b = Builder(1 << 20)
    b.Finish(made.Pack(b), b'TFL3')
    return bytes(b.Output())


def fitted(picture, pad=PAD, top_left=True):
    scale = SIZE / max(picture.size)
    small = np.array(picture.resize([round(n * scale) for n in picture.size], Image.BILINEAR))
    made = np.full((SIZE, SIZE, 3), pad, np.uint8)
    y, x = (0, 0) if top_left else ((SIZE - small.shape[0]) // 2, (SIZE - small.shape[1]) // 2)
    made[y:y + small.shape[0], x:x + small.shape[1]] = small
    return made


def stretched(picture, box=None):
    return np.array(picture.resize((SIZE, SIZE), Image.BILINEAR, box=box))


def moved(mask, down, right):
    rows = np.clip(np.arange(SIZE) - down, 0, SIZE - 1)
    columns = np.clip(np.arange(SIZE) - right, 0, SIZE - 1)
    return mask[rows][:, columns]


def middle_square(picture):
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return stretched(picture.crop((left, top, left + side, top + side)))


FAULTS = {
    'no fault': lambda m, p: run(m, fitted(p)),
    'align_corners is ignored': lambda m, p: run(with_resize(m, False, False), fitted(p)),
    'half-pixel centres': lambda m, p: run(with_resize(m, False, True), fitted(p)),
    'stretched instead of fitted': lambda m, p: run(m, stretched(p)),
    'BGR instead of RGB': lambda m, p: run(m, fitted(p)[..., ::-1]),
    'pixels scaled to 0..1': lambda m, p: run(m, np.clip(np.round(fitted(p) / 255 / 0.0078125) + 128, 0, 255)),
    'pixels scaled to 0..1, then cut to integers': lambda m, p: run(m, np.trunc(fitted(p) / 255)),
    'bytes moved by 128': lambda m, p: run(m, fitted(p) ^ 128),
    'bytes 128 too high, saturated': lambda m, p: run(m, np.minimum(fitted(p).astype(int) + 128, 255)),
    'padded with black': lambda m, p: run(m, fitted(p, pad=0)),
    'padded on all sides': lambda m, p: run(m, fitted(p, top_left=False)),
    'sides transposed before the model': lambda m, p: run(m, fitted(p.transpose(Image.Transpose.TRANSPOSE))),
    'mask transposed': lambda m, p: run(m, fitted(p)).T,
    'the middle square': lambda m, p: run(m, middle_square(p)),
    'labels one too high': lambda m, p: run(m, fitted(p)) + 1,
    'shifted by 5 pixels down and -3 right': lambda m, p: moved(run(m, fitted(p)), 5, -3),
}


def diagnose(monolite, model, shared, mask, file, *more):
    np.save(file, np.ascontiguousarray(mask.astype(np.int64))[None])
    done = monolite('diagnose', model, shared / 'images/cat.jpg', file, '--json', *more)
    assert done.returncode in (0, 1), done.stderr
    return done, json.loads(done.stdout)


@pytest.mark.parametrize('fault', FAULTS)
def test_names_the_fault(fault, monolite, model, picture, shared, tmp_path):
    mask = FAULTS[fault](model.read_bytes(), picture)
    done, report = diagnose(monolite, model, shared, mask, tmp_path / 'mask.npy')
    best = report['explanations'][0]
    assert done.returncode == 0 and report['explained'], report
    # Where a fault leaves nothing of the picture, several leave the same.
    equals = [e['faults'] for e in report['explanations'] if e['unexplained'] == best['unexplained']]
    named = [[name[:len(fault)] for name in faults] for faults in equals]
    assert ([] if fault == 'no fault' else [fault]) in named, best
    assert len(best['faults']) <= 1, best
    assert best['unexplained'] <= 0.01 * report['pixels']


def test_names_two_at_once(monolite, model, picture, shared, tmp_path):
    mask = run(model.read_bytes(), stretched(picture)[..., ::-1])
    _, report = diagnose(monolite, model, shared, mask, tmp_path / 'mask.npy')
    assert sorted(report['explanations'][0]['faults']) == ['BGR instead of RGB', 'stretched instead of fitted']


def test_reads_a_png_of_the_pictures_size_and_raw_bytes(monolite, model, picture, shared, tmp_path):
    mask = run(model.read_bytes(), fitted(picture))
    rows, columns = (round(n * SIZE / max(picture.size)) for n in (picture.height, picture.width))
    png, raw = tmp_path / 'mask.png', tmp_path / 'mask.raw'
    Image.fromarray(mask[:rows, :columns].astype(np.uint8)).resize(picture.size, Image.NEAREST).save(png)
    mask.astype(np.int64).tofile(raw)
    for file in (png, raw):
        done = monolite('diagnose', model, shared / 'images/cat.jpg', file, '--json')
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert report['explanations'][0]['faults'] == [] and report['differing'] <= 0.005 * report['pixels'], file


def test_says_when_it_does_not_know(monolite, model, shared, tmp_path):
    noise = np.random.default_rng(0).integers(0, 21, (SIZE, SIZE))
    done, report = diagnose(monolite, model, shared, noise, tmp_path / 'mask.npy')
    assert done.returncode == 1 and not report['explained']
    short = tmp_path / 'short.raw'
    short.write_bytes(b'123')
    wrong = monolite('diagnose', model, shared / 'images/cat.jpg', short)
    assert wrong.returncode == 3 and '3 bytes' in wrong.stderr
    other = shared / 'models/coral/mobilenet_v2_1.0_224_quant.tflite'
    assert monolite('diagnose', other, shared / 'images/cat.jpg', short).returncode == 3
