import { type Command, Option } from 'commander';
import { KEY_PREFIX_MAX_LENGTH, KEY_PREFIX_SHAPE } from '#libs/key-format';
import type { CommandContext } from '../command-context.js';
import { usageError } from '../pasted-keys.js';
import { SCANNER_FORMATS, type ScannerFormat, scannerRules } from './scanner-rules.js';

const TITLES: Readonly<Record<ScannerFormat, string>> = {
  regex: 'Regular expression (RE2)',
  gitleaks: 'gitleaks and betterleaks: .gitleaks.toml',
  trufflehog: 'TruffleHog: a file for --config',
  github: 'GitHub: a custom pattern of secret scanning',
  'test-keys': 'Test keys: valid in form, never issued',
};

export function addScanningCommand(program: Command, { output }: CommandContext): void {
  program
    .command('scanning')
    .description('Print rules by which secret scanners find leaked keys. Needs no keys service.')
    .option('--prefix <prefix>', 'the KEY_PREFIX of the keys', 'sk_live')
    .addOption(new Option('--format <format>', 'print only one of them').choices(SCANNER_FORMATS))
    .action(({ prefix, format }: { prefix: string; format?: ScannerFormat }) => {
      const rules = scannerRules(requirePrefix(prefix));
      const printed = SCANNER_FORMATS.map((name) => `# ${TITLES[name]}\n\n${rules[name]}`);
      output.result(format === undefined ? printed.join('\n\n') : rules[format]);
      if (isOfStripe(prefix)) output.say(stripeSentence(prefix));
    });
}

function requirePrefix(prefix: string): string {
  if (prefix.length <= KEY_PREFIX_MAX_LENGTH && KEY_PREFIX_SHAPE.test(prefix)) return prefix;
  throw usageError(
    `Prefix must look like sk_live: lowercase letters, digits and single underscores, at most ${KEY_PREFIX_MAX_LENGTH} characters.`,
  );
}

/** Whether TruffleHog's detector for Stripe, `[rs]k_live_[a-zA-Z0-9]{20,…}`, matches the start of such keys. */
function isOfStripe(prefix: string): boolean {
  return prefix.endsWith('sk_live') || prefix.endsWith('rk_live');
}

function stripeSentence(prefix: string): string {
  const stripes = prefix.slice(-'sk_live_'.length + 1);
  return `
Stripe's keys start with ${stripes}_, too. The Stripe rule of gitleaks does not match your keys, only their public half
where it stands alone. TruffleHog's Stripe detector cuts out that half, ${prefix}_<id>, and asks Stripe about it; the
secret half is not sent. A KEY_PREFIX that does not contain ${stripes}_ avoids that. Choose it before you issue keys:
those with another prefix are refused.`;
}
