import { StartError } from './start.js';

/** Turns an error of the operating system about listening into a sentence that says what to do. */
export function asStartError(
  err: unknown,
  { host, portSettings }: { host: string; portSettings: Readonly<Record<string, number | undefined>> },
): unknown {
  if (!(err instanceof Error) || !('code' in err)) return err;
  const port = 'port' in err && typeof err.port === 'number' ? err.port : 0;
  const portSetting = Object.keys(portSettings).find((name) => portSettings[name] === port) ?? 'its setting';
  const isAboutAddress = 'syscall' in err && /^(listen|bind|getaddrinfo)$/.test(String(err.syscall));
  switch (err.code) {
    case 'EADDRINUSE':
      return new StartError(
        `Port ${port} is taken: stop what listens there, or set ${portSetting} to another port.`,
      );
    case 'EACCES':
      return new StartError(
        `Port ${port} may not be opened by this user: set ${portSetting} to one above 1023.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(
        `This machine has no address ${addressIn(err) ?? host}: correct the setting of the host.`,
      );
    default:
      if (!isAboutAddress) return err;
      return new StartError(
        `Cannot listen on ${addressIn(err) ?? host} (${err.message}): correct the setting of the host.`,
      );
  }
}

/** The address or name that an error is about. */
function addressIn(err: Error): string | undefined {
  const address = 'address' in err ? err.address : 'hostname' in err ? err.hostname : undefined;
  return typeof address === 'string' ? address : undefined;
}
