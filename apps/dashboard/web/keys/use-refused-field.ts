import { useState } from 'react';
import * as z from 'zod/mini';
import { ApiError } from '../api/call.js';
import type { NewKeyState } from './use-new-key.js';

/** What the backend finds wrong with a request, field by field. */
const refusal = z.object({ errors: z.array(z.object({ pointer: z.string(), detail: z.string() })) });

/** What the backend found wrong with a field, if that is why the last request was refused. */
export function refusalOf(state: NewKeyState, field: string): string | undefined {
  if (state.phase !== 'failed' || !(state.err instanceof ApiError)) return undefined;
  const read = refusal.safeParse(state.err.body);
  return read.success
    ? read.data.errors.find(({ pointer }) => pointer.split('/')[1] === field)?.detail
    : undefined;
}

/** Such a refusal, as long as the field still has the value that was refused. */
export function useCurrentRefusal(refused: string | undefined, value: string): string | undefined {
  const [then, setThen] = useState({ refused, value });
  if (refused !== then.refused) setThen({ refused, value });
  return then.value === value ? refused : undefined;
}
