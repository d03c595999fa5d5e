"""Draws train.csv files, one below the other in time, as a PNG: python curve.py float.csv qat.csv -o curve.png (needs Pillow)."""
import csv
import sys

from PIL import Image, ImageDraw

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 360, 46, 34, 16


def read(paths):
    losses, mious, offset, borders = [], [], 0, []
    for path in paths:
        last = 0
        for row in csv.DictReader(open(path)):
            last = int(row['step'])
            if row['loss']:
                losses.append((offset + last, float(row['loss'])))
            if row['miou']:
                mious.append((offset + last, float(row['miou'])))
        offset += last
        borders.append(offset)
    return losses, mious, borders


def main():
    *paths, _, out = sys.argv[1:]
    losses, mious, borders = read(paths)
    most = borders[-1]
    place = lambda step, share: (LEFT + (WIDTH - LEFT - 12) * step / most, TOP + (HEIGHT - TOP - BOTTOM) * (1 - share))
    image = Image.new('RGB', (WIDTH, HEIGHT), 'white')
    draw = ImageDraw.Draw(image)
    for tenth in range(0, 11, 2):
        y = place(0, tenth / 10)[1]
        draw.line([(LEFT, y), (WIDTH - 12, y)], fill='#dddddd')
        draw.text((10, y - 5), f'{tenth / 10:.1f}', fill='#444444')
    for i, border in enumerate(borders):
        x = place(border, 0)[0]
        draw.line([(x, TOP), (x, HEIGHT - BOTTOM)], fill='#bbbbbb')
        if i + 1 == len(borders) or place(borders[i + 1], 0)[0] - x > 60:
            draw.text((x - 28, HEIGHT - BOTTOM + 6), f'step {border}', fill='#444444')
    draw.line([place(s, min(v, 1)) for s, v in losses], fill='#c04020', width=2)
    draw.line([place(s, v) for s, v in mious], fill='#2060c0', width=2)
    for s, v in mious:
        x, y = place(s, v)
        draw.ellipse([x - 3, y - 3, x + 3, y + 3], fill='#2060c0')
    draw.text((LEFT + 300, TOP), 'loss (cut at 1)', fill='#c04020')
    draw.text((LEFT + 420, TOP), 'mIoU on the validation split', fill='#2060c0')
    image.save(out)


main()
