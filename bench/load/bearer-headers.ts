import { readFileSync } from 'node:fs';

/** The headers of a request with each of the tokens in a file, which has one a line. */
export function bearerHeaders(path: string): { authorization: string }[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((token) => ({ authorization: `Bearer ${token}` }));
}
