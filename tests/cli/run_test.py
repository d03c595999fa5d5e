"""The verb run, as a new user would try it: every kind of picture, every task, and what can go wrong."""
import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

DEEPLAB = 'models/coral/deeplabv3_mnv2_dm05_pascal_quant.tflite'
MOBILENET = 'models/coral/mobilenet_v2_1.0_224_quant.tflite'
SSD = 'models/detection/ssd_mobilenet_v1_300_uint8_postprocess.tflite'
EDSR = 'models/mlperf/edsr_f32b5_full_qint8.tflite'
CAT = 'images/cat.jpg'


@pytest.fixture
def run(monolite, shared):
    def go(model, *args):
        return monolite('run', shared / model, *args)
    return go


def report(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_segmentation_finds_the_cat_and_draws_it(run, shared, tmp_path):
    r = report(run(DEEPLAB, shared / CAT, '--overlay', tmp_path / 'o.png', '--mask', tmp_path / 'm.png', '--json'))
    assert r['task'] == 'segmentation' and r['labels_from'] == 'built in: PASCAL VOC'
    assert r['inputs'][0]['fed'].startswith('800x533 → 513x342 bilinear, pad 128')
    shares = {label['name']: label['share'] for label in r['labels']}
    assert shares['cat'] > 0.1 and abs(sum(shares.values()) - 1) < 1e-9
    mask = Image.open(tmp_path / 'm.png')
    assert mask.mode == 'P' and mask.size == (800, 533) and mask.getpalette()[24:27] == [64, 0, 0]
    assert {label['label']: label['pixels'] for label in r['labels']} == \
        dict(zip(*(a.tolist() for a in np.unique(np.asarray(mask), return_counts=True))))
    assert Image.open(tmp_path / 'o.png').size == (800, 533)


def test_what_was_fed_can_be_given_to_a_device(run, shared, tmp_path):
    run(DEEPLAB, shared / CAT, '--dump-inputs', tmp_path / 'in', '--dump-outputs', tmp_path / 'a')
    fed = np.load(tmp_path / 'in/0.npy')
    assert fed.shape == (1, 513, 513, 3) and fed.tobytes() == (tmp_path / 'in/0.bin').read_bytes()
    # As Pillow scales, at the top left; the rest is the mean.
    assert (fed[0, :342] == np.asarray(Image.open(shared / CAT).resize((513, 342), Image.BILINEAR))).all()
    assert (fed[0, 342:] == 128).all()
    for flags in (['--input', tmp_path / 'in/0.npy'], ['--raw', '--input', tmp_path / 'in/0.bin'],
                  ['--input', f'MobilenetV2/MobilenetV2/input={tmp_path}/in/0.npy']):
        assert run(DEEPLAB, *flags, '--dump_outputs', tmp_path / 'b').returncode == 0
        assert (np.load(tmp_path / 'a/0.npy') == np.load(tmp_path / 'b/0.npy')).all()


def test_classification_knows_the_models_own_labels(run, shared):
    r = report(run(MOBILENET, shared / 'images/grace_hopper.bmp', '--top', 3, '--json'))
    assert r['task'] == 'classification' and r['labels_from'].startswith("the model's ")
    assert len(r['classes']) == 3 and r['classes'][0]['name'] == 'military uniform'
    assert 'crop 448x448' in r['inputs'][0]['fed']


def test_detection_draws_boxes_inside_of_the_picture(run, shared, tmp_path):
    flags = ['--min_score', 0.4, '--overlay', tmp_path / 'o.png', '--dump_outputs', tmp_path / 'out', '--json']
    r = report(run(SSD, shared / 'images/grace_hopper.bmp', *flags))
    assert r['task'] == 'detection'
    scores = np.load(tmp_path / 'out/2.npy')[0]
    assert [b['score'] for b in r['boxes']] == sorted((float(s) for s in scores if s >= 0.4), reverse=True) != []
    for b in r['boxes']:
        left, top, right, bottom = b['box']
        assert 0 <= left < right <= 512 and 0 <= top < bottom <= 600
    assert Image.open(tmp_path / 'o.png').size == (512, 600)


def test_detection_knows_coco(run, shared):
    r = report(run('fixtures/ssd_mobilenet_v2_300_qat/toco.tflite', shared / 'images/grace_hopper.bmp', '--min_score', 0, '--json'))
    assert r['task'] == 'detection' and r['labels_from'] == 'built in: COCO'


def test_super_resolution_enlarges_the_picture(run, shared, tmp_path):
    Image.open(shared / CAT).resize((96, 64)).save(tmp_path / 'small.png')
    done = run(EDSR, tmp_path / 'small.png', '--overlay', tmp_path / 'o.png')
    assert done.returncode == 0 and 'a picture of 192x128' in done.stdout
    large = np.asarray(Image.open(tmp_path / 'o.png').convert('RGB').resize((96, 64), Image.BOX)).astype(int)
    assert np.abs(large - np.asarray(Image.open(tmp_path / 'small.png')))[4:-4, 4:-4].mean() < 4


def sixteen_bits(path, picture):
    a = np.asarray(picture).astype('>u2') * 257
    rows = b''.join(b'\0' + row.tobytes() for row in a)
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    header = struct.pack('>IIBBBBB', a.shape[1], a.shape[0], 16, 2, 0, 0, 0)
    path.write_bytes(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def test_every_kind_of_picture_is_the_same_picture(run, shared, tmp_path):
    cat = Image.open(shared / CAT).convert('RGB').resize((160, 120))
    turned = Image.Exif()
    turned[274] = 6  # the camera lay on its side
    cat.save(tmp_path / 'rgb.png')
    cat.save(tmp_path / 'rgb.bmp')
    cat.convert('RGBA').save(tmp_path / 'rgba.png')
    cat.save(tmp_path / 'good.jpg', quality=100, subsampling=0)
    cat.convert('CMYK').save(tmp_path / 'cmyk.jpg', quality=100)
    cat.rotate(90, expand=True).save(tmp_path / 'exif.jpg', quality=100, subsampling=0, exif=turned)
    sixteen_bits(tmp_path / 'deep.png', cat)
    for kind, tolerance in {'rgb.png': 0, 'rgb.bmp': 0, 'rgba.png': 0, 'deep.png': 0, 'good.jpg': 3, 'exif.jpg': 3, 'cmyk.jpg': 5}.items():
        done = run(MOBILENET, tmp_path / kind, '--resize=stretch', '--dump-inputs', tmp_path / kind.replace('.', '_'))
        assert done.returncode == 0, done.stderr
        fed = np.load(tmp_path / kind.replace('.', '_') / '0.npy').astype(int)
        want = np.asarray(cat.resize((224, 224), Image.BILINEAR)).astype(int)
        assert np.abs(fed[0] - want).mean() <= tolerance, kind


@pytest.mark.parametrize('size', [(1, 1), (1, 3000), (7680, 5210)])
def test_any_size_of_picture(run, tmp_path, size):
    Image.new('L', size, 200).save(tmp_path / 'grey.png')
    done = run(DEEPLAB, tmp_path / 'grey.png', '--overlay', tmp_path / 'o.png', '--mask', tmp_path / 'm.png')
    assert done.returncode == 0, done.stderr
    assert Image.open(tmp_path / 'm.png').size == size and Image.open(tmp_path / 'o.png').size == size


def test_a_label_file_names_the_labels(run, shared, tmp_path):
    (tmp_path / 'l.txt').write_text('\n'.join(['nothing'] + [f'thing {i}' for i in range(1, 21)]))
    r = report(run(DEEPLAB, shared / CAT, '--labels', tmp_path / 'l.txt', '--json'))
    assert 'thing 8' in {label['name'] for label in r['labels']}


def test_wrong_use_says_what_to_do(run, monolite, shared, tmp_path):
    def said(done, code, *words):
        assert done.returncode == code, (done.returncode, done.stderr)
        for word in words:
            assert word in done.stderr, done.stderr
    said(monolite('run'), 2, 'MODEL')
    said(run(DEEPLAB), 2, 'monolite run MODEL IMAGE')
    said(run(DEEPLAB, 'none.jpg'), 3, 'none.jpg', 'No such file')
    said(run(DEEPLAB, tmp_path), 3, 'a directory')
    said(run(DEEPLAB, shared / DEEPLAB), 3, 'a .tflite model', 'PNG, JPEG, BMP')
    said(run(DEEPLAB, shared / CAT, '--overlai', 'x.png'), 2, 'did you mean --overlay')
    said(run(DEEPLAB, shared / CAT, '--backend', 'gpu'), 2, 'fast or reference')
    said(run(DEEPLAB, shared / CAT, '--task', 'cooking'), 2, 'super-resolution')
    said(run(DEEPLAB, shared / CAT, '--task', 'super-resolution'), 3, 'outputs 1x513x513')
    said(run(DEEPLAB, shared / CAT, '--resize', 'tile'), 2, 'fit, stretch, crop or pad')
    said(run(DEEPLAB, shared / CAT, '--labels', 'none.txt'), 3, 'none.txt')
    said(run(DEEPLAB, '--input', f'imagee={shared / CAT}'), 2, 'no input "imagee"')
    said(run(DEEPLAB, shared / CAT, shared / CAT), 2)
    said(run(DEEPLAB, '--input', shared / CAT, '--input', shared / CAT), 2, '2 files')
    said(run(MOBILENET, shared / CAT, '--mask', tmp_path / 'm.png'), 2, 'a segmentation model')
    said(run(DEEPLAB, shared / CAT, '--overlay', tmp_path / 'no/o.png'), 3, 'folder exists')


def test_wrong_arrays_say_what_the_model_takes(run, tmp_path):
    def with_array(array):
        np.save(tmp_path / 'x.npy', array)
        return run(DEEPLAB, '--input', tmp_path / 'x.npy')
    assert 'array.astype(numpy.uint8)' in with_array(np.zeros((1, 513, 513, 3), np.float32)).stderr
    assert '1x513x513x3' in with_array(np.zeros((1, 512, 512, 3), np.uint8)).stderr
    assert 'ascontiguousarray' in with_array(np.asfortranarray(np.zeros((1, 513, 513, 3), np.uint8))).stderr
    assert with_array(np.zeros((513, 513, 3), np.uint8)).returncode == 0
    (tmp_path / 'x.bin').write_bytes(b'abc')
    assert '789507 bytes' in run(DEEPLAB, '--raw', '--input', tmp_path / 'x.bin').stderr


def test_a_broken_picture_is_refused(run, shared, tmp_path):
    whole = (shared / CAT).read_bytes()
    (tmp_path / 'cut.jpg').write_bytes(whole[:len(whole) // 2])
    done = run(DEEPLAB, tmp_path / 'cut.jpg')
    assert done.returncode == 3 and 'cut.jpg' in done.stderr and 'Premature end' in done.stderr


def test_models_of_other_kinds_show_their_outputs(run, shared):
    done = run('fixtures/mobilebert_small/int8.tflite', shared / CAT)
    assert done.returncode == 3 and 'give this input as a .npy file' in done.stderr


CONSTANT = '''{"monolite_text": 1, "version": 3, "description": "", "signatures": [], "graphs": [{"name": "", "inputs": [], "outputs": [1],
"debug_metadata_index": -1,
"nodes": [{"op": "NEG", "code": 59, "version": 1, "inputs": [0], "outputs": [1], "options": {"table": "NegOptions", "values": {}}}],
"tensors": [
{"name": "x", "dtype": 0, "shape": [2], "quantization": {"scale": [], "zero_point": [], "dimension": 0, "min": [], "max": []},
 "data": {"base64": "AACAPwAAAEA="}},
{"name": "y", "dtype": 0, "shape": [2], "quantization": {"scale": [], "zero_point": [], "dimension": 0, "min": [], "max": []}}]}],
"metadata": [], "unnamed_metadata": [], "external_buffer_groups": [], "external_buffers": [], "buffers_outside": false,
"associated_files": {"base64": ""}}'''


def test_a_model_without_inputs_runs_alone(monolite, tmp_path):
    (tmp_path / 'text').write_text(CONSTANT)
    model = tmp_path / 'constant.tflite'
    assert monolite('build', tmp_path / 'text', '-o', model).returncode == 0
    assert monolite('run', model, '--dump_outputs', tmp_path / 'out').returncode == 0
    assert np.load(tmp_path / 'out/0.npy').tolist() == [-1, -2]
    np.save(tmp_path / 'x.npy', np.zeros(2, np.float32))
    refused = monolite('run', model, '--input', tmp_path / 'x.npy')
    assert refused.returncode == 3 and 'a model without inputs' in refused.stderr
