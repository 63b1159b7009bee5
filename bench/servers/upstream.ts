import { createServer } from 'node:http';
import { once } from 'node:events';

// The upstream of the proxy: responds with 217 bytes of JSON, as cheaply as Node can.
const body = JSON.stringify({ answer: 'x'.repeat(204) });
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
