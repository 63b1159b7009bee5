import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DashboardProblem } from '../dashboard-problem.js';

/** The page, as built by Vite into `folder`. */
export class BuiltPage {
  readonly #index: string | undefined;

  constructor(readonly folder: string) {
    this.#index = readIndex(folder);
  }

  get isBuilt(): boolean {
    return this.#index !== undefined;
  }

  /** The HTML file. Throws a {@link DashboardProblem} if the page is not built; the API works without it. */
  index(): string {
    if (this.#index === undefined) {
      throw new DashboardProblem('unavailable', "The page isn't built. Run npm run build, then restart.", {
        reason: 'page_not_built',
      });
    }
    return this.#index;
  }
}

function readIndex(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, 'index.html'), 'utf8');
  } catch {
    return undefined;
  }
}
