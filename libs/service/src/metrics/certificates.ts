import { X509Certificate } from 'node:crypto';
import type { Registry } from 'prom-client';
import { registerGauge } from './register.js';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Registers when certificates expire, by the setting that has them (PEM, one or several), if set. */
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
    help: 'When a certificate expires, in seconds since 1970, by its setting; of several certificates, the first to expire.',
    labels: ['setting'],
    read: () => readings,
  });
}
