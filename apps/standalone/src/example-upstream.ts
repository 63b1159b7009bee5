import type { Logger } from 'pino';
import { startExample } from '../../../examples/desktops/src/start-example.js';
import { type GatewaySettings, upstreamSetting } from '../../gateway/src/gateway-settings.js';
import { upstreamsOf } from '../../gateway/src/upstream-routes.js';
import type { Stoppable } from '#libs/service';
import { IdentitySigner } from '#libs/signed-identity/signing';

/** The running example, and the settings of a gateway in front of it. */
interface ExampleBehind extends Stoppable {
  readonly url: string;
  readonly gatewaySettings: GatewaySettings;
}

/**
 * Starts the example for the groups that have no service; undefined if each has one. The gateway's public keys follow from
 * its secret, so the example gets them directly, and no port needs to be opened for them.
 */
export async function startExampleUpstream(
  gateway: GatewaySettings,
  port: number,
  log: Logger,
): Promise<ExampleBehind | undefined> {
  const missing = upstreamsOf(gateway.CATALOGUE)
    .map(upstreamSetting)
    .filter((setting) => gateway[setting] === undefined);
  if (missing.length === 0) return undefined;
  const signer = await IdentitySigner.from(gateway.IDENTITY_SECRET);
  const settings = { EXAMPLE_HOST: '127.0.0.1', EXAMPLE_PORT: port, DRAIN_SECONDS: 0 };
  const example = await startExample(settings, log, { jwks: signer.jwks() });
  // An IP address, since localhost may resolve to ::1 first, where it does not listen.
  const url = `http://127.0.0.1:${new URL(example.url).port}`;
  const urls = Object.fromEntries(missing.map((setting) => [setting, url]));
  const gatewaySettings = { ...gateway, ...urls };
  return { url, gatewaySettings, stop: () => example.stop() };
}
