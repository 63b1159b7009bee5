import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';

/** A picture of at most 256 colors. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each color, 0 to 255. */
  readonly palette: readonly (readonly [number, number, number])[];
  /** The index of each pixel's color, line by line. */
  readonly pixels: Uint8Array;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Encodes a picture as PNG (W3C PNG, third edition): eight bits per pixel, with a palette, unfiltered. */
export async function encodePng({ width, height, palette, pixels }: Picture): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // bit depth, palette, the only compression and filter methods, no interlacing
  const lines = Buffer.alloc((width + 1) * height); // each line begins with its filter type: 0, none
  for (let y = 0; y < height; y++)
    lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', await promisify(deflate)(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Length, type, data, and a checksum of the last two (section 5.3). */
function chunk(type: string, data: Buffer): Buffer {
  const checked = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(checked));
  return Buffer.concat([length, checked, checksum]);
}
