/**
 * Lists in SQL the Patients of a human being, who is named by the person's own id or by that of any
 * of their Patients. An id that is not known stands for itself.
 * Patients who were erased count, so that their account can be read.
 *
 * @param place the value that holds the id, such as `$5`
 */
export const patientsOfHuman = (place: string): string =>
  `array(select l.patient from patient_link l where l.tenant = $tenant and l.person = coalesce(
       (select h.person from patient_link h
         where h.tenant = $tenant and h.person = ${place}::uuid limit 1),
       (select p.person from patient_link p where p.tenant = $tenant
       and p.patient = ${place}::uuid))
     union all
     select e.patient from erased_patient e where e.tenant = $tenant and e.person = coalesce(
       (select x.person from erased_patient x
         where x.tenant = $tenant and x.patient = ${place}::uuid), ${place}::uuid)
     union all
     select ${place}::uuid where not exists (select 1 from patient_link k
       where k.tenant = $tenant and (k.patient = ${place}::uuid or k.person = ${place}::uuid)))`;
