import { createHash } from 'node:crypto';

/**
 * `nodes` in the order in which `key` prefers them: highest random weight first (Thaler and Ravishankar, 1998).
 * Everybody computes the same order; when a node goes, only the keys that preferred it move.
 */
export function rendezvousOrder(key: string, nodes: readonly string[]): string[] {
  return nodes
    .map((node) => ({
      node,
      weight: createHash('sha256').update(`${node} ${key}`).digest().readUIntBE(0, 6),
    }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ node }) => node);
}
