/** For health checks: ends with 0 when the service on this port is ready, and says why it is not. */
try {
  const answer = await fetch(`http://127.0.0.1:${process.argv[2]}/ready`, {
    signal: AbortSignal.timeout(5_000),
  });
  process.stdout.write(`${await answer.text()}\n`);
  process.exit(answer.ok ? 0 : 1);
} catch {
  process.stdout.write('There is no answer\n');
  process.exit(1);
}
