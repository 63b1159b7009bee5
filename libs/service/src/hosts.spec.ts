import { describe, expect, it } from '@jest/globals';
import { localHost, shownHost } from './hosts.js';

describe('the host of a service', () => {
  it.each([
    ['0.0.0.0', '127.0.0.1', 'localhost'],
    ['::', '[::1]', 'localhost'],
    ['127.0.0.1', '127.0.0.1', 'localhost'],
    ['127.0.0.2', '127.0.0.2', '127.0.0.2'],
    ['::1', '[::1]', '[::1]'],
    ['localhost', 'localhost', 'localhost'],
    ['10.0.0.7', '10.0.0.7', '10.0.0.7'],
  ])('%s is called at %s, and shown as %s', (host, local, shown) => {
    expect([localHost(host), shownHost(host)]).toEqual([local, shown]);
  });
});
