import { splitText } from '../splitText.ts';

/** Where an item stands in its Response. */
export interface ItemPlace {
  /** The `output_index` of its events, from 0. */
  outputIndex: number;
  /** The `sequence_number` of the next event: one more with each call. */
  number: () => number;
  /** The characters of one delta. */
  every: number | undefined;
  /** What the item ends as. */
  status: 'completed' | 'incomplete';
}

/** What the events of an item begin with. */
interface ItemFields {
  item_id: string;
  output_index: number;
}

/** The fields that every event of an item has, and its text in pieces. */
export function opened(prefix: string, text: string, { outputIndex, every }: ItemPlace) {
  const fields: ItemFields = { item_id: `${prefix}_${outputIndex + 1}`, output_index: outputIndex };
  return { fields, pieces: splitText(text, every) };
}
