import type { Formats } from './formats.ts';

/** Makes the English texts of the side menu of the care team. */
export const listTexts = ({ count }: Formats) => ({
  label: 'Lists',
  groups: { now: 'Now', work: 'My work', sent: 'Sent', everybody: 'Everybody' },
  names: {
    callToday: 'Call today',
    seeFirst: 'See first',
    decide: 'Decide',
    ask: 'Ask them',
    signature: 'Get a signature',
    service: 'Pick a service',
    later: 'Later',
    calls: 'Partners to call',
    waiting: 'Waiting for partner',
    withoutHelp: 'Still without help',
    helped: 'Helped',
    appointments: 'Appointments',
    people: 'People',
    screenings: 'Answers to check',
    partners: 'Partners',
    dueLists: 'Due lists',
    covers: 'Who is away',
  },
  people: (n: number) => `${count(n)} people`,
  orMore: (n: number) => `${count(n)}+`,
  find: 'Find a person',
  findHint: 'Name, birth date, MRN, phone',
  findButton: 'Find',
});
