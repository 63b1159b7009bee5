/** 127.0.0.0/8, ::ffff:127.0.0.0/104 and ::1, in hexadecimal as Linux lists them on a little-endian machine. */
const LISTED_LOOPBACK = /^(?:(?:0{16}FFFF0000)?[\dA-F]{6}7F|0{24}01000000)$/;

/** TCP_ESTABLISHED. For connections that are closing, the table names root instead of the user. */
const ESTABLISHED = '01';

/** Whether an address is a loopback address (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/**
 * The id of the user who opened the connection from `clientPort` to `serverPort` on this machine, from Linux's table of
 * TCP connections (`/proc/net/tcp`, proc_net_tcp(5)). Undefined if it is not listed.
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
