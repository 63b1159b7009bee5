import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { generate } from 'selfsigned';
import { VerifyClient } from '#libs/keys-client';
import { Stack, TEST_SECRETS, call, startGatewayProcess } from '#libs/testing';
import { SlowClient } from '../support/slow-client.js';

/** A self-signed certificate for `keys.internal` only. */
async function certify(): Promise<{ cert: string; key: string }> {
  const name = 'keys.internal';
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  });
  return { cert, key };
}

describe('keys with a certificate', () => {
  let stack: Stack;
  let cert: string;
  beforeAll(async () => {
    const made = await certify();
    cert = made.cert;
    // As hosting panels write it, which have one line per variable.
    const inOneLine = (pem: string): string => pem.trim().replace(/\r?\n/g, '\\n');
    const env = { KEYS_TLS_CERT: inOneLine(made.cert), KEYS_TLS_KEY: inOneLine(made.key) };
    stack = await Stack.start({ gateways: 0, env });
  });
  afterAll(() => stack.stop());

  const manage = (ca: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(stack.keysUrl);
      request({ host: '127.0.0.1', port, path: '/healthz', ca, servername: 'keys.internal' }, (res) => {
        res.resume();
        resolve(res.statusCode);
      })
        .on('error', reject)
        .end();
    });

  it('speaks TLS at the management API', async () => {
    expect(await manage(cert)).toBe(200);
    await expect(manage((await certify()).cert)).rejects.toThrow();
    await expect(call(`${stack.keysUrl}/healthz`)).rejects.toThrow(); // plain HTTP
  });

  it('does not wait for a missing handshake', async () => {
    const { answer } = await new SlowClient(Number(new URL(stack.keysUrl).port), '').ended;
    expect(answer).toBe('');
  });

  it('shows when it expires', async () => {
    const endsAt = Date.parse(new X509Certificate(cert).validTo) / 1000;
    expect(await stack.keys[0]?.service.metrics('certificate_ends_timestamp_seconds')).toEqual([
      `certificate_ends_timestamp_seconds{setting="KEYS_TLS_CERT"} ${endsAt}`,
    ]);
  });

  it('speaks TLS at the verification RPC, to clients that trust it under its name', async () => {
    const port = stack.keys[0]?.verifyPort ?? 0;
    const resolve = (): Promise<string[]> => Promise.resolve(['127.0.0.1']);
    const credential = TEST_SECRETS.KEYS_VERIFY_TOKEN;
    const ready = async (url: string, ca?: string): Promise<boolean> => {
      const client = new VerifyClient({
        url,
        credential,
        resolve,
        timeoutMs: 500,
        ...(ca !== undefined && { ca }),
      });
      const isReady = await client.isReady();
      client.close();
      return isReady;
    };
    expect(await ready(`tls://keys.internal:${port}`, cert)).toBe(true);
    expect(await ready(`tls://another.internal:${port}`, cert)).toBe(false);
    expect(await ready(`tls://keys.internal:${port}`)).toBe(false);
    expect(await ready(`tcp://keys.internal:${port}`)).toBe(false);
  });

  it('is not used by a gateway that connects under another name', async () => {
    const env = {
      ...stack.env,
      KEYS_VERIFY_URL: `tls://127.0.0.1:${stack.keys[0]?.verifyPort ?? 0}`,
      KEYS_TLS_CA: cert,
    };
    const gateway = await startGatewayProcess(env); // by address, for which the certificate is not
    expect((await call(`${gateway.url}/readyz`)).status).toBe(503);
    await gateway.process.stop();
  });
});
