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

/** The allowed commands, except those that no script runs. */
function allowed(needs: ReturnType<typeof publisherNeeds>): string[] {
  const outside = ['eval', 'ping', 'subscribe'];
  return [...new Set(needs.rights.map(({ command }) => command))]
    .filter((command) => !outside.includes(command))
    .sort();
}

describe('the rights of a Redis user', () => {
  it('are exactly what the scripts of keys need', () => {
    const { ADD, LOOK, REMOVE, REMOVE_MARK } = scripts;
    expect(allowed(publisherNeeds())).toEqual(commandsOf(ADD, LOOK, REMOVE, REMOVE_MARK));
  });

  it('are exactly what the scripts of gateways need', () => {
    const { RENEW, ACKNOWLEDGE, MEMBERS, REMOVE } = scripts;
    expect(allowed(followerNeeds())).toEqual(commandsOf(RENEW, ACKNOWLEDGE, MEMBERS, REMOVE));
  });
});
