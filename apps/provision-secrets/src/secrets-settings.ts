import { z } from 'zod';
import { text } from '#libs/settings';

/** A service by its name, with the user it runs as and the secrets it gets. */
export interface Consumer {
  readonly name: string;
  readonly uid: number;
  readonly secrets: readonly string[];
}

const CONSUMER = /^[a-z][a-z0-9-]*:\d{1,9}=[a-z][a-z0-9-]*(?:,[a-z][a-z0-9-]*)*$/;
const CONSUMERS_MUST =
  'must list services as name:uid=secret,secret with spaces between them, such as keys:1000=verify-token';

/** The settings of this program. */
export const secretsSettings = z.object({
  SECRETS_DIR: text('must be a folder')
    .default('/secrets')
    .describe('Where the secrets are kept, and a folder for each service that gets some.'),
  SECRETS_FOR: z
    .string(CONSUMERS_MUST)
    .transform((list) => list.trim().split(/\s+/))
    .refine((words) => words.every((word) => CONSUMER.test(word)), CONSUMERS_MUST)
    .transform((words) => words.map(consumerIn))
    .describe('Which service gets which secrets, and the ID of the user who may read them.'),
});

function consumerIn(word: string): Consumer {
  const [who = '', secrets = ''] = word.split('=');
  const [name = '', uid = ''] = who.split(':');
  return { name, uid: Number(uid), secrets: secrets.split(',') };
}
