import { invalid, isObject } from './parseBody.ts';

/** Items of the input that stand for nothing but themselves. */
const PLAIN_ITEM = /^(message|reasoning|(function|custom_tool)_call(_output)?)$/;
const SOURCE_FIELD = /^(?!.*name$).*(url|uri|href|src|image|audio|video|file|source)/i;
/** What leads elsewhere, instead of holding it. */
const REMOTE = /^(?!data:)([a-z][a-z\d+.-]*:|[\\/]{2})/i;
/** What does not show, and is left out by those who follow a URL. */
const INVISIBLE = /[\p{C}\p{Z}]/gu;

/** What messages and items of the input may hold. */
export interface ContentLimits {
  /** The types of tools that are allowed, whose items may come back. */
  tools: readonly string[];
  /** Whether the API may be made to fetch what is at a URL. */
  remoteURLs: boolean;
}

/**
 * Checks messages, or items of the input: nothing in them names what is kept at the API.
 *
 * @throws RefusalError when one is no object, of a type that is not allowed, or refers to a file, an item or a URL
 */
export function checkContent(items: readonly unknown[], param: string, limits: ContentLimits): void {
  items.forEach((item, index) => {
    const at = `${param}[${index}]`;
    if (!isObject(item)) throw invalid('A message is an object', undefined, at);
    const { type = 'message' } = item;
    const isAllowed =
      typeof type === 'string' && (PLAIN_ITEM.test(type) || limits.tools.some((tool) => type.startsWith(`${tool}_`)));
    if (!isAllowed) throw invalid('An item of that type is not allowed', 'item_not_allowed', at);
    checkReferences(item, at, limits);
  });
}

function checkReferences(value: unknown, at: string, limits: ContentLimits, field = ''): void {
  if (Array.isArray(value)) {
    for (const item of value) checkReferences(item, at, limits, field);
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      // What an earlier answer has cited is not followed.
      if (name === 'annotations') continue;
      const isStored = /(file|container)_ids?$/.test(name) ? member !== null : name === 'audio' && isNamed(member);
      if (isStored) throw invalid('What is kept at the API is not allowed', 'file_not_allowed', at);
      checkReferences(member, at, limits, name);
    }
  } else if (typeof value === 'string' && SOURCE_FIELD.test(field) && !limits.remoteURLs) {
    const isRemote = REMOTE.test(value.replace(INVISIBLE, ''));
    if (isRemote) throw invalid('Only data URLs are allowed', 'url_not_allowed', at);
  }
}

/** Whether it stands for something by its id. */
function isNamed(value: unknown): boolean {
  return isObject(value) && 'id' in value;
}
