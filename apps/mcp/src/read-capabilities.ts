import { z } from 'zod';
import { SettingsError } from '#libs/settings';
import { type CallApi, failureSentence, parsedJson, readBytes } from '#libs/mcp-tools';
import { ApiUnreachable } from './api-client.js';

/** The API does not accept the key. Its message says what to do. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
}

const me = z.object({ capabilities: z.array(z.string()) });

/**
 * What the key may do. Rejects with {@link KeyRefused}, {@link ApiUnreachable}, or a `SettingsError` if something else
 * responds there.
 */
export async function readCapabilities(callApi: CallApi): Promise<readonly string[]> {
  const request = { method: 'GET', path: '/v1/me', body: undefined };
  const response = await callApi(request, AbortSignal.timeout(30_000));
  if (response.status === 401) throw new KeyRefused(await failureSentence(response));
  if (response.status !== 200) throw new ApiUnreachable(await failureSentence(response));
  const answer = me.safeParse(parsedJson(await readBytes(response)));
  if (!answer.success)
    throw new SettingsError(['LE_BUREAU_API_URL is not where the API is: set it to the URL of the gateway.']);
  return answer.data.capabilities;
}
