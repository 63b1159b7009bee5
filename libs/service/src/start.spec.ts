import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const START = JSON.stringify(new URL('start.js', import.meta.url).href);

/** Runs a program that can use `runProcess`; resolves with its output, and rejects if it exits with another code than 0. */
async function run(program: string): Promise<string> {
  const flags = ['--input-type=module', '--eval', `import { runProcess } from ${START};\n${program}`];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, flags, { timeout: 60_000 });
  return stdout + stderr;
}

const FAILING = `
  async function reconnect() { throw new Error('the connection is refused'); }
  const fail = async () => { reconnect(); };
  setTimeout(() => undefined, 10_000);
  const goOn = () => setTimeout(() => { console.log('still serving'); process.kill(process.pid, 'SIGTERM'); }, 200);
`;

describe('a process', () => {
  it('survives an unhandled rejection, and logs it with its stack', async () => {
    const written = await run(`${FAILING}
      await runProcess(async () => { setTimeout(fail, 50); goOn(); return { stop: async () => console.log('stopped') }; });
    `);
    expect(written).toContain('still serving');
    expect(written).toContain('stopped');
    expect(written).toContain('the connection is refused');
    expect(written).toMatch(/at .*reconnect/);
  });

  it('survives one while it starts, too', async () => {
    const written = await run(`${FAILING}
      await runProcess(async () => { await fail(); await 0; goOn(); return { stop: async () => undefined }; });
    `);
    expect(written).toContain('still serving');
  });

  it('exits after an uncaught exception, since its state is unknown', async () => {
    const program = `
      await runProcess(async () => {
        setTimeout(() => { throw new Error('broken') }, 50);
        setTimeout(() => process.exit(0), 10_000);
        return { stop: async () => undefined };
      });`;
    await expect(run(program)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('broken') });
  });
});
