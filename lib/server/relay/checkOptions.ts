import type { RelayOptions } from './RelayOptions.ts';

const NUMBERS = [
  'authorizeTimeoutMs',
  'maxTokens',
  'maxChoices',
  'maxBodyBytes',
  'bodyTimeoutMs',
  'maxStreams',
  'writeTimeoutMs',
] as const;
const BASE_PATH = /^(\/[^/?#]+)*$/;

/**
 * Checks the options of a relay, so that a mistake in them neither allows more than was meant nor waits for a request.
 *
 * @throws TypeError when what should be a list is none, or `basePath` is no path
 * @throws RangeError when a number is not above 0
 */
export function checkOptions(options: RelayOptions): void {
  const { models, origins = [], hosts = [], tools = [], fields = {}, basePath = '' } = options;
  if (typeof models !== 'function') checkList(models, 'models');
  if (typeof origins !== 'function') checkList(origins, 'origins');
  checkList(hosts, 'hosts');
  checkList(tools, 'tools');
  for (const [endpoint, names = []] of Object.entries(fields)) checkList(names, `fields.${endpoint}`);
  if (!BASE_PATH.test(basePath)) throw new TypeError('basePath begins with a slash, and does not end with one');
  for (const name of NUMBERS) {
    if (!((options[name] ?? 1) > 0)) throw new RangeError(`${name} must be above 0`);
  }
}

/** Of a text, any part would count as listed. */
function checkList(list: unknown, name: string): void {
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
    throw new TypeError(`${name} must be a list of texts`);
  }
}
