import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** What is measured runs alone on one core; everything else, including the load, runs on another. */
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
  /** Whether idle cores waited awake: {@link keepAwake}. */
  readonly isAwake: boolean;
  /** Whether processes shared a core equally: {@link shareEvenly}. */
  readonly isEven: boolean;
}

export function describeMachine(is: Pick<Machine, 'isAwake' | 'isEven'>): Machine {
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
    ...is,
  };
}

/** Lets this process, and all that it starts meanwhile, run on every core; then it is back on its own. */
export async function onAllCores<T>(work: () => Promise<T>): Promise<T> {
  pin(process.pid, `0-${cpus().length - 1}`);
  try {
    return await work();
  } finally {
    pin(process.pid, OTHER_CORE);
  }
}

/** Keeps a process, with all its threads and those it will start, on one core. */
export function pin(pid: number, core: number | string): void {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)], {
    stdio: 'ignore',
  });
}

/** How the kernel of a virtual machine idles; `Documentation/virt/guest-halt-polling.rst` of Linux. */
const HALT_POLLING = '/sys/module/haltpoll/parameters';
const IDLE_GOVERNOR = '/sys/devices/system/cpu/cpuidle/current_governor';

/** A change of kernel settings, until it is ended. */
export interface KernelChange {
  /** Whether it was made. It was not if the setting does not exist or we are not root: the report says so. */
  readonly isMade: boolean;
  readonly end: () => void;
}

const NO_CHANGE: KernelChange = { isMade: false, end: () => undefined };

/**
 * Makes idle cores of a virtual machine wait awake for up to a millisecond before they halt, if that can be set. Waking a
 * halted core goes through the hypervisor, and with the load on it, the measured server would do so for almost each
 * answer, which no client across a network requires. On hardware, one would turn off C-states.
 */
export function keepAwake(): KernelChange {
  try {
    if (readFileSync(IDLE_GOVERNOR, 'utf8').trim() !== 'haltpoll') return NO_CHANGE;
  } catch {
    return NO_CHANGE;
  }
  return change({
    [`${HALT_POLLING}/guest_halt_poll_ns`]: '1000000',
    [`${HALT_POLLING}/guest_halt_poll_allow_shrink`]: 'N',
  });
}

/**
 * Makes Linux share a core equally among processes, not among sessions first (`sched_autogroup_enabled`, sched(7)). Each
 * connection of PostgreSQL is a session, and all of our processes are one; with both, Linux 6.18 left PostgreSQL, and its
 * threads, without processor time for up to two seconds.
 */
export function shareEvenly(): KernelChange {
  return change({ '/proc/sys/kernel/sched_autogroup_enabled': '0' });
}

function change(settings: Readonly<Record<string, string>>): KernelChange {
  const paths = Object.keys(settings);
  try {
    for (const path of paths) accessSync(path, constants.W_OK);
  } catch {
    return NO_CHANGE;
  }
  const before = paths.map((path) => [path, readFileSync(path, 'utf8')] as const);
  for (const [path, value] of Object.entries(settings)) writeFileSync(path, value);
  return {
    isMade: true,
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

/** How much processor time a process has used, in microseconds, with Linux's resolution of 10 milliseconds. */
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
