"""`monolite dataset`: a user's own pictures and masks become a data set; TFRecords beside a reader and writer of a few lines."""
import json
import struct

import numpy as np
import pytest
from PIL import Image

COLORS = {'road': (10, 20, 30), 'sky': (40, 50, 60), 'tree': (70, 80, 90)}
TABLE = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    TABLE.append(number)


def masked_crc(data):
    crc = 0xffffffff
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xffffffff
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff


def framed(record):
    length = struct.pack('<Q', len(record))
    return length + struct.pack('<I', masked_crc(length)) + record + struct.pack('<I', masked_crc(record))


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def example(**features):
    return field(1, b''.join(field(1, field(1, name.replace('__', '/').encode()) + field(2, field(1, field(1, value)))) for name, value in features.items()))


def fields(data):
    at = 0
    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value
    while at < len(data):
        tag = number()
        assert tag & 7 == 2
        size = number()
        yield tag >> 3, data[at:at + size]
        at += size


def read_examples(path):
    data = path.read_bytes()
    while data:
        size = struct.unpack('<Q', data[:8])[0]
        record, data = data[12:12 + size], (lambda rest: rest)(data[16 + size:]) if framed(data[12:12 + size]) == data[:16 + size] else pytest.fail('checksums')
        found = {}
        for _, features in fields(record):
            for _, entry in fields(features):
                parts = dict(fields(entry))
                kind, values = next(fields(parts[2]))
                found[parts[1].decode()] = next(fields(values))[1]
        yield found


@pytest.fixture(scope='module')
def own(tmp_path_factory):
    """Twelve pictures of bands, with colour masks."""
    root, random = tmp_path_factory.mktemp('own'), np.random.default_rng(2)
    for folder in ('photos', 'masks'):
        (root / folder).mkdir()
    for i in range(12):
        labels = np.repeat(np.arange(3), 16)[:, None].repeat(40, 1)
        labels = np.roll(labels, int(random.integers(0, 48)), 0)
        colors = np.array(list(COLORS.values()), np.uint8)[labels]
        Image.fromarray(colors).save(root / f'masks/p{i:02}.png')
        noisy = np.clip(colors.astype(int) * 2 + random.integers(-20, 20, colors.shape), 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(root / f'photos/p{i:02}.png')
    (root / 'labels.txt').write_text(''.join(f'{name} {r} {g} {b}\n' for name, (r, g, b) in COLORS.items()))
    return root


def make(monolite, own, to, *flags):
    return monolite('dataset', 'make', '--images', own / 'photos', '--masks', own / 'masks', '--labels', own / 'labels.txt', '--val_share=0.25', *flags,
                    '-o', to)


@pytest.fixture(scope='module')
def made(monolite, own, tmp_path_factory):
    to = tmp_path_factory.mktemp('made') / 'set'
    done = make(monolite, own, to, '--json')
    assert done.returncode == 0, done.stderr
    return to, json.loads(done.stdout)


def test_masks_of_colours_become_labels(own, made):
    folder, said = made
    assert [c['name'] for c in said['classes']] == list(COLORS) and sum(said['splits'].values()) == 12
    assert all(c['pixels'] == 12 * 16 * 40 and c['pictures'] == 12 for c in said['classes'])
    described = json.loads((folder / 'dataset.json').read_text())
    assert [tuple(c['color']) for c in described['classes']] == list(COLORS.values())
    for split in described['splits'].values():
        for pair in split:
            labels, colors = np.array(Image.open(folder / pair['mask'])), np.array(Image.open(own / 'masks' / pair['mask'].split('/')[1]))
            assert np.array_equal(np.array(list(COLORS.values()), np.uint8)[labels], colors)
            assert (folder / pair['image']).read_bytes() == (own / 'photos' / pair['image'].split('/')[1]).read_bytes()


def test_records_hold_the_same(monolite, own, made, tmp_path):
    folder, _ = made
    assert make(monolite, own, tmp_path / 'records', '--tfrecord', '--shards=2').returncode == 0
    for split, pairs in json.loads((folder / 'dataset.json').read_text())['splits'].items():
        examples = [e for k in range(2) for e in read_examples(tmp_path / f'records/{split}-0000{k}-of-00002.tfrecord')]
        assert [e['image/filename'].decode() for e in examples] == [p['image'].split('/')[1][:-4] for p in pairs]
        for e, p in zip(examples, pairs):
            assert e['image/encoded'] == (folder / p['image']).read_bytes() and e['image/format'] == b'png'
            assert e['image/segmentation/class/encoded'] == (folder / p['mask']).read_bytes()


def test_records_made_elsewhere_are_read_and_damage_is_told(monolite, made, tmp_path):
    folder, _ = made
    pairs = json.loads((folder / 'dataset.json').read_text())['splits']['train']
    records = [framed(example(image__encoded=(folder / p['image']).read_bytes(), image__filename=f'n{i}'.encode(),
                              image__segmentation__class__encoded=(folder / p['mask']).read_bytes())) for i, p in enumerate(pairs)]
    (tmp_path / 'train-00000-of-00001.tfrecord').write_bytes(b''.join(records))
    show = ['dataset', 'show', '--dataset_dir', tmp_path, '--num_classes=3', '-o', tmp_path / 's.png']
    done = monolite(*show, '--json')
    assert done.returncode == 0 and json.loads(done.stdout)['size'] == len(pairs), done.stderr
    damaged = bytearray(b''.join(records))
    damaged[40] ^= 1
    (tmp_path / 'train-00000-of-00001.tfrecord').write_bytes(damaged)
    done = monolite(*show)
    assert done.returncode == 3 and 'record 0' in done.stderr and 'checksum' in done.stderr


def test_unknown_colours_are_listed_with_a_file(monolite, own, tmp_path):
    (tmp_path / 'labels.txt').write_text('road 10 20 30\n')
    done = monolite('dataset', 'make', '--images', own / 'photos', '--masks', own / 'masks', '--labels', tmp_path / 'labels.txt', '-o', tmp_path / 'x')
    assert done.returncode == 3 and '40 50 60: 7,680 pixels, first in' in done.stderr and 'p00.png' in done.stderr
    assert not (tmp_path / 'x').exists()


def test_show_draws_samples(monolite, made, tmp_path):
    for what in (['scenes', '--split=val'], [made[0], '--split=val']):
        done = monolite('dataset', 'show', *what, '--samples=2', '-o', tmp_path / 'sheet.png')
        assert done.returncode == 0, done.stderr
        assert Image.open(tmp_path / 'sheet.png').size[0] > 400


def test_eval_and_train_read_it_by_its_folder(monolite, binaries, own, made, tmp_path):
    folder, said = made
    done = monolite('eval', 'segmentation', '--predictions', folder / 'masks', '--dataset', folder, '--json')
    assert done.returncode == 0 and json.loads(done.stdout)['miou'] == 1
    assert [c['name'] for c in json.loads(done.stdout)['classes']] == list(COLORS)
    if not (binaries / 'monolite-train').exists():
        pytest.skip('monolite-train was not built: no libtorch')
    assert make(monolite, own, tmp_path / 'records', '--tfrecord').returncode == 0
    net = ['--depth_multiplier=0.35', '--train_crop_size=33,33', '--train_batch_size=2', '--aspp_convs_filters=8', '--num_threads=1', '--training_number_of_steps=3']
    for name, data in (('files', [f'--dataset={folder}']), ('records', [f'--dataset_dir={tmp_path}/records']),
                       ('folders', ['--images', folder / 'images', '--masks', folder / 'masks', '--num_classes=3'])):
        done = monolite('train', *data, *net, f'--train_logdir={tmp_path}/{name}')
        assert done.returncode == 0, done.stderr
    log = [(tmp_path / name / 'model.ckpt-3.data-00000-of-00001').read_bytes() for name in ('files', 'records')]
    assert log[0] == log[1], 'the same pictures in the same order give the same weights'


def test_names_travel_into_the_tflite(monolite, binaries, made, tmp_path):
    if not (binaries / 'monolite-train').exists():
        pytest.skip('monolite-train was not built: no libtorch')
    net = ['--depth_multiplier=0.35', '--output_stride=16']
    for steps in (1, 2):
        done = monolite('train', f'--dataset={made[0]}', *net, '--train_crop_size=33,33', '--train_batch_size=2', '--aspp_convs_filters=8',
                        f'--training_number_of_steps={steps}', f'--train_logdir={tmp_path}/log')
        assert done.returncode == 0, done.stderr
    done = monolite('export', f'--checkpoint_path={tmp_path}/log', f'--export_path={tmp_path}/g.pb', '--crop_size=33,33', *net)
    assert done.returncode == 0, done.stderr
    done = monolite('convert', '--graph_def_file', tmp_path / 'g.pb', '--output_file', tmp_path / 'm.tflite', '--inference_type=FLOAT',
                    '--input_arrays=MobilenetV2/MobilenetV2/input', '--output_arrays=ArgMax')
    assert done.returncode == 0, done.stderr
    done = monolite('run', tmp_path / 'm.tflite', made[0] / 'images/p00.png', '--json')
    said = json.loads(done.stdout)
    assert said['labels_from'] == "the model's labels.txt" and {l['name'] for l in said['labels']} <= set(COLORS)


@pytest.mark.parametrize('words, said', [([], 'WHAT'), (['sort'], 'make or show'), (['make'], '--images'), (['show', 'nowhere'], 'a folder, or one of scenes')])
def test_wrong_usage(monolite, words, said):
    done = monolite('dataset', *words)
    assert done.returncode == 2 and said in done.stderr
