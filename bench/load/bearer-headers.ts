import { readFileSync } from 'node:fs';

/** The headers of requests with the tokens in a file, one per line. */
export function bearerHeaders(path: string): { authorization: string }[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((token) => ({ authorization: `Bearer ${token}` }));
}
