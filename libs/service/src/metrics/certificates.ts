import { X509Certificate } from 'node:crypto';
import type { Registry } from 'prom-client';
import { registerGauge } from './register.js';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Shows when certificates end, by the setting that has them (PEM, one or several); nothing where none is set. */
export function showCertificates(
  registry: Registry,
  settings: Readonly<Record<string, string | undefined>>,
): void {
  const readings = Object.entries(settings).flatMap(([setting, pem = '']) => {
    const ends = (pem.match(PEM) ?? []).map((one) => Date.parse(new X509Certificate(one).validTo) / 1000);
    return ends.length === 0 ? [] : [{ labels: { setting }, value: Math.min(...ends) }];
  });
  if (readings.length === 0) return;
  registerGauge(registry, {
    name: 'certificate_ends_timestamp_seconds',
    help: 'When a certificate ends, in seconds since 1970, by the setting that has it; of several, the first to end.',
    labels: ['setting'],
    read: () => readings,
  });
}
