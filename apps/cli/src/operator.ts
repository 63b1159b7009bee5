import { userInfo } from 'node:os';
import { clientAddress } from '#libs/client-address';
import type { Environment } from '#libs/settings';

/** Who runs the command and from where, for the audit log. Not proof: anyone with the service token can send any name. */
export interface Operator {
  readonly actor: string;
  /** Where they have logged in from by SSH; undefined if they have not. */
  readonly address: string | undefined;
}

/** The user of this system, or the one who became root by sudo. */
export function readOperator(env: Environment, uid = process.getuid?.()): Operator {
  const user = (uid === 0 ? env.SUDO_USER : undefined) ?? userName();
  const address = clientAddress(env.SSH_CONNECTION?.split(' ')[0]);
  return { actor: user === '' ? 'cli' : `cli:${user}`, address: address === '' ? undefined : address };
}

/** Empty where the user has no name, as in some containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
