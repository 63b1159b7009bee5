import { execFileSync } from 'node:child_process';

/**
 * Settings of a process whose wall clock is wrong by `offset`, such as `-30s` or `+2h`, while its monotonic clock is
 * right: those of libfaketime, which Debian has in its package `faketime`.
 */
export function wallClockOff(offset: string): Readonly<Record<string, string>> {
  // The program knows where its library is, on every machine; this is its variant for programs with threads.
  const library = execFileSync('faketime', ['-m', '-f', offset, 'printenv', 'LD_PRELOAD'], {
    encoding: 'utf8',
  });
  return { LD_PRELOAD: library.trim(), FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
