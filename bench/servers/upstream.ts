import { createServer } from 'node:http';
import { once } from 'node:events';

// The service behind the proxy and the gateway: responds with 217 bytes of JSON, a desktop, as cheaply as Node can.
const desktop = {
  id: 'dsk_0123456789abcdef',
  name: 'x'.repeat(49),
  status: 'running',
  tier: 'free',
  ipAddress: '192.0.2.10',
  agentReady: true,
  createdAt: '2026-01-05T09:00:00.000Z',
};
const body = JSON.stringify(desktop);
const server = createServer((_req, res) => {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  res.end(body);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('the upstream has no port');
process.stdout.write(`http://127.0.0.1:${address.port} is ready\n`);
await once(process, 'SIGTERM');
process.exit(0);
