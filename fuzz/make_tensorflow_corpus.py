#!/usr/bin/env python3
"""Makes fuzz/corpus/{checkpoint,saved_model,graph_def} with protoc, from the messages' text form, and fuzz/corpus/tf_record."""
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE.parent / 'src'


def encode(file, message, text):
    command = ['protoc', f'--encode=monolite.tensorflow.proto.{message}', f'-I{SOURCES}', f'{SOURCES}/tensorflow/proto/{file}.proto']
    return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout


def write(target, name, data):
    folder = HERE / 'corpus' / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def entry(key, value):  # of a block, sharing nothing with the key before it
    return bytes([0, len(key), len(value)]) + key + value


def block(variables):
    header = encode('checkpoint', 'BundleHeaderProto', 'num_shards: 1 version { producer: 1 }')
    content = entry(b'', header)
    for name, text in sorted(variables.items()):
        content += entry(name, encode('checkpoint', 'BundleEntryProto', text))
    return b'\0' + content + (0).to_bytes(4, 'little') + (1).to_bytes(4, 'little')


def masked_crc(data):  # CRC-32C
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82f63b78 if crc & 1 else 0)
    crc ^= 0xffffffff
    return (((crc >> 15) | (crc << 17)) + 0xa282ead8) & 0xffffffff


def crc_of_zeros(count):
    return masked_crc(bytes(count))


FLOATS = 'dtype: DT_FLOAT shape { dim { size: 2 } dim { size: 3 } } size: 24 crc32c: %d' % crc_of_zeros(24)
SLICES = ' '.join('slices { extent { start: %d length: 1 } extent { } }' % i for i in range(2))
write('checkpoint', 'one', block({b'w': FLOATS}))
write('checkpoint', 'several', block({
    b'a/weights': FLOATS,
    b'b/strings': 'dtype: DT_STRING shape { dim { size: 2 } } size: 6',
    b'c/steps': 'dtype: DT_INT64 shape { } offset: 64 size: 8 crc32c: %d' % crc_of_zeros(8),
    b'd/parts': 'dtype: DT_FLOAT shape { dim { size: 2 } dim { size: 3 } } ' + SLICES}))

GRAPH = '''
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
       attr { key: "shape" value { shape { dim { size: 1 } dim { size: 2 } dim { size: 2 } dim { size: 1 } } } } }
node { name: "w" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } }
       attr { key: "value" value { tensor { dtype: DT_FLOAT float_val: 2
              tensor_shape { dim { size: 1 } dim { size: 1 } dim { size: 1 } dim { size: 1 } } } } } }
node { name: "y" op: "Conv2D" input: "x" input: "w" attr { key: "strides" value { list { i: 1 i: 1 i: 1 i: 1 } } }
       attr { key: "padding" value { s: "SAME" } } }
node { name: "z" op: "PartitionedCall" input: "y" attr { key: "f" value { func { name: "f" } } } }
library { function { signature { name: "f" input_arg { name: "a" type: DT_FLOAT } output_arg { name: "b" } }
          node_def { name: "r" op: "Relu6" input: "a" } ret { key: "b" value: "r:activations:0" } } }
'''
SAVED = '''
saved_model_schema_version: 1
meta_graphs { meta_info_def { tags: "serve" } graph_def { %s }
  signature_def { key: "serving_default" value {
    inputs { key: "x" value { name: "x:0" dtype: DT_FLOAT tensor_shape { dim { size: -1 } } } }
    outputs { key: "z" value { name: "z:0" dtype: DT_FLOAT tensor_shape { unknown_rank: true } } } } } }
''' % GRAPH
write('saved_model', 'conv', encode('saved_model', 'SavedModel', SAVED))
write('graph_def', 'function', encode('graph', 'GraphDef', GRAPH))
write('graph_def', 'function_text', GRAPH.encode())


def message(field, *values):  # length-delimited fields of one number
    return b''.join(bytes([field << 3 | 2, len(v)]) + v for v in values)


def feature(name, kind, content):
    return message(1, message(1, name) + message(2, message(kind, content)))


def record(data):
    length = len(data).to_bytes(8, 'little')
    return length + masked_crc(length).to_bytes(4, 'little') + data + masked_crc(data).to_bytes(4, 'little')


EXAMPLE = message(1, feature(b'image/encoded', 1, message(1, b'png')) + feature(b'image/height', 3, message(1, b'\xf7\2\1')) +
                  feature(b'scores', 2, message(1, bytes(8))) + feature(b'one', 3, b'\x08\3'))
# The first byte says whether the rest is a file, or an example in a file whose checksums are right.
write('tf_record', 'file', b'\0' + record(EXAMPLE) + record(b''))
write('tf_record', 'example', b'\1' + EXAMPLE)
