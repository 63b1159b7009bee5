import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

/*
 * Loaded before a server (`node --import`): samples what it does from SIGHUP until it ends, and writes that to
 * PROFILE_FILE, as V8 does: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
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
