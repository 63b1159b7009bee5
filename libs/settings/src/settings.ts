import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Environment variables: names and their texts. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that are missing or invalid. The message has a sentence for each, and never a value: it may be a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/**
 * Reads the settings of `schema` from environment variables of the same names. `NAME_FILE` names a file that contains the
 * value of `NAME`, as Docker and Kubernetes provide secrets. An empty variable counts as not set.
 *
 * Throws a {@link SettingsError} that lists everything that is wrong at once.
 */
export function readSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Environment,
): z.output<z.ZodObject<Shape>> {
  const problems: string[] = [];
  const texts: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const text = readText(name, env, problems);
    if (text !== undefined) texts[name] = text;
  }

  const read = schema.safeParse(texts);
  if (read.success && problems.length === 0) return read.data;

  for (const { path, message } of read.error?.issues ?? []) {
    const name = String(path[0]);
    if (problems.some((problem) => problem.startsWith(name))) continue;
    const isMissing = !(name in texts);
    problems.push(isMissing ? `${name} is missing: it ${message}.` : `${name} ${message}.`);
  }
  throw new SettingsError(problems);
}

function readText(name: string, env: Environment, problems: string[]): string | undefined {
  const value = textIn(env[name]);
  const file = textIn(env[`${name}_FILE`]);
  if (file === undefined) return value;
  if (value !== undefined) {
    problems.push(`${name} and ${name}_FILE are both set: keep one of them.`);
    return undefined;
  }
  try {
    return textIn(trimmed(readFileSync(file, 'utf8')));
  } catch {
    problems.push(`${name}_FILE names ${file}, which cannot be read: correct the path, or who may read it.`);
    return undefined;
  }
}

/** Without blank lines around it, except for those before a text of several lines: sentences name lines of it. */
function trimmed(text: string): string {
  const withoutEnd = text.trimEnd();
  const withoutBoth = withoutEnd.trimStart();
  return withoutBoth.includes('\n') ? withoutEnd : withoutBoth;
}

/** `env`, with `defaults` for what is not set in it: an empty variable counts as not set, and `NAME_FILE` sets `NAME`. */
export function withDefaults(
  env: Environment,
  defaults: Readonly<Record<string, () => string>>,
): Environment {
  const missing = Object.entries(defaults).filter(([name]) => !isSet(env, name));
  return { ...env, ...Object.fromEntries(missing.map(([name, choose]) => [name, choose()])) };
}

/** Whether `env` sets `name`, directly or by a file. */
export function isSet(env: Environment, name: string): boolean {
  return textIn(env[name]) !== undefined || textIn(env[`${name}_FILE`]) !== undefined;
}

/** Undefined for an empty text. */
function textIn(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** A setting for the documentation. */
export interface SettingDescription {
  readonly name: string;
  readonly what: string;
  /** The default as text, `required`, or `not set`. */
  readonly fallback: string;
}

/** Describes every setting of a schema, in its order. */
export function describeSettings(schema: z.ZodObject): SettingDescription[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const absent = z.safeParse(field, undefined);
    const fallback: unknown = absent.success ? (absent.data ?? 'not set') : 'required';
    return { name, what: z.globalRegistry.get(field)?.description ?? '', fallback: String(fallback) };
  });
}
