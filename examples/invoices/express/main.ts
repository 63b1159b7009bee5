import { once } from 'node:events';
import express, { type Request } from 'express';
// In this repository, a library is #libs/key-verifier. You install it as @lebureau/key-verifier.
import { callerOf, createVerifier } from '#libs/key-verifier';
import { requireKey } from '#libs/key-verifier/express';

const { KEYS_VERIFY_URL = '', KEYS_VERIFY_TOKEN = '', KEY_TAG_SECRET = '', PORT = '3022' } = process.env;

const verifier = await createVerifier({
  keysUrl: KEYS_VERIFY_URL,
  verifyToken: KEYS_VERIFY_TOKEN,
  tagSecrets: [KEY_TAG_SECRET],
  // npm start has no Redis, so each request is verified at keys. With { redisUrl }, the verifier has a cache.
  revocations: 'none',
});
const mayRead = requireKey(verifier, { capabilities: ['invoices:read'] });
const mayWrite = requireKey(verifier, { capabilities: ['invoices:write'] });

const invoices = [{ number: 1, customer: 'Analytical Engines', createdBy: 'nobody' }];
const app = express();
app.set('env', 'production'); // errors do not show their stack

app.get('/invoices', mayRead, (_req, res) => {
  res.json({ invoices });
});

type NewInvoice = Request<object, unknown, { customer?: unknown } | undefined>;
app.post('/invoices', express.json({ limit: '10kb' }), mayWrite, (req: NewInvoice, res) => {
  const customer = req.body?.customer;
  if (typeof customer !== 'string') {
    res.status(400).json({ detail: 'customer must be a string.' });
    return;
  }
  const invoice = { number: invoices.length + 1, customer, createdBy: callerOf(req).owner.email };
  invoices.push(invoice);
  res.status(201).json(invoice);
});

const server = app.listen(Number(PORT), '127.0.0.1', (err) => {
  if (err !== undefined) throw err;
  process.stdout.write(`Express: http://127.0.0.1:${PORT}/invoices\n`);
});

await once(process, 'SIGTERM');
await new Promise((resolve) => server.close(resolve)); // once the last request is answered
await verifier.close();
