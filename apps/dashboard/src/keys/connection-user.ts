/** 127.0.0.0/8, ::1, and the former written as IPv6, as Linux lists them on a little-endian machine, in hexadecimal. */
const LISTED_LOOPBACK = /^(?:(?:0{16}FFFF0000)?[\dA-F]{6}7F|0{24}01000000)$/;

/** A connection that both ends have open. The list names the wrong user, root, for one that its user has closed. */
const ESTABLISHED = '01';

/** Whether an address means the machine itself (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/**
 * The user who has opened the connection from `clientPort` to `serverPort` on this machine, by Linux's list of TCP
 * connections (`/proc/net/tcp`, proc_net_tcp(5)); undefined when it is not listed.
 */
export function userOfConnection(table: string, clientPort: number, serverPort: number): number | undefined {
  for (const line of table.split('\n')) {
    const [, local = '', remote = '', state, , , , user] = line.trim().split(/ +/);
    if (state !== ESTABLISHED || user === undefined) continue;
    if (isAt(local, clientPort) && isAt(remote, serverPort)) return Number(user);
  }
  return undefined;
}

function isAt(listed: string, port: number): boolean {
  const [address = '', hexPort = ''] = listed.split(':');
  return LISTED_LOOPBACK.test(address) && Number.parseInt(hexPort, 16) === port;
}
