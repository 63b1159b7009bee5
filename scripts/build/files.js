import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';

export const ROOT = join(import.meta.dirname, '../..');
export const DIST = join(ROOT, 'dist');
/** The folder of the page, whose sources are built by Vite. */
export const PAGE = join('apps', 'dashboard', 'web');

/** The paths of all files in the folders, relative to `root`, in a fixed order. */
export function filesIn(folders, root = ROOT) {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name))),
    )
    .sort();
}

/** Of names and contents, so that switching branches back and forth builds nothing. Paths are relative to the root. */
export function digest(paths) {
  const hash = createHash('sha256');
  for (const path of paths.filter((path) => existsSync(join(ROOT, path)))) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

export function modifiedAt(path) {
  return existsSync(path) ? statSync(path).mtimeMs : undefined;
}

/** In one step: a program that starts meanwhile never sees half a file. */
export function replaceFile(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}

export function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

export function writeJson(path, value) {
  replaceFile(path, JSON.stringify(value));
}

export function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
