import { checkIndex } from './checkIndex.ts';
import { GrowingList } from './GrowingList.ts';
import { setField } from './setField.ts';
import { updateAt } from './updateAt.ts';
import { isFields, type Fields } from './takeFields.ts';

/** The text that an event carries: that of a field of an item, or of a part in one of its lists. */
interface TextPlace {
  item: string;
  list?: 'content' | 'summary';
  part?: string;
  field: string;
}

/** By what stands between `response.` and the verb in the type of an event. */
const TEXTS = new Map<string, TextPlace>([
  ['output_text', { item: 'message', list: 'content', part: 'output_text', field: 'text' }],
  ['refusal', { item: 'message', list: 'content', part: 'refusal', field: 'refusal' }],
  ['reasoning_text', { item: 'reasoning', list: 'content', part: 'reasoning_text', field: 'text' }],
  ['reasoning_summary_text', { item: 'reasoning', list: 'summary', part: 'summary_text', field: 'text' }],
  ['function_call_arguments', { item: 'function_call', field: 'arguments' }],
  ['mcp_call_arguments', { item: 'mcp_call', field: 'arguments' }],
  ['custom_tool_call_input', { item: 'custom_tool_call', field: 'input' }],
  ['code_interpreter_call_code', { item: 'code_interpreter_call', field: 'code' }],
]);

const TYPE = /^response\.(.+)\.(\w+)$/;
const STATUS = /^(in_progress|searching|interpreting|generating|completed|failed)$/;

/**
 * An output item of a Response after an event that tells of it: the same object when nothing changed.
 *
 * @param item - undefined where the server has not told of it
 * @param isOwn - whether it bears the id of the event; without, one of another type is left alone
 * @param growing - the log probabilities that grow, by their part
 */
export function itemAfter(
  item: Fields | undefined,
  event: Fields,
  isOwn: boolean,
  growing: WeakMap<object, GrowingList>,
): Fields | undefined {
  const [, subject = '', verb = ''] = TYPE.exec(String(event.type)) ?? [];
  const indexOf = (name: string) => checkIndex(event[name], name);
  const isOf = (type: string) => isOwn || item?.type === type;
  /** Changes what is at the path of the item; a server that leaves the value out changes nothing. */
  const change = (path: (string | number)[], value: (known: unknown) => unknown, type = 'message') => {
    const base = item && isOf(type) ? item : newItem(type, event);
    const next = updateAt(base, path, (known) => value(known) ?? known);
    return next === base ? item : (next as Fields);
  };
  const isDelta = verb === 'delta';
  const added = (known: unknown) => `${text(known)}${text(event.delta)}`;
  const place = TEXTS.get(subject);
  if (place) {
    const { list, part: type = '', field } = place;
    const path = list ? [list, indexOf(list === 'summary' ? 'summary_index' : 'content_index')] : [];
    return change(
      path,
      (known) => {
        const holder = isFields(known) ? known : newPart(type);
        const value = isDelta ? added(holder[field]) : (event[field] ?? holder[field]);
        const isSame = holder === known && holder[field] === value && listOf(event.logprobs).length === 0;
        return isSame ? known : withText(holder, field, value, event, growing);
      },
      place.item,
    );
  }
  switch (subject) {
    case 'output_item':
      return isFields(event.item) ? event.item : item;
    case 'content_part':
      return change(
        ['content', indexOf('content_index')],
        () => event.part,
        isFields(event.part) && event.part.type === 'reasoning_text' ? 'reasoning' : 'message',
      );
    case 'reasoning_summary_part':
      return change(['summary', indexOf('summary_index')], () => event.part, 'reasoning');
    case 'output_text.annotation':
      return change(
        ['content', indexOf('content_index'), 'annotations', indexOf('annotation_index')],
        () => event.annotation,
      );
    case 'shell_call_command':
      return change(
        ['action', 'commands', indexOf('command_index')],
        (known) => (isDelta ? added(known) : event.command),
        'shell_call',
      );
    case 'shell_call_output_content':
      return change(
        ['output', indexOf('command_index')],
        (known) => (isDelta ? withOutput(known, event.delta) : (event.output as unknown[] | undefined)?.[0]),
        'shell_call_output',
      );
    default:
      return subject.endsWith('_call') && STATUS.test(verb) && item && isOf(subject) && item.status !== verb
        ? { ...item, status: verb }
        : item;
  }
}

/** What is made where a server tells of an item without having added it. */
function newItem(type: string, { item_id: id = '' }: Fields): Fields {
  return { id, type, status: 'in_progress', ...(type === 'message' && { role: 'assistant', content: [] }) };
}

function newPart(type: string): Fields {
  return type === 'output_text' ? { type, text: '', annotations: [] } : type ? { type } : {};
}

/** The log probabilities of a text grow with it. */
function withText(
  part: Fields,
  field: string,
  value: unknown,
  { delta, logprobs }: Fields,
  growing: WeakMap<object, GrowingList>,
): Fields {
  const items = listOf(logprobs);
  const known = growing.get(part);
  if (delta === undefined) return { ...part, [field]: value, ...(items.length > 0 && { logprobs: items }) };
  if (!known && items.length === 0) return { ...part, [field]: value };
  const list = known ?? new GrowingList();
  if (!known) list.push(part.logprobs);
  list.push(items);
  const next: Fields = {};
  // Without a look at the list so far, which would copy it.
  for (const name of Object.keys(part)) if (name !== 'logprobs') setField(next, name, part[name]);
  next[field] = value;
  growing.set(next, list);
  return list.define(next, 'logprobs');
}

function withOutput(known: unknown, delta: unknown): Fields {
  const output = isFields(known) ? known : { stdout: '', stderr: '', outcome: { type: 'exit', exit_code: 0 } };
  const { stdout, stderr } = isFields(delta) ? delta : {};
  if (known && !text(stdout) && !text(stderr)) return output;
  return { ...output, stdout: text(output.stdout) + text(stdout), stderr: text(output.stderr) + text(stderr) };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
