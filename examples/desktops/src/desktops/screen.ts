import type { Picture } from './png.js';

/** The size of every screen, in pixels. */
export const WIDTH = 640;
export const HEIGHT = 400;

const COLOURS = {
  background: [38, 70, 83],
  bar: [20, 33, 40],
  window: [244, 241, 232],
  title: [42, 157, 143],
  mark: [231, 111, 81],
  pointer: [255, 255, 255],
} as const;
const NAMES = Object.keys(COLOURS);

/** How many clicks are shown. */
const MARKS = 20;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** How many letters fit into the window, and into a line of it. */
const LETTERS = 1000;
const LINE = 50;

/** What a desktop shows: a window with a stroke for each letter typed, the pointer, and where the last clicks went. */
export class Screen {
  #pointer: Place = { x: WIDTH / 2, y: HEIGHT / 2 };
  #clicks: readonly Place[] = [];
  #letters = 0;

  point(place: Place): void {
    this.#pointer = place;
  }

  click(place: Place): void {
    this.point(place);
    this.#clicks = [...this.#clicks, place].slice(-MARKS);
  }

  write(letters: number): void {
    this.#letters = Math.min(LETTERS, this.#letters + letters);
  }

  picture(): Picture {
    const pixels = new Uint8Array(WIDTH * HEIGHT); // all background, which is the first color
    fill(pixels, 'bar', { x: 0, y: HEIGHT - 28 }, { x: WIDTH, y: HEIGHT });
    fill(pixels, 'window', { x: 90, y: 50 }, { x: 550, y: 330 });
    fill(pixels, 'title', { x: 90, y: 50 }, { x: 550, y: 74 });
    for (let letter = 0; letter < this.#letters; letter++) {
      const [x, y] = [100 + 8 * (letter % LINE), 84 + 12 * Math.floor(letter / LINE)];
      fill(pixels, 'bar', { x, y }, { x: x + 6, y: y + 8 });
    }
    for (const { x, y } of this.#clicks) fill(pixels, 'mark', { x: x - 4, y: y - 4 }, { x: x + 5, y: y + 5 });
    const { x, y } = this.#pointer;
    fill(pixels, 'pointer', { x: x - 1, y: y - 1 }, { x: x + 2, y: y + 2 });
    return { width: WIDTH, height: HEIGHT, palette: Object.values(COLOURS), pixels };
  }
}

/** Fills the part of a rectangle that is on the screen. The second corner is outside the rectangle. */
function fill(pixels: Uint8Array, colour: keyof typeof COLOURS, from: Place, to: Place): void {
  const [left, right] = [Math.max(0, from.x), Math.min(WIDTH, to.x)];
  for (let y = Math.max(0, from.y); y < Math.min(HEIGHT, to.y); y++)
    pixels.fill(NAMES.indexOf(colour), y * WIDTH + left, y * WIDTH + right);
}
