import { z } from 'zod';

/** Marks a setting whose value must never be logged. */
export function markSecret<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ secret: true });
}

/** Whether a setting is marked, also if it is wrapped as optional, with a default, or as the input of a pipe. */
export function isSecret(schema: z.core.$ZodType): boolean {
  if (z.globalRegistry.get(schema)?.secret === true) return true;
  if (schema instanceof z.core.$ZodOptional || schema instanceof z.core.$ZodDefault)
    return isSecret(schema._zod.def.innerType);
  return schema instanceof z.core.$ZodPipe && isSecret(schema._zod.def.in);
}

/** The values of all secret settings that are set, so that logs can redact them. */
export function secretValues(
  schema: z.ZodObject<Readonly<Record<string, z.ZodType>>>,
  settings: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(schema.shape)
    .filter(([, field]) => isSecret(field))
    .flatMap(([name]) => [settings[name]].flat())
    .filter((value) => typeof value === 'string');
}
