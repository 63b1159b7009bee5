import { describe, expect, it } from '@jest/globals';
import { isLoopback, userOfConnection } from './connection-user.js';

const CLIENT = 0xc001;
const SERVER = 0x0bbb;

/** A line of /proc/net/tcp, as Linux 6 writes it. */
function line(local: string, remote: string, state: string, user: number): string {
  return `   7: ${local} ${remote} ${state} 00000000:00000000 02:000003A2 00000000 ${String(user).padStart(5)}        0 1958724 2 0000000099a8c3f2 20 4 30 10 -1`;
}

const HEADER =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

describe('the user who has opened a connection', () => {
  it.each([
    ['IPv4', '0100007F:C001', '0100007F:0BBB'],
    ['another address of loopback', '0100007F:C001', '0200007F:0BBB'],
    ['IPv6', '00000000000000000000000001000000:C001', '00000000000000000000000001000000:0BBB'],
    ['IPv4 as IPv6', '0000000000000000FFFF00000100007F:C001', '0000000000000000FFFF00000100007F:0BBB'],
  ])('is found by the end that is theirs: %s', (_, client, server) => {
    const table = [
      HEADER,
      line('0100007F:0BBB', '00000000:0000', '0A', 5),
      line(server, client, '01', 6),
      line(client, server, '01', 1000),
    ].join('\n');
    expect(userOfConnection(table, CLIENT, SERVER)).toBe(1000);
  });

  it.each([
    ['closed by its user, when the list says root', line('0100007F:C001', '0100007F:0BBB', '06', 0)],
    ['half closed', line('0100007F:C001', '0100007F:0BBB', '04', 0)],
    ['from another port', line('0100007F:C002', '0100007F:0BBB', '01', 0)],
    ['to another port', line('0100007F:C001', '0100007F:0BBC', '01', 0)],
    ['from another machine', line('0901A8C0:C001', '0100007F:0BBB', '01', 0)],
    ['from another machine by IPv6', line(`${'F'.repeat(32)}:C001`, '0100007F:0BBB', '01', 0)],
    ['cut off', '   7: 0100007F:C001 0100007F:0BBB 01'],
    ['none', ''],
  ])('is not known of one that is %s', (_, listed) => {
    expect(userOfConnection(`${HEADER}\n${listed}`, CLIENT, SERVER)).toBeUndefined();
  });
});

describe('loopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.0.0.2', true],
    ['::1', true],
    ['192.168.1.9', false],
    ['128.0.0.1', false],
    ['::2', false],
    ['', false],
  ])('is %s: %s', (address, is) => {
    expect(isLoopback(address)).toBe(is);
  });
});
