import { describe, expect, it } from '@jest/globals';
import { configurations } from './configurations.js';

const KEY = 'sk_live_of-nobody';
const all = configurations({ gatewayUrl: 'https://api.example.com', key: KEY });

describe('ready configurations', () => {
  it('have IDs and titles of their own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
  });

  it('are valid JSON where they say so', () => {
    const files = all.filter(({ language }) => language === 'json');
    expect(files).toHaveLength(3);
    for (const { text } of files) expect(JSON.parse(text)).toBeInstanceOf(Object);
  });

  it('contain the key only outside of projects, or where it is said that the file must not be committed', () => {
    const withKey = all.filter(({ text }) => text.includes(KEY));
    expect(withKey.map(({ id }) => id)).toEqual(['curl', 'env', 'claude-desktop', 'claude-code']);
    expect(withKey.filter(({ note }) => /not committed|history|in no project/.test(note))).toEqual(withKey);
  });

  it('name the gateway, or take its address from the environment', () => {
    for (const { text } of all) expect(text).toMatch(/https:\/\/api\.example\.com|LE_BUREAU_API_URL/);
  });
});
