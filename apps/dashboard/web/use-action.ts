import { useCallback, useRef, useState } from 'react';

/** What became of something that somebody set off. */
export type ActionState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running' }
  | { readonly phase: 'failed'; readonly err: unknown };

/**
 * Something that a button sets off: it runs once at a time, however fast the button is pressed. Nothing of its outcome
 * is kept but whether it failed, so that no key's text stays in a cache of a library.
 */
export function useAction<Args extends readonly unknown[]>(
  act: (...args: Args) => Promise<void>,
): { readonly state: ActionState; readonly run: (...args: Args) => void; readonly reset: () => void } {
  const [state, setState] = useState<ActionState>({ phase: 'idle' });
  // A state would be seen one render late: the second click of a double click comes before that.
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
