import { join } from 'node:path';
import { RunningProcess } from '#libs/testing';
import { tokenFile } from '../tokens.js';

const PROGRAM = join(import.meta.dirname, 'flood-program.js');

export interface Flood {
  readonly urls: readonly string[];
  readonly tokens: readonly string[];
  /** Requests per second to each URL. */
  readonly rate: number;
}

/** A flood that continues until {@link end}, which returns how many requests per second were answered. */
export interface RunningFlood {
  end(): Promise<number>;
}

/** Starts a flood, at a low priority: attackers have their own machine, and this one has only two cores for everything. */
export function startFlood({ urls, tokens, rate }: Flood): RunningFlood {
  const options = JSON.stringify({ urls, tokens: tokenFile(tokens), rate });
  const flood = new RunningProcess('nice', ['-n', '10', process.execPath, PROGRAM, options]);
  return {
    end: async () => {
      await flood.stop();
      const answered = /^answered (\d+)$/m.exec(flood.stdout)?.[1];
      if (answered === undefined) throw new Error(`the flood has printed no result: ${flood.stderr}`);
      return Number(answered);
    },
  };
}
