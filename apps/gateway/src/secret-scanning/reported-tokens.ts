import { z } from 'zod';

/** A text that a scanner takes for a key, and where it has found it. */
export interface ReportedToken {
  readonly token: string;
  /** What the scanner calls this kind of token. */
  readonly type: string;
  readonly url: string | null;
}

const text = z.string().nullish().catch(null);
const entries = z.array(z.object({ token: z.string(), type: text, url: text, location: text }));

/**
 * The tokens in the body of a report, as GitHub and GitLab send it, or undefined if it is something else. Other fields are
 * passed over.
 */
export function readTokens(body: Buffer): readonly ReportedToken[] | undefined {
  const { success, data } = entries.safeParse(parse(body.toString()));
  if (!success) return undefined;
  // A GitLab that is self-managed calls it location.
  return data.map(({ token, type, url, location }) => ({
    token,
    type: type ?? '',
    url: url ?? location ?? null,
  }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
