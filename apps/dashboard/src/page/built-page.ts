import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemException } from '#libs/problems';

/** The page as Vite has built it into `folder`. */
export class BuiltPage {
  readonly #index: string | undefined;

  constructor(readonly folder: string) {
    this.#index = indexIn(folder);
  }

  get isBuilt(): boolean {
    return this.#index !== undefined;
  }

  /** Its one HTML file. Throws a {@link ProblemException} where nobody has built it: what it calls works without it. */
  index(): string {
    if (this.#index === undefined) {
      throw new ProblemException(
        'unavailable',
        'The page is not built. Run npm run build, and start again.',
        {
          reason: 'page_not_built',
        },
      );
    }
    return this.#index;
  }
}

function indexIn(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, 'index.html'), 'utf8');
  } catch {
    return undefined;
  }
}
