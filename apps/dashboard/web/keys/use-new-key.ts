import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import * as z from 'zod/mini';
import type { IssuedKey, Key, NewKey } from '../../src/contract.js';
import { alreadyIssued } from '../api/answers.js';
import { ApiError } from '../api/call.js';
import { issueKey, revokeKey } from '../api/keys.js';
import { useAction } from '../use-action.js';
import { refreshKeys } from './use-keys.js';

/** What became of making a key. `text_lost`: it was made, but the answer with its text never arrived. */
export type NewKeyState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'making' }
  | { readonly phase: 'failed'; readonly err: unknown }
  | { readonly phase: 'text_lost'; readonly key: Key; readonly err: unknown }
  | { readonly phase: 'made'; readonly issued: IssuedKey };

/**
 * Makes one key, however often it is pressed and whatever is lost on the way: each attempt carries the same
 * Idempotency-Key. The text of the key is in this state and nowhere else, and is forgotten when the page is left, as
 * the browser may keep a page in its memory for the way back.
 */
export function useNewKey() {
  const queries = useQueryClient();
  const [idempotencyKey, setIdempotencyKey] = useState(randomName);
  const [issued, setIssued] = useState<IssuedKey>();
  const [lost, setLost] = useState<Key>();

  const issueAs = async (name: string, wanted: NewKey): Promise<void> => {
    try {
      setIssued(await issueKey(wanted, name));
      setLost(undefined);
    } catch (err) {
      if (!(err instanceof ApiError)) throw err;
      const made = z.safeParse(alreadyIssued, err.body);
      if (made.success) setLost(made.data.key);
      // The name is spent on what was asked for before; pressing once more asks for what is asked for now.
      else if (err.code === 'idempotency_key_reused') setIdempotencyKey(randomName());
      else throw err;
      if (!made.success) throw err;
    } finally {
      // What was made shows in the list, also when its text was lost.
      void refreshKeys(queries);
    }
  };
  const making = useAction((wanted: NewKey) => issueAs(idempotencyKey, wanted));
  const replacing = useAction(async (wanted: NewKey) => {
    if (lost !== undefined) await revokeKey(lost.id, 'its text was lost when it was made');
    const name = randomName();
    setIdempotencyKey(name);
    setLost(undefined);
    await issueAs(name, wanted);
  });

  useEffect(() => {
    const forget = (): void => setIssued(undefined);
    window.addEventListener('pagehide', forget);
    return () => window.removeEventListener('pagehide', forget);
  }, []);

  const state = stateOf(issued, lost, making.state, replacing.state);
  return { state, make: making.run, replaceLost: replacing.run };
}

type Attempt = ReturnType<typeof useAction>['state'];

function stateOf(
  issued: IssuedKey | undefined,
  lost: Key | undefined,
  making: Attempt,
  replacing: Attempt,
): NewKeyState {
  if (issued !== undefined) return { phase: 'made', issued };
  if (making.phase === 'running' || replacing.phase === 'running') return { phase: 'making' };
  const err = replacing.phase === 'failed' ? replacing.err : undefined;
  if (lost !== undefined) return { phase: 'text_lost', key: lost, err };
  if (making.phase === 'failed') return { phase: 'failed', err: making.err };
  return err === undefined ? { phase: 'idle' } : { phase: 'failed', err };
}

/** Not `crypto.randomUUID`, which is there over https and on localhost only. */
function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
