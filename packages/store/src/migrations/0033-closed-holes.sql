-- What an EHR cannot show may be anybody's: a person says that it need not be waited for.
alter table quarantine add column closed_by text;
