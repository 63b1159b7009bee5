import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createLog } from './log.js';
import { keepListening } from './keep-listening.js';

describe('a server that cannot accept a connection', () => {
  it('logs that, and keeps listening', () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const server = createServer();
    keepListening(server, createLog({ service: 'test', level: 'info', secrets: [], destination }));
    server.emit('error', new Error('accept ENOBUFS'));
    server.emit('error', new Error('accept ENOBUFS'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('accept ENOBUFS');
  });
});
