/** `OPENAI_` and the name in the process's environment; undefined where it is blank or missing, or there is no process. */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[`OPENAI_${name}`]?.trim() || undefined;
}

/**
 * Where a key could be in the environment, none at all is a mistake for OpenAI itself.
 *
 * @throws TypeError for the default base URL
 */
export function requireKey(baseURL: string): void {
  // With a document it is a page after all, which has a relay.
  if ('document' in globalThis || !baseURL.startsWith('https://api.openai.com')) return;
  throw new TypeError('No API key: set OPENAI_API_KEY, or give apiKey or baseURL');
}
