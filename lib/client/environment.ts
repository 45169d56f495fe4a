/** `OPENAI_` and the name in the process's environment; undefined where it is blank or missing, or there is no process. */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[`OPENAI_${name}`]?.trim() || undefined;
}

/** Whether the code runs in a page or a worker of a browser, where everybody can read it. Deno and Cloudflare have workers too. */
export function isBrowser(): boolean {
  const { document, WorkerGlobalScope, navigator } = globalThis as Record<string, unknown>;
  const { userAgent } = (navigator ?? {}) as { userAgent?: string };
  return Boolean(document ?? WorkerGlobalScope) && !/^(Deno|Cloudflare)/.test(userAgent ?? '');
}
