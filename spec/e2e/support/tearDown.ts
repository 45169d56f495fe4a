import { rm } from 'node:fs/promises';
import { folders } from './folders';

/** Removes the copies; the pictures stay. */
export default async function tearDown(): Promise<void> {
  await rm(folders.installed, { recursive: true, force: true });
}
