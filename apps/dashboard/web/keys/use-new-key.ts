import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type IssuedKey, type Key, alreadyIssuedSchema } from '#libs/keys-contract';
import type { NewKey } from '../../src/contract.js';
import { ApiError } from '../api/call.js';
import { issueKey, revokeKey } from '../api/keys.js';
import { useAction } from '../use-action.js';
import { refreshKeys } from './use-keys.js';

/** `token_lost`: the key was created, but the response with its text never arrived. */
export type NewKeyState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'creating' }
  | { readonly phase: 'failed'; readonly err: unknown }
  | { readonly phase: 'token_lost'; readonly key: Key; readonly err: unknown }
  | { readonly phase: 'created'; readonly issued: IssuedKey };

/**
 * Creates one key, however often the button is clicked and whichever responses are lost: every attempt sends the same
 * Idempotency-Key. The text of the key is in this state and nowhere else. It is cleared when the page is left, since
 * browsers keep pages in memory for the back button.
 */
export function useNewKey() {
  const queries = useQueryClient();
  const [idempotencyKey, setIdempotencyKey] = useState(randomIdempotencyKey);
  const [issued, setIssued] = useState<IssuedKey>();
  const [lostKey, setLostKey] = useState<Key>();

  const issueAs = async (attemptKey: string, request: NewKey): Promise<void> => {
    try {
      setIssued(await issueKey(request, attemptKey));
      setLostKey(undefined);
    } catch (err) {
      const earlier = err instanceof ApiError ? alreadyIssuedSchema.safeParse(err.body) : undefined;
      if (earlier?.success) {
        setLostKey(earlier.data.key);
        return;
      }
      // An earlier request with other settings used this Idempotency-Key, so the next click needs another.
      if (err instanceof ApiError && err.code === 'idempotency_key_reused') {
        setIdempotencyKey(randomIdempotencyKey());
      }
      throw err;
    } finally {
      // A key whose text was lost is in the list, too.
      void refreshKeys(queries);
    }
  };
  const creating = useAction((request: NewKey) => issueAs(idempotencyKey, request));
  const replacing = useAction(async (request: NewKey) => {
    if (lostKey !== undefined) await revokeKey(lostKey.id, 'its text was lost on creation');
    const another = randomIdempotencyKey();
    setIdempotencyKey(another);
    setLostKey(undefined);
    await issueAs(another, request);
  });

  useEffect(() => {
    const clear = (): void => setIssued(undefined);
    window.addEventListener('pagehide', clear);
    return () => window.removeEventListener('pagehide', clear);
  }, []);

  const state = stateOf(issued, lostKey, creating.state, replacing.state);
  return { state, create: creating.run, replaceLost: replacing.run };
}

type Attempt = ReturnType<typeof useAction>['state'];

function stateOf(
  issued: IssuedKey | undefined,
  lostKey: Key | undefined,
  creating: Attempt,
  replacing: Attempt,
): NewKeyState {
  if (issued !== undefined) return { phase: 'created', issued };
  if (creating.phase === 'running' || replacing.phase === 'running') return { phase: 'creating' };
  const err = replacing.phase === 'failed' ? replacing.err : undefined;
  if (lostKey !== undefined) return { phase: 'token_lost', key: lostKey, err };
  if (creating.phase === 'failed') return { phase: 'failed', err: creating.err };
  return err === undefined ? { phase: 'idle' } : { phase: 'failed', err };
}

/** Browsers offer `crypto.randomUUID` only over https and on localhost. */
function randomIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
