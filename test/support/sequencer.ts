interface TestFile {
  readonly path: string;
}

/** `npm start`, which builds anew what others are running; and the one that searches everything the others left behind. */
const SERIAL = [/\/dist\/test\/operations\/documentation\./, /\/dist\/test\/security\/nothing-secret\./];

/** Whether a file is run by itself, after all others. */
export function runsSerially({ path }: TestFile): boolean {
  return SERIAL.some((pattern) => pattern.test(path));
}

/** Unit specs first, then the tests across services, and last those that stand alone. */
export default class Sequencer {
  sort<File extends TestFile>(files: readonly File[]): File[] {
    const rank = (file: TestFile): number =>
      runsSerially(file) ? 2 : file.path.includes('/dist/test/') ? 1 : 0;
    return [...files].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
  }

  /** The order does not depend on earlier runs, so nothing of this one is kept. */
  cacheResults(): void {
    // Asked for by jest.
  }
}
