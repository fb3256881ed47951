/**
 * The layers of the house as rules. Imports go down only: services, then shelves and shells, then
 * sdoh, then fhir, then kit. `tools/layers/` plants a breach of each rule and sees it reported
 * under that rule's name.
 */
const test = '(\\.test\\.ts$)|(^packages/sdoh/test/)|(^tests/)';
const own = (layer, allowed, files = []) => ({
  from: { path: `^packages/${layer}/`, pathNot: test },
  to: {
    path: '^(packages|services|openapi|tools)/',
    pathNot: [`^packages/(${[layer, ...allowed].join('|')})/`, ...files.map((file) => `^${file}`)],
  },
});
const shelves = ['ehrs', 'instruments', 'partners'];
const shells = ['http', 'pipeline', 'store'];
/** `start` without an EHR: the process that it starts, and what has to come of it. */
const demonstration = '^services/cli/src/run/(sandbox-process|expected-totals)\\.ts$';

const layers = [
  { name: 'kit-is-the-leaf', comment: 'kit imports nothing of ours.', ...own('kit', []) },
  {
    name: 'outbound-imports-kit-only',
    comment: 'Sockets know nothing of what is said over them.',
    ...own('outbound', ['kit']),
  },
  {
    name: 'fhir-imports-kit-and-outbound-only',
    comment: 'fhir stands on kit; its client goes out through outbound.',
    ...own('fhir', ['kit', 'outbound']),
  },
  {
    name: 'messages-goes-down-only',
    comment: 'Messages go out through outbound, and know nothing of their subject.',
    ...own('messages', ['kit', 'outbound']),
  },
  {
    name: 'sdoh-imports-fhir-and-kit-only',
    comment: 'The domain stands on fhir and kit alone.',
    ...own('sdoh', ['fhir', 'kit']),
  },
  ...[...shelves, ...shells].map((name) => ({
    name: `${name}-goes-down-only`,
    comment:
      'Shelves and shells stand on sdoh, fhir, outbound and kit, never on each other or on services.',
    ...own(name, ['sdoh', 'fhir', 'outbound', 'kit']),
  })),
  {
    name: 'service-stands-on-shells',
    comment: 'The host stands on shells, sdoh, fhir and kit; it knows no service and no shelf.',
    ...own(
      'service',
      [...shells, 'messages', 'sdoh', 'fhir', 'outbound', 'kit'],
      ['openapi/index\\.ts$'],
    ),
  },
  {
    name: 'services-do-not-import-each-other',
    comment: 'Only services/cli composes services.',
    from: { path: '^services/([^/]+)/', pathNot: '^services/cli/|\\.(int|long)\\.test\\.ts$' },
    to: { path: '^services/', pathNot: '^services/$1/' },
  },
  {
    name: 'sandbox-never-in-production',
    comment:
      'The fake EHR and partners are for trying and testing: the demonstration of the CLI starts them, and nothing else that runs knows of them.',
    from: {
      path: '^(packages|services|docker)/',
      pathNot: `^services/sandbox/|${demonstration}|\\.test\\.ts$`,
    },
    to: { path: '^services/sandbox/' },
  },
  {
    name: 'sandbox-is-loaded-by-start-only',
    comment:
      'Without services/sandbox every command but `start` works: only a dynamic import loads it.',
    from: {
      path: '^services/cli/',
      pathNot: '^services/cli/src/run/sandbox-process\\.ts$|\\.test\\.ts$',
    },
    to: {
      path: '^services/(sandbox/|cli/src/run/sandbox-process\\.ts$)',
      dynamic: false,
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'packages-do-not-import-services',
    comment: 'A package that needs a service stands on the wrong side.',
    from: { path: '^packages/' },
    to: { path: '^services/', pathNot: '^services/sandbox/' },
  },
  {
    name: 'products-do-not-import-tools',
    comment: 'Tools are for those who develop; nothing that runs may need them.',
    from: { path: '^(packages|services|openapi|docker)/' },
    to: { path: '^tools/' },
  },
  {
    name: 'products-do-not-import-tests',
    comment:
      'What suites share stands in tests/ or in packages/testing, and nothing that runs needs it.',
    from: { path: '^(packages|services|openapi|docker)/', pathNot: '\\.test\\.ts$' },
    to: { path: '^tests/' },
  },
  {
    name: 'src-holds-no-test-helper',
    comment: 'A file of src that needs a test library belongs in tests/ or in packages/testing.',
    from: { path: '^(packages|services)/[^/]+/src/', pathNot: '\\.test\\.ts$|^packages/testing/' },
    to: { path: '(^|/)node_modules/(vitest|fast-check|supertest|playwright-core)/' },
  },
  {
    name: 'shelf-folders-are-strangers',
    comment:
      'Adding an instrument, EHR or channel touches one folder, so no folder on a shelf knows another.',
    from: { path: `^packages/(${shelves.join('|')})/src/([^/]+)/` },
    to: { path: '^packages/$1/src/[^/]+/', pathNot: '^packages/$1/src/$2/' },
  },
];

const purity = [
  {
    name: 'sdoh-has-no-npm-or-node',
    comment: 'The domain is pure: no I/O and nobody else’s code.',
    from: { path: '^packages/sdoh/', pathNot: '\\.test\\.ts$' },
    to: {
      dependencyTypes: [
        'core',
        'npm',
        'npm-dev',
        'npm-optional',
        'npm-peer',
        'npm-no-pkg',
        'npm-unknown',
      ],
    },
  },
  {
    name: 'sdoh-uses-the-first-door-of-fhir',
    comment: 'Types and references, never the client.',
    from: { path: '^packages/sdoh/' },
    to: {
      path: '^packages/fhir/',
      pathNot: '^packages/fhir/src/(index|types|references|systems)\\.ts$',
    },
  },
  {
    name: 'first-door-of-fhir-has-no-client',
    comment: 'Whoever wants types must not get a network client with them.',
    from: { path: '^packages/fhir/src/[^/]+\\.ts$', pathNot: '\\.test\\.ts$' },
    to: { path: '^packages/fhir/src/client/' },
  },
  {
    name: 'fhir-client-only-where-servers-are-spoken-to',
    comment: 'EHR and partner shelves and the services that talk to other servers.',
    from: {
      path: '^(packages|services)/',
      pathNot:
        '^packages/(fhir|ehrs|partners|service|testing)/|^services/(intake|referral|cli)/|\\.test\\.ts$',
    },
    to: { path: '^packages/fhir/src/client/' },
  },
  {
    name: 'sockets-only-in-outbound',
    comment: 'Every socket that we open is checked, counted and ended by outbound.',
    from: {
      path: '^(packages|services)/',
      pathNot:
        '^packages/(outbound|testing)/|^packages/fhir/src/client/|^services/(sandbox|cli)/|\\.test\\.ts$|/fixtures/|^packages/[^/]+/test/',
    },
    to: { path: '(^|/)node_modules/undici/|^(node:)?(tls|https|http2|dgram)$' },
  },
  {
    name: 'mail-only-in-messages',
    comment: 'Mail leaves with a receipt and a budget, over a checked connection.',
    from: {
      path: '^(packages|services)/',
      pathNot: '^packages/messages/|^services/sandbox/|\\.test\\.ts$',
    },
    to: {
      path: '(^|/)node_modules/(nodemailer|standardwebhooks)/|^(nodemailer|standardwebhooks)$',
    },
  },
  {
    name: 'postgres-only-in-the-store',
    comment:
      'SQL and its driver live in the store. BullMQ’s own migrations need a client in the queue file.',
    from: {
      path: '^(packages|services)/',
      pathNot: `^packages/(store|testing)/|^packages/pipeline/src/queue/postgres-queues\\.ts$|${test}`,
    },
    to: { path: '(^|/)node_modules/(@types/)?(pg|pg-pool|kysely)/' },
  },
  {
    name: 'bullmq-only-in-the-pipeline',
    comment: 'Stories know no queue; the pipeline is how we use BullMQ.',
    from: { path: '^(packages|services)/', pathNot: `^packages/pipeline/|${test}` },
    to: { path: '(^|/)node_modules/(bullmq|ioredis)/' },
  },
  {
    name: 'express-only-in-http-and-sandbox',
    comment: 'The http shell is how we use Express; the sandbox plays other people’s servers.',
    from: {
      path: '^(packages|services)/',
      pathNot: '^packages/http/|^services/sandbox/|\\.test\\.ts$',
    },
    to: { path: '(^|/)node_modules/(@types/)?(express|express-serve-static-core)/' },
  },
  {
    name: 'only-tests-import-testing',
    comment:
      "Synthetic people and test databases have no business in what runs. tools/rows.ts reads a database's catalog with it.",
    from: {
      path: '^(packages|services|tools|openapi|tests|docker)/',
      pathNot: `^packages/testing/|^tools/rows\\.ts$|${test}`,
    },
    to: { path: '^packages/testing/' },
  },
  {
    name: 'no-way-around-the-front-door',
    comment: 'Another package is entered by what it exports.',
    from: { path: '^(packages|services)/([^/]+)/', pathNot: '\\.(int|long)\\.test\\.ts$' },
    to: {
      path: '^(packages|services)/[^/]+/src/',
      pathNot:
        '^$1/$2/|^(packages|services)/[^/]+/src/index\\.ts$|^packages/fhir/src/(client|files|server)/index\\.ts$|^services/sandbox/src/main\\.ts$',
    },
  },
  {
    name: 'nobody-imports-a-test',
    comment: 'What two tests share belongs in a file of its own.',
    from: { path: '^(packages|services|tools|openapi|tests|docker)/' },
    to: { path: '\\.test\\.ts$' },
  },
  {
    name: 'only-tests-import-test-support',
    comment: 'Files in a test folder beside src serve tests; no product may need them.',
    from: { path: '^(packages|services|tools|openapi|docker)/', pathNot: test },
    to: { path: '^packages/[^/]+/test/' },
  },
  {
    name: 'no-circles',
    comment: 'Two files that need each other are one file, or need a third.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'what-is-imported-exists',
    comment: 'An import that cannot be resolved escapes every other rule.',
    from: { path: '^(packages|services|tools|openapi|tests|docker)/' },
    to: { couldNotResolve: true },
  },
];

module.exports = {
  forbidden: [...layers, ...purity].map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: 'node_modules|^openapi/generated' },
    exclude: { path: '^(packages|services)/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    // pnpm links workspace packages; by their real paths the rules above see which folder is meant.
    preserveSymlinks: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
    combinedDependencies: false,
  },
};
