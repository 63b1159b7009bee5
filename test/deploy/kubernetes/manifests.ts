import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Namespace, Service } from 'kubernetes-models/v1';
import { parse, parseAllDocuments } from 'yaml';

export const FOLDER = join(import.meta.dirname, '../../../../deploy/kubernetes');

/** The API server's schemas for each kind that is used here. */
const KINDS = {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
};

/** Parsed YAML. */
export type Tree = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- the schemas check what it is

/** One object, as it would be sent to the API server. */
export interface Manifest {
  readonly file: string;
  readonly kind: keyof typeof KINDS;
  readonly name: string;
  readonly object: Tree;
}

/** All objects that `kubectl apply --kustomize deploy/kubernetes` would send. */
export function readManifests(): Manifest[] {
  const { resources } = parse(readFileSync(join(FOLDER, 'kustomization.yaml'), 'utf8'));
  return resources.flatMap((file: string) =>
    parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((document) => {
      if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join(', ')}`);
      const object = document.toJS();
      return { file, kind: object.kind, name: object.metadata.name, object };
    }),
  );
}

/** What is wrong with an object: by its schema, and fields that the schema does not know, which it would accept. */
export function problemsOf({ kind, object }: Manifest): string[] {
  const unread = new Set<string>();
  try {
    // Its constructor would copy its argument.
    KINDS[kind].prototype.validate.call(watched(object, kind, unread));
  } catch (err) {
    return [String(err)];
  }
  return [...unread].map((path) => `${path} is unknown`);
}

/** The same object, which removes from `unread` what is read of it: a validator reads all fields that it knows. */
function watched(value: unknown, path: string, unread: Set<string>): Tree {
  if (typeof value !== 'object' || value === null) return value;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  for (const [key, inner] of Object.entries(value)) {
    unread.add(`${path}.${key}`);
    Reflect.set(copy, key, watched(inner, `${path}.${key}`, unread));
  }
  return new Proxy(copy, {
    get: (target, key) => {
      unread.delete(`${path}.${String(key)}`);
      return Reflect.get(target, key);
    },
  });
}
