/** The secrets of every stack that a test starts. */
export const TEST_SECRETS = {
  KEYS_MANAGE_TOKEN: 'the-manage-token-of-the-tests-0123456789',
  KEYS_VERIFY_TOKEN: 'the-verify-token-of-the-tests-0123456789',
  KEY_TAG_SECRET: 'the-tag-secret-of-the-tests-0123456789ab',
  VERDICT_SECRET: 'the-verdict-secret-of-the-tests-01234567',
  WEBHOOK_SECRET: 'the-webhook-secret-of-the-tests-01234567',
  IDENTITY_SECRET: 'the-identity-secret-of-the-tests-0123456',
  DASHBOARD_SECRET: 'the-dashboard-secret-of-the-tests-012345',
} as const;
