/** Starts the service that the container's command names; anything else goes to the command line (`migrate`, `token`, …). */
const services = ['intake', 'enrichment', 'referral', 'coordination', 'console'];
const [role = ''] = process.argv.slice(2);
await import(`../services/${services.includes(role) ? role : 'cli'}/src/main.ts`);
