import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** What is measured runs on one core, alone; everything else, the load among it, on another. */
export const SERVER_CORE = 0;
export const OTHER_CORE = 1;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly commit: string;
  readonly date: string;
  /** Whether cores that had nothing to do waited awake: {@link keepAwake}. */
  readonly isAwake: boolean;
}

export function describeMachine(isAwake: boolean): Machine {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--untracked-files=no') !== '';
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: `Linux ${release()}`,
    node: process.version,
    commit: git('rev-parse', '--short=12', 'HEAD') + (isChanged ? ', changed' : ''),
    date: new Date().toISOString().slice(0, 10),
    isAwake,
  };
}

/** Keeps a process, with all its threads and those it will start, on one core. */
export function pin(pid: number, core: number): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)], {
    stdio: 'ignore',
  });
}

/** How the kernel of a virtual machine waits; `Documentation/virt/guest-halt-polling.rst` of Linux. */
const HALT_POLLING = '/sys/module/haltpoll/parameters';
const IDLE_GOVERNOR = '/sys/devices/system/cpu/cpuidle/current_governor';

/**
 * Has cores of a virtual machine wait awake for up to a millisecond before they halt, where that can be set. A halted
 * one is woken by way of the hypervisor, and with the load on it, it is the measured server that wakes it, for almost
 * each answer, which no client across a network would have it do. On hardware one would turn off C-states.
 */
export function keepAwake(): { readonly isAwake: boolean; readonly end: () => void } {
  const settings = [
    [`${HALT_POLLING}/guest_halt_poll_ns`, '1000000'],
    [`${HALT_POLLING}/guest_halt_poll_allow_shrink`, 'N'],
  ] as const;
  const asItIs = { isAwake: false, end: () => undefined }; // no such machine, or not root: the report says so
  try {
    if (readFileSync(IDLE_GOVERNOR, 'utf8').trim() !== 'haltpoll') return asItIs;
    for (const [path] of settings) accessSync(path, constants.W_OK);
  } catch {
    return asItIs;
  }
  const before = settings.map(([path]) => [path, readFileSync(path, 'utf8')] as const);
  for (const [path, value] of settings) writeFileSync(path, value);
  return {
    isAwake: true,
    end: () => {
      for (const [path, value] of before) writeFileSync(path, value);
    },
  };
}

/** How busy a core was between two readings. */
export interface CoreTime {
  readonly busy: number;
  readonly idle: number;
}

export function readCore(core: number): CoreTime {
  const line = readFileSync('/proc/stat', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`cpu${core} `));
  if (line === undefined) throw new Error(`there is no core ${core}`);
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busy: user + nice + system + irq + softirq + steal, idle: idle + wait };
}

/** How much processor time a process has used, in microseconds; to 10 milliseconds, in which Linux counts. */
export function cpuMicroseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** The idle share of a core since `before`, from 0 to 1. */
export function idleSince(before: CoreTime, core: number): number {
  const now = readCore(core);
  const idle = now.idle - before.idle;
  return idle / Math.max(1, idle + now.busy - before.busy);
}
