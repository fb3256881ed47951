-- What a site wants otherwise than the guide advises, as JSON (SiteChoices).
alter table connection add column choices text;
