import { stageNames } from '@loopwell/pipeline';
import { lockOrder } from '@loopwell/store';
import { expect, it } from 'vitest';

it('each stage has its place in the order of locks', () => {
  expect([...lockOrder].sort()).toEqual([...stageNames].sort());
});
