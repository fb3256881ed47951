/** One thing that is asked again and again, each time for something else. */
export type Question = { name: string; ask: (n: number) => Promise<void>; times?: number };

/** Where a list is open, and what opens it. */
export type Doors = {
  address: string;
  console: string;
  cookie: string;
  bearer: string;
  partners: ReadonlyMap<string, string>;
};

const lists = [
  '/decide',
  '/ask',
  '/signature',
  '/service',
  '/later',
  '/waiting',
  '/without-help',
  '/helped',
  '/see-first',
  '/call-today',
  '/appointments',
];

const needs = ['food-insecurity', 'housing-instability', 'stress'];

/** How many pages are gone through to find later ones. */
const pagesWalked = 12;

/** Asks each list for its first page, for later pages, and for one need or a person beside it. */
export async function peopleListsOf({ address, cookie }: Doors): Promise<Question[]> {
  const questions: Question[] = [];
  for (const list of lists) {
    const ask = (path: string) => read(`${address}${path}`, cookie);
    const { later, person } = await walk(ask, list);
    questions.push({ name: list, ask: async () => void (await ask(list)) });
    if (later.length > 0)
      questions.push({
        name: `${list}, later pages`,
        ask: async (n) => void (await ask(later[n % later.length] ?? list)),
      });
    questions.push({
      name: `${list}, one need`,
      ask: async (n) => void (await ask(`${list}?need=${needs[n % needs.length]}`)),
    });
    if (person !== undefined)
      questions.push({
        name: `${list}, a person beside it`,
        ask: async () => void (await ask(`${list}?person=${person}`)),
      });
  }
  return questions;
}

/** Goes through the pages of a list, and gives the addresses of the later ones. */
async function walk(ask: (path: string) => Promise<string>, list: string) {
  const later: string[] = [];
  let text = await ask(list);
  const person = /data-person="([^"]+)"/.exec(text)?.[1];
  while (later.length < pagesWalked) {
    const next = nextPageIn(text, list);
    if (next === undefined) break;
    later.push(next);
    text = await ask(next);
  }
  return { later, person };
}

const nextPageIn = (text: string, list: string): string | undefined =>
  new RegExp(`href="(${list}\\?after=[^"&]+)"`).exec(text)?.[1];

/** What people type: a word, letters within one, several words, a date, a number. */
const searches: Readonly<Record<string, readonly string[]>> = {
  'a name': ['Warmack', 'Hodan', 'Lindquist', 'Kia'],
  'letters within a name': ['arma', 'indq', 'ang', 'ia'],
  'two names': ['Kia Warma', 'amina ua', 'oda ang', 'a mai son'],
  'a birth date': ['3/11/1985', 'Mar 11, 1962', '1999-03-11'],
  'a name and a birth date': ['Ada 3/11/1985', 'vang 3/11/62'],
  'a phone number': ['612-200-4711', '(612) 201-2345', '2004711'],
  'an MRN': ['p4711', 'p99', 'P120000'],
  'what fits nobody': ['zzzz', 'Kia Zzz', 'qqqq ang'],
};

/** Asks the search, with the page that it leads to. */
export const searchesOf = ({ address, cookie }: Doors): Question[] =>
  Object.entries(searches).map(([name, typed]) => ({
    name: `search, ${name}`,
    ask: async (n) => {
      const find = typed[n % typed.length] ?? '';
      const body = new URLSearchParams({ find });
      const headers = { cookie, 'sec-fetch-site': 'same-origin' };
      const answer = await fetch(`${address}/people/search`, { method: 'POST', headers, body });
      const text = await answer.text();
      if (answer.status !== 200)
        throw new Error(`The search for ${name} answered ${answer.status}: ${text.slice(0, 300)}`);
    },
  }));

/** Reads a page to the end; an answer that is no success is no measurement. */
async function read(url: string, cookie: string): Promise<string> {
  const answer = await fetch(url, { headers: { cookie } });
  const text = await answer.text();
  if (answer.status !== 200)
    throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 300)}`);
  return text;
}
