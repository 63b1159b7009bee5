import { describe, expect, it } from '@jest/globals';
import { readSmtpUrl, smtpUrl } from './smtp-url.js';

describe('the URL of a mail server', () => {
  it.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, tls: 'required' }],
    ['smtps://mail.example.com/', { host: 'mail.example.com', port: 465, tls: 'implicit' }],
    [
      'smtp://keys%40example.com:p%3As@mail.example.com:25',
      { port: 25, tls: 'required', user: 'keys@example.com', password: 'p:s' },
    ],
    ['smtp://[::1]:2525?tls=off', { host: '::1', port: 2525, tls: 'off' }],
    ['smtp://keys:100%@mail.example.com', { password: '100%' }],
  ])('is read: %s', (url, expected) => {
    expect(smtpUrl().parse(url)).toBe(url);
    expect(readSmtpUrl(url)).toMatchObject(expected);
  });

  it.each([
    'mail.example.com:587',
    'http://mail.example.com',
    'smtp://',
    'smtp://mail.example.com/inbox',
    'smtp://mail.example.com?tls=on',
    'smtp://mail.example.com?tls=off&pool=true',
    'smtps://mail.example.com?tls=off',
    'smtp://mail.example.com#x',
  ])('is refused if it says what is not known here, or asks for TLS and none: %s', (url) => {
    expect(smtpUrl().safeParse(url).success).toBe(false);
  });
});
