-- A site's own codes in LOINC, as the FHIR ConceptMap that it gave. Coding reads it with the connection.
alter table connection add column concept_map text;
