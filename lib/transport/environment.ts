/** `OPENAI_` and the name in the process's environment; undefined where it is blank or missing, or there is no process. */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[`OPENAI_${name}`]?.trim() || undefined;
}

/** What is said where a key could have been in the environment, but is not. */
export const MISSING_KEY = 'No API key: set OPENAI_API_KEY, or give apiKey or baseURL';
