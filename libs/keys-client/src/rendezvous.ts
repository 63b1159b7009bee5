import { hash } from 'node:crypto';

/**
 * `nodes` in the order in which `key` prefers them: highest random weight first (Thaler and Ravishankar, 1998). Everyone
 * computes the same order; if a node is removed, only the keys that preferred it move.
 */
export function rendezvousOrder(key: string, nodes: readonly string[]): string[] {
  if (nodes.length < 2) return [...nodes];
  return nodes
    .map((node) => ({ node, weight: hash('sha256', `${node} ${key}`) }))
    .sort((a, b) => (a.weight < b.weight ? 1 : -1))
    .map(({ node }) => node);
}
