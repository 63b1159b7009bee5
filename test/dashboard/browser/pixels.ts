import type { Page } from 'playwright-core';

/** Decodes pictures in the page; its policy allows data: URLs for images. */
const PIXELS = `async (base64) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + base64;
  await image.decode();
  const { width, height } = image;
  const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return Array.from({ length: width * height }, (_, i) => data.slice(i * 4, i * 4 + 3).join());
}`;

/** Which part of two pictures of one size differs, from 0 to 1. */
export async function differentShare(page: Page, one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = await Promise.all([pixelsOf(page, one), pixelsOf(page, other)]);
  if (a.length !== b.length) return 1;
  return a.filter((pixel, i) => pixel !== b[i]).length / a.length;
}

/** Which part of a picture has not its most frequent color, from 0 to 1. */
export async function markShare(page: Page, picture: Buffer): Promise<number> {
  const pixels = await pixelsOf(page, picture);
  const counts = new Map<string, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  return 1 - Math.max(...counts.values()) / pixels.length;
}

function pixelsOf(page: Page, picture: Buffer): Promise<string[]> {
  return page.evaluate<string[]>(`(${PIXELS})(${JSON.stringify(picture.toString('base64'))})`);
}
