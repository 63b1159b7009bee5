import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { readSettings } from '#libs/settings';
import { dashboardSettings } from '../../apps/dashboard/src/dashboard-settings.js';
import { readSignInOptions } from '../../apps/dashboard/src/sign-in/sign-in-options.js';
import { gatewaySettings } from '../../apps/gateway/src/gateway-settings.js';
import { keysSettings } from '../../apps/keys/src/keys-settings.js';
import { migrateSettings } from '../../apps/keys/src/migrate/migrate-settings.js';
import { FOLDER, type Manifest, type Tree, problemsOf, readManifests } from './kubernetes/manifests.js';

const manifests = readManifests();
const all = (kind: Manifest['kind']): Manifest[] => manifests.filter((manifest) => manifest.kind === kind);
const find = (kind: Manifest['kind'], name: string): Tree => {
  const found = all(kind).find((manifest) => manifest.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found.object;
};

const SCHEMAS = { keys: keysSettings, gateway: gatewaySettings, dashboard: dashboardSettings };
const SERVICES = ['keys', 'gateway', 'dashboard'] as const;
type Name = (typeof SERVICES)[number];

const podOf = (name: Name): Tree => find('Deployment', name).spec.template;
const containerOf = (name: Name): Tree => podOf(name).spec.containers[0];
const portsOf = (name: Name): { name: string; containerPort: number }[] => containerOf(name).ports;
const portNames = (name: Name): string[] => portsOf(name).map((port) => port.name);
/** A container's environment. */
const environmentOf = (name: Name): Record<string, string> => ({
  ...find('ConfigMap', containerOf(name).envFrom[0].configMapRef.name).data,
  ...Object.fromEntries(containerOf(name).env.map(({ name, value }: Tree) => [name, value])),
});
const secretFilesOf = (name: Name): string[] =>
  Object.entries(environmentOf(name)).flatMap(([setting, value]) =>
    setting.endsWith('_FILE') ? [value] : [],
  );
/** The service whose pods have these labels. */
const selected = (labels: Record<string, string>): Name | undefined =>
  SERVICES.find((name) =>
    Object.entries(labels).every(([label, value]) => podOf(name).metadata.labels[label] === value),
  );

describe('the manifests for Kubernetes', () => {
  it('are all named in kustomization.yaml', () => {
    const files = readdirSync(FOLDER).filter(
      (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
    );
    expect([...new Set(manifests.map(({ file }) => file))].sort()).toEqual(files.sort());
  });

  it.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.name}`, manifest] as const))(
    'match the schemas of the API, without unknown fields: %s',
    (_, manifest) => expect(problemsOf(manifest)).toEqual([]),
  );

  it('would be refused with a misspelled field, or one of another type', () => {
    const keys = structuredClone(find('Deployment', 'keys'));
    keys.spec.template.spec.containers[0].readynessProbe = {};
    expect(problemsOf({ file: '', kind: 'Deployment', name: 'keys', object: keys })).toEqual([
      'Deployment.spec.template.spec.containers.0.readynessProbe is unknown',
    ]);
    keys.spec.template.spec.terminationGracePeriodSeconds = 'soon';
    expect(problemsOf({ file: '', kind: 'Deployment', name: 'keys', object: keys })[0]).toMatch(/integer/);
  });

  it('take a catalogue by the patches in docs/operations.md', () => {
    const operations = readFileSync(join(FOLDER, '../../docs/operations.md'), 'utf8');
    const [, overlay = ''] = /```yaml\n(resources:[^]*?)```/.exec(operations) ?? [];
    const { target, patch } = parse(overlay).patches[0];
    expect(target).toEqual({ kind: 'Deployment', name: 'keys|gateway' });
    for (const name of ['keys', 'gateway']) {
      const object = structuredClone(find('Deployment', name));
      for (const { path, value } of parse(patch)) {
        const list = path
          .split('/')
          .slice(1, -1)
          .reduce((at: Tree, step: string) => at[step], object);
        list.push(value); // RFC 6902: add, at the end
      }
      expect(problemsOf({ file: '', kind: 'Deployment', name, object })).toEqual([]);
      const { env, volumeMounts } = object.spec.template.spec.containers[0];
      expect(dirname(env.at(-1).value)).toBe(volumeMounts.at(-1).mountPath);
    }
  });

  it.each(SERVICES)('declare every port that is used, probed or allowed: %s', (name) => {
    for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
      const { httpGet } = containerOf(name)[probe] ?? {};
      if (httpGet !== undefined) expect(portNames(name)).toContain(httpGet.port);
    }
    for (const { object } of all('Service').filter(({ object }) => selected(object.spec.selector) === name)) {
      for (const { targetPort, port } of object.spec.ports)
        expect(portsOf(name)).toContainEqual({ name: targetPort, containerPort: port });
    }
    const policy = find('NetworkPolicy', name).spec;
    for (const { ports } of policy.ingress)
      for (const { port } of ports) expect(portNames(name)).toContain(port);
    for (const { to, ports } of policy.egress.filter(({ to }: Tree) => to?.[0].podSelector)) {
      const other = selected(to[0].podSelector.matchLabels);
      expect(SERVICES).toContain(other);
      if (other !== undefined) for (const { port } of ports) expect(portNames(other)).toContain(port);
    }
  });

  it.each(SERVICES)('select the pods of their service: %s', (name) => {
    const selectors = [
      find('Deployment', name).spec.selector.matchLabels,
      find('PodDisruptionBudget', name).spec.selector.matchLabels,
      find('NetworkPolicy', name).spec.podSelector.matchLabels,
      ...podOf(name).spec.topologySpreadConstraints.map(
        ({ labelSelector }: Tree) => labelSelector.matchLabels,
      ),
    ];
    expect(selectors.map(selected)).toEqual(selectors.map(() => name));
    expect(find('HorizontalPodAutoscaler', name).spec.scaleTargetRef).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name,
    });
  });

  it.each(SERVICES)('let no container run as root, write files, or gain privileges: %s', (name) => {
    expect(podOf(name).spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(containerOf(name).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(podOf(name).spec.volumes).toContainEqual({
      name: 'secrets',
      secret: { secretName: name, defaultMode: 0o440 },
    });
    expect(containerOf(name).volumeMounts).toEqual([
      { name: 'secrets', mountPath: '/run/secrets', readOnly: true },
    ]);
  });

  it('give the password of the tables’ owner only to the container that migrates them', () => {
    const [migrate] = podOf('keys').spec.initContainers;
    expect(migrate.securityContext).toEqual(containerOf('keys').securityContext);
    expect(migrate.volumeMounts).toEqual([
      { name: 'owner-secrets', mountPath: '/run/secrets', readOnly: true },
    ]);
    expect(podOf('keys').spec.volumes).toContainEqual({
      name: 'owner-secrets',
      secret: { secretName: 'migrate', defaultMode: 0o440 },
    });
    const settings = find('ConfigMap', migrate.envFrom[0].configMapRef.name).data;
    expect(new URL(settings.DATABASE_URL).username).not.toBe(settings.DATABASE_SERVING_ROLE);
    expect(new URL(environmentOf('keys').DATABASE_URL ?? '').username).toBe(settings.DATABASE_SERVING_ROLE);
    const given = [
      ...Object.keys(settings),
      ...migrate.env.map(({ name }: Tree) => name.replace(/_FILE$/, '')),
    ];
    expect(given.sort()).toEqual(['DATABASE_PASSWORD', 'DATABASE_SERVING_ROLE', 'DATABASE_URL']);
    for (const setting of given) expect(migrateSettings.shape).toHaveProperty(setting);
  });

  it('refer to each other by existing names and ports', () => {
    const { KEYS_VERIFY_URL } = environmentOf('gateway');
    const { KEYS_MANAGE_URL, GATEWAY_URL } = environmentOf('dashboard');
    for (const url of [KEYS_VERIFY_URL, KEYS_MANAGE_URL, GATEWAY_URL]) {
      const { hostname, port } = new URL(url ?? '');
      expect(find('Service', hostname).spec.ports).toContainEqual(
        expect.objectContaining({ port: Number(port) }),
      );
    }
    expect(find('Service', 'keys-verify').spec.clusterIP).toBe('None');
  });
});

describe('the settings in them', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubernetes-'));
    const files = new Set(SERVICES.flatMap(secretFilesOf).map((path) => basename(path)));
    for (const file of files) writeFileSync(join(folder, file), 'x'.repeat(64));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const readAll = (name: Name): Tree => {
    const environment = Object.entries(environmentOf(name)).map(([setting, value]) => [
      setting,
      setting.endsWith('_FILE') ? join(folder, basename(value)) : value,
    ]);
    // As the image sets it.
    return readSettings<Tree>(SCHEMAS[name], { ...Object.fromEntries(environment), NODE_ENV: 'production' });
  };

  it.each(SERVICES)('exist, and include all that the service requires: %s', (name) => {
    const known = Object.keys(SCHEMAS[name].shape);
    const given = Object.keys(environmentOf(name)).map((setting) => setting.replace(/_FILE$/, ''));
    expect(given.filter((setting) => !known.includes(setting))).toEqual([]);
    expect(() => readAll(name)).not.toThrow();
  });

  it('let people sign in as production requires', () => {
    expect(readSignInOptions(readAll('dashboard'))).toMatchObject({
      origin: 'https://dashboard.example.com',
      password: false,
    });
  });

  it.each(SERVICES)('leave time to drain and to finish before the pod is killed: %s', (name) => {
    const { DRAIN_SECONDS } = readAll(name);
    expect(podOf(name).spec.terminationGracePeriodSeconds).toBeGreaterThan(Number(DRAIN_SECONDS) + 12);
  });

  it.each(SERVICES)('read exactly the secrets that the README creates for them: %s', (name) => {
    const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    const [, handedOut = ''] =
      new RegExp(`generic ${name} \\\\\\s+\\$\\(files ([^)]+)\\)`).exec(readme) ?? [];
    expect(
      secretFilesOf(name)
        .map((path) => basename(path))
        .sort(),
    ).toEqual(handedOut.split(' ').sort());
  });
});
