import { join } from 'node:path';
import { RunningProcess } from '#libs/testing';
import { tokenFile } from '../tokens.js';

const PROGRAM = join(import.meta.dirname, 'flood-program.js');

export interface Flood {
  readonly urls: readonly string[];
  readonly tokens: readonly string[];
  /** Requests a second to each address. */
  readonly rate: number;
}

/** A flood that goes on until {@link end}, which answers how many requests a second were answered. */
export interface RunningFlood {
  end(): Promise<number>;
}

/** Starts a flood, at a low priority: an attacker has a machine of their own, and this one has two cores for everybody. */
export function startFlood({ urls, tokens, rate }: Flood): RunningFlood {
  const options = JSON.stringify({ urls, tokens: tokenFile(tokens), rate });
  const flood = new RunningProcess('nice', ['-n', '10', process.execPath, PROGRAM, options]);
  return {
    end: async () => {
      await flood.stop();
      const answered = /^answered (\d+)$/m.exec(flood.stdout)?.[1];
      if (answered === undefined) throw new Error(`the flood has not said what it did: ${flood.stderr}`);
      return Number(answered);
    },
  };
}
