-- People are found by the last digits of a phone number (DECISIONS D156).

create index person_term_last_digits on person_term (tenant, (right(term, 4))) where kind = 'phone';
