import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

/*
 * Loaded before a server (`node --import`): samples its stack from SIGHUP until it exits, and writes the profile to
 * PROFILE_FILE, in V8's format: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
 */
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: 250 }); // microseconds
process.on('SIGHUP', () => session.post('Profiler.start'));
process.on('exit', () =>
  session.post('Profiler.stop', (err, { profile }) => {
    if (err === null) writeFileSync(process.env.PROFILE_FILE ?? '', JSON.stringify(profile));
  }),
);
