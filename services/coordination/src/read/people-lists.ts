import type { PeopleList } from '@loopwell/store';

/** What a person does for the people that they chose on a list; the names of decisions. */
export type ListAction =
  | 'approve'
  | 'refuse'
  | 'agree'
  | 'recordConsent'
  | 'chooseService'
  | 'closeWithoutHelp'
  | 'postpone';

/** A list by work: where it is, and what can be done for many of its people; the main action first. */
export type ListPlace = {
  list: PeopleList;
  path: string;
  actions: readonly ListAction[];
  /** People whose answers disagree or are old are decided one by one here. */
  looksAtAnswers: boolean;
};

const place = (
  list: PeopleList,
  path: string,
  actions: readonly ListAction[],
  looksAtAnswers = false,
): ListPlace => ({ list, path, actions, looksAtAnswers });

/** The lists by work, in their order. */
export const listPlaces: readonly ListPlace[] = [
  place('decide', '/decide', ['approve', 'refuse', 'postpone'], true),
  place('ask', '/ask', ['agree', 'postpone'], true),
  place('signature', '/signature', ['recordConsent', 'postpone']),
  place('service', '/service', ['chooseService', 'postpone']),
  place('later', '/later', []),
  place('waiting', '/waiting', []),
  place('withoutHelp', '/without-help', ['closeWithoutHelp', 'postpone']),
  place('helped', '/helped', []),
];

/** Finds the list at an address of a page; undefined for another page. */
export const placeAt = (path: string): ListPlace | undefined =>
  listPlaces.find((one) => one.path === path);
