/**
 * Lists in SQL the Patients that are the same person as one, itself included.
 *
 * @param place the value that holds the Patient's derived id, such as `$5`
 */
export const patientsLike = (place: string): string =>
  `array(select ${place}::uuid union all
     select o.patient from patient_link l join patient_link o
       on o.tenant = l.tenant and o.person = l.person
      where l.tenant = $tenant and o.tenant = $tenant and l.patient = ${place}::uuid)`;
