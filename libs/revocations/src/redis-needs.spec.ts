import { describe, expect, it } from '@jest/globals';
import { followerNeeds, publisherNeeds } from './redis-needs.js';
import * as scripts from './redis-scripts.js';

/** The commands that a script runs, in lower case. */
function commandsIn(script: string): string[] {
  return [...script.matchAll(/redis\.p?call\('(\w+)'/g)].map(([, command = '']) => command.toLowerCase());
}

function commandsOf(...texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap(commandsIn))].sort();
}

/** What is allowed, but for what no script runs. */
function allowed(needs: ReturnType<typeof publisherNeeds>): string[] {
  const outside = ['eval', 'ping', 'subscribe'];
  return [...new Set(needs.rights.map(({ command }) => command))]
    .filter((command) => !outside.includes(command))
    .sort();
}

describe('what a user of Redis is allowed', () => {
  it('is what the scripts of keys do, and nothing else', () => {
    const { ADD, LOOK, REMOVE, REMOVE_MARK } = scripts;
    expect(allowed(publisherNeeds())).toEqual(commandsOf(ADD, LOOK, REMOVE, REMOVE_MARK));
  });

  it('is what the scripts of gateways do, and nothing else', () => {
    const { RENEW, ACKNOWLEDGE, MEMBERS, REMOVE } = scripts;
    expect(allowed(followerNeeds())).toEqual(commandsOf(RENEW, ACKNOWLEDGE, MEMBERS, REMOVE));
  });
});
