/** How long a page may take to show something, in milliseconds. A machine under load needs some of it. */
const PATIENCE_MS = 15_000;

/** Repeats a check, which throws as long as it does not hold. Gives what it gave, or its last error when time is up. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
