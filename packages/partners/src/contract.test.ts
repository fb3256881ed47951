import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { channelContract } from '../test/contract-suite.ts';
import { toy } from '../test/toy/index.ts';
import { channelOf, channels } from './index.ts';

const here = import.meta.dirname;
const folders = readdirSync(here, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

it('the shelf has a line for every folder, and a folder for every line', () => {
  expect(Object.keys(channels).sort()).toEqual([...folders].sort());
});

describe.each(Object.entries(channels))('the channel %s', async (name, channel) => {
  it('is called by the name of its folder', () => expect(channel.id).toBe(name));
  await channelContract(channel, join(here, name));
});

describe('a channel that is one folder and one line', async () => {
  await channelContract(channelOf(toy), join(here, '../test/toy'));
});
