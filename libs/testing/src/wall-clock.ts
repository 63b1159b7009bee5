import { execFileSync } from 'node:child_process';

/**
 * Settings for a process whose wall clock is wrong by `offset`, such as `-30s` or `+2h`, and whose monotonic clock is
 * right: those of libfaketime, which is in Debian's package `faketime`.
 */
export function wallClockOff(offset: string): Readonly<Record<string, string>> {
  // The program knows where its library is, on every machine; this one supports threads.
  const library = execFileSync('faketime', ['-m', '-f', offset, 'printenv', 'LD_PRELOAD'], {
    encoding: 'utf8',
  });
  return { LD_PRELOAD: library.trim(), FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
