import { useCallback, useRef, useState } from 'react';

/** The state of an action that the user started. */
export type ActionState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running' }
  | { readonly phase: 'failed'; readonly err: unknown };

/**
 * Runs an action of the user, one at a time, however fast the button is clicked. Only its failure is kept: results may
 * contain the text of a key, which must not stay in a library's cache.
 */
export function useAction<Args extends readonly unknown[]>(
  act: (...args: Args) => Promise<void>,
): { readonly state: ActionState; readonly run: (...args: Args) => void; readonly reset: () => void } {
  const [state, setState] = useState<ActionState>({ phase: 'idle' });
  // A ref, since state changes only at the next render: the second click of a double click comes before that.
  const isRunning = useRef(false);
  const run = (...args: Args): void => {
    if (isRunning.current) return;
    isRunning.current = true;
    setState({ phase: 'running' });
    act(...args)
      .then(() => setState({ phase: 'idle' }))
      .catch((err: unknown) => setState({ phase: 'failed', err }))
      .finally(() => {
        isRunning.current = false;
      });
  };
  const reset = useCallback(() => setState({ phase: 'idle' }), []);
  return { state, run, reset };
}
