interface TestFile {
  readonly path: string;
}

/** Unit specs first, then the tests across services, and last the one that searches everything the others left behind. */
export default class Sequencer {
  sort<File extends TestFile>(files: readonly File[]): File[] {
    const rank = ({ path }: TestFile): number =>
      path.includes('nothing-secret') ? 2 : path.includes('/dist/test/') ? 1 : 0;
    return [...files].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
  }

  /** The order does not depend on earlier runs, so nothing of this one is kept. */
  cacheResults(): void {
    // Asked for by jest.
  }
}
