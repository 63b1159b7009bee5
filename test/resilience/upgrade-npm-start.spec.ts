import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ManageClient } from '#libs/keys-client';
import {
  type RunningProcess,
  TEST_SECRETS,
  callOnce,
  freePort,
  noteIssued,
  runFolder,
  programIn,
  startProgram,
  uniqueName,
  VERSION_BEFORE,
  compileVersion,
} from '#libs/testing';

const IN_USE = 'is in use by another process';

/** Where version 0.1.0 is compiled. */
let versionBefore: string;
beforeAll(() => {
  versionBefore = compileVersion(VERSION_BEFORE);
});

describe('a data folder of npm start', () => {
  const started: RunningProcess[] = [];
  afterEach(async () => {
    for (const process of started.splice(0)) await process.stop();
  });

  /** Starts npm start, of this version by default, and resolves with its URLs. */
  function npmStart(settings: Readonly<Record<string, string>>, dist?: string): RunningProcess {
    const process = startProgram(programIn(dist, 'standalone'), settings, [], dist);
    started.push(process);
    return process;
  }

  it('can be upgraded from version 0.1.0 and back, and is refused to one while the other uses it', async () => {
    const [gateway, manage] = [await freePort(), await freePort()];
    const settings = {
      KEYS_MANAGE_TOKEN: TEST_SECRETS.KEYS_MANAGE_TOKEN,
      BCRYPT_COST: '4', // each start forgets its verdicts
      DATA_DIR: runFolder('data', uniqueName('upgrade')),
      EXAMPLE_PORT: String(await freePort()),
      DASHBOARD_PORT: String(await freePort()),
      KEYS_VERIFY_PORT: String(await freePort()),
      KEYS_MANAGE_PORT: String(manage),
      GATEWAY_PORT: String(gateway),
    };
    const credential = settings.KEYS_MANAGE_TOKEN;
    const keys = new ManageClient({ url: `http://127.0.0.1:${manage}`, credential });
    const status = async (token: string): Promise<number> =>
      (await callOnce(`http://127.0.0.1:${gateway}/v1/me`, token)).status;
    const issue = async () => {
      const issued = await keys.issue('ada', { name: 'x', capabilities: ['kb:read'] });
      noteIssued(issued.token);
      return issued;
    };

    const before = npmStart(settings, versionBefore);
    await before.waitForOutput('are running');
    await keys.putOwner('ada', { email: 'ada@example.com' });
    const [first, second] = [await issue(), await issue()];

    const tooEarly = npmStart(settings);
    expect(await tooEarly.exited).toBe(1);
    expect(await status((await issue()).token)).toBe(200);
    expect(tooEarly.stderr).toContain(IN_USE);
    await before.stop();

    const upgraded = npmStart(settings);
    await upgraded.waitForOutput('are running');
    expect(await status(first.token)).toBe(200);
    await keys.revoke(first.key.id);
    expect(await status(first.token)).toBe(401);

    const tooLate = npmStart(settings, versionBefore);
    expect(await tooLate.exited).toBe(1);
    expect(await status((await issue()).token)).toBe(200);
    expect(tooLate.stderr).toContain(IN_USE);
    await upgraded.stop();

    await npmStart(settings, versionBefore).waitForOutput('are running');
    expect(await status(first.token)).toBe(401);
    expect(await status(second.token)).toBe(200);
    await keys.revoke(second.key.id);
    expect(await status(second.token)).toBe(401);
  });
});
