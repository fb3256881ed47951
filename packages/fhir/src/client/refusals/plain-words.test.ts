import { describe, expect, it } from 'vitest';
import { elementPath, plainWords } from './plain-words.ts';

describe('what operators read of the words of a server', () => {
  it.each([
    ['Not authorized', 'Not authorized'],
    [
      'User Rate Limit Exceeded, Try in another 844 seconds',
      'User Rate Limit Exceeded, Try in another 844 seconds',
    ],
    [
      'This search may not contain the entire record',
      'This search may not contain the entire record',
    ],
    ['Body contained unsupported fields', 'Body contained unsupported fields'],
    [
      'The _sort parameter is not supported: use _lastUpdated',
      'The _sort parameter is not supported: use _lastUpdated',
    ],
    ['HAPI-0389: Failed to call access method', 'HAPI-0389: Failed to call access method'],
    ["Missing required element 'Encounter.status'", 'Missing required element Encounter.status'],
    [
      'invalid_client: JWT signature could not be verified',
      'invalid_client: JWT signature could not be verified',
    ],
    ['RateLimitExceeded: quota of 30 calls', 'RateLimitExceeded: quota of 30 calls'],
  ])('keeps what is about the request: %s', (said, shown) => {
    expect(plainWords(said)).toBe(shown);
  });

  it.each([
    ['Order of Ada Lind is locked by the pharmacy', 'Order of … is locked by the …'],
    ['ADA LIND NOT FOUND IN SYSTEM', '… FOUND IN SYSTEM'],
    ['Patient Will Grant may not be read', 'Patient … may not be read'],
    ['Patient Mark Key was not found', 'Patient … was not found'],
    ['No record for MRN-1234567, born 1988-06-14', 'No record for …'],
    ['Patient/8831 is locked by user jsmith', '… is locked by user …'],
    ['The value "I have no money for food" is not valid', 'The value … is not valid'],
    ["Invalid value 'no' in Observation.valueString", 'Invalid value … in Observation.valueString'],
    ['Value homeless is not in the value set', 'Value … is not in the value set'],
    ['Answer 3 is not valid for this record', '… is not valid for this record'],
    ['Duplicate of record 123-45-6789 in system', 'Duplicate of record … in system'],
    [
      'Contact Dr. José Núñez at jose@example.org to resolve this',
      'Contact … at … to resolve this',
    ],
    ['Condition with code Z59.41 already exists', 'Condition with code … already exists'],
    ['Rejected: Lind, Ada (05/14/1988) has no active coverage', 'Rejected: … has no active …'],
  ])('leaves out names, dates, ids and answers: %s', (said, shown) => {
    expect(plainWords(said)).toBe(shown);
  });

  it('shows what we sent ourselves, and nothing where nothing can be shown', () => {
    expect(plainWords('Public key not found: k1')).toBe('Public key not found: …');
    expect(plainWords('Public key not found: k1', ['k1'])).toBe('Public key not found: k1');
    expect(plainWords("Client 'loopwell' is not registered", ['loopwell'])).toBe(
      'Client loopwell is not registered',
    );
    for (const nothing of [
      undefined,
      '',
      'Lind',
      '<html><title>502 Bad Gateway</title></html>',
      'Ada Lind 1988',
    ])
      expect(plainWords(nothing)).toBeUndefined();
  });

  it('is short, whatever comes', () => {
    expect(plainWords('the request was refused. '.repeat(1_000))?.length).toBeLessThanOrEqual(300);
  });
});

describe('the element that a server names', () => {
  it.each([
    ['/f:Encounter/f:status', 'Encounter.status'],
    ['Encounter.status', 'Encounter.status'],
    ['Bundle.entry[3].resource.status', 'Bundle.entry[3].resource.status'],
    ['Observation.value[x]', 'Observation.value[x]'],
  ])('is read from %s', (said, path) => expect(elementPath(said)).toBe(path));

  it.each([
    'Patient/ada',
    'Patient.ada',
    'Ada Lind',
    'Encounter',
    '',
    undefined,
    7,
    'Patient/123/name',
  ])('is none in %s', (said) => expect(elementPath(said)).toBeUndefined());
});
