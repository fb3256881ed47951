import { routeDoors } from './doors.ts';
import type { Drill } from './drill-model.ts';

/**
 * What a page of the care team never says: words of FHIR and of machines, ids, codes, and days that
 * nobody writes. Addresses and the values of fields may have them.
 */
const refused: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Condition', /\bConditions?\b/],
  [
    'a reference',
    /\b(Encounter|Patient|Observation|QuestionnaireResponse|Procedure|ServiceRequest|Task|Consent|Goal)\/[\w-]+/,
  ],
  ['service code', /service code/i],
  ['UTC', /\bUTC\b/],
  ['an id', /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/],
  ['a principal', /\b(person|partner|policy|system):\w/],
  ['a day of a machine', /\b\d{4}-\d{2}-\d{2}\b/],
  ['a code', /\b([A-TV-Z]\d{2}\.\d+|\d{8,})\b/],
];

/** Lists what a whole page says that it should not, its menus and its footer too, with the words around it. */
function unplainWords(page: string): string[] {
  const [, title = ''] = /<title>([^<]*)/.exec(page) ?? [];
  const [, body = ''] = page.split('<body');
  const visible = `${title} <body${body}`
    // Codes and their versions are folded away, for whoever checks a code.
    .replaceAll(/<details class="codes">[\s\S]*?<\/details>/g, ' ')
    .replaceAll(/<!--[\s\S]*?-->/g, ' ')
    .replaceAll(/<textarea[\s\S]*?<\/textarea>/g, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
  return refused.flatMap(([name, pattern]) => {
    const match = pattern.exec(visible);
    if (match === null) return [];
    return [`${name}: …${visible.slice(Math.max(0, match.index - 40), match.index + 40)}…`];
  });
}

/** Asks for every page of the care team, and lists what it says that it should not. */
export async function crawlWords({ kia, food, ask }: Drill): Promise<string[]> {
  const ids: Readonly<Record<string, string>> = { referralId: food, personId: kia };
  const doors = ['list', 'page', 'print', 'title'];
  const wrong: string[] = [];
  for (const [route, door] of routeDoors) {
    if (!route.startsWith('GET ') || (door !== undefined && !doors.includes(door))) continue;
    const path = route.slice(4).replaceAll(/:(\w+)/g, (_all, name) => ids[name] ?? food);
    const { status, text } = await ask('rea', path);
    if (status !== 200 || !text.includes('<main')) continue;
    wrong.push(...unplainWords(text).map((words) => `${path} ${words}`));
  }
  return wrong;
}
