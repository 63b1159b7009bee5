import { userInfo } from 'node:os';
import { expect, it } from '@jest/globals';
import { readOperator } from './operator.js';

const USER = `cli:${userInfo().username}`;

it.each([
  ['the user', {}, 1000, USER, undefined],
  ['who has become root by sudo', { SUDO_USER: 'ada' }, 0, 'cli:ada', undefined],
  ['the user, although sudo was used by another', { SUDO_USER: 'ada' }, 1000, USER, undefined],
  [
    'where they come from by SSH',
    { SSH_CONNECTION: '::ffff:203.0.113.7 5 192.0.2.1 22' },
    1000,
    USER,
    '203.0.113.7',
  ],
  ['no address if SSH names none', { SSH_CONNECTION: 'UNKNOWN 65535 UNKNOWN 65535' }, 1000, USER, undefined],
])('the audit log has %s', (_, env, uid, actor, address) => {
  expect(readOperator(env, uid)).toEqual({ actor, address });
});
